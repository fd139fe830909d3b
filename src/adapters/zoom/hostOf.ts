import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import { MeetingsError, type MeetingHost } from '../../ports/meetings.ts';

/** The Zoom host behind one of our accounts. @throws MeetingsError `rejected` when the account is unknown, or its address was forgotten */
export function createHostOf(pipeline: Pick<Pipeline, 'load'>) {
  return async (accountId: string): Promise<MeetingHost> => {
    const { state } = await pipeline.load(zoomAccount, accountId);
    if (state.registered && state.zoomUser !== '') return { credentialsRef: state.credentialsRef, user: state.zoomUser };
    const fresh = await pipeline.load(zoomAccount, accountId, { fresh: true });
    const { registered, zoomUser, credentialsRef } = fresh.state;
    if (!registered || zoomUser === '') throw new MeetingsError('rejected', `Zoom account ${accountId} has no host`);
    return { credentialsRef, user: zoomUser };
  };
}
