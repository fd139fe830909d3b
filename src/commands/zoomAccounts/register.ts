import { DomainError } from '../../domain/kernel/domainError.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import { poolId, zoomPool } from '../../domain/zoomPool/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { Kit } from '../lessons/deps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { accountAnswer } from './answer.ts';
import type { RegisterZoomAccount, ZoomAccountAnswer } from './types.ts';

/**
 * Enlists the Zoom user in the pool, then registers the account. A member whose registration never came counts as nothing: who
 * registers that user next completes it, under the id that was enlisted.
 * @throws DomainError `zoomUserEnlisted` (with the account that has it), `zoomAccountExists`, `invalidCapacity`
 */
export const createRegister = ({ pipeline }: Kit) => async (input: RegisterZoomAccount, ctx: CommandContext): Promise<ZoomAccountAnswer> => {
  const { zoomUser, capacity, credentialsRef, cloudRecording } = input;
  const wanted = input.accountId ?? deriveId(ctx.commandId, 'zoomAccount');
  const command = (accountId: string) => ({ type: 'register' as const, accountId, zoomUser, capacity, credentialsRef, cloudRecording });
  zoomAccount.decider.decide(command(wanted), zoomAccount.decider.initial);

  const accountId = await pipeline.execute(zoomPool, poolId, { type: 'enlist', accountId: wanted, zoomUser }, ctx, { step: 'enlist' }).then(
    () => wanted,
    async (error: unknown) => {
      if (!(error instanceof DomainError && error.code === 'zoomUserEnlisted')) throw error;
      const enlisted = String(error.details['accountId']);
      const { state } = await pipeline.load(zoomAccount, enlisted, { fresh: true });
      if (state.registered) throw error;
      return enlisted;
    },
  );
  return accountAnswer(await pipeline.execute(zoomAccount, accountId, command(accountId), ctx, { step: 'register' }));
};
