import type { ZoomAccount } from '../../domain/zoomAccount/index.ts';
import type { Executed } from '../pipeline/pipeline.ts';
import type { ZoomAccountAnswer } from './types.ts';

export function accountAnswer({ id, revision, position, state }: Executed<ZoomAccount, unknown>, movedLessons: readonly string[] = []): ZoomAccountAnswer {
  const { capacity, enabled, cloudRecording, credentialsRef, calendar } = state;
  return { id, revision, position, account: { id, capacity, enabled, cloudRecording, credentialsRef, activeLeases: calendar.leases.length }, movedLessons };
}
