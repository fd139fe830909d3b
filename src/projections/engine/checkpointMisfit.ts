import type { EventLog } from '../../eventLog/eventLog.ts';
import { START } from '../../ports/eventStore.ts';
import { CheckpointMisfit } from './engineOptions.ts';
import type { Generation } from './generations.ts';

/** Whether a checkpoint can have been taken on this log. The head is read after the checkpoint, so it cannot lag behind a sound one. */
export async function checkpointMisfit(log: EventLog, logId: string, row: Generation): Promise<CheckpointMisfit | undefined> {
  if (row.position === START) return undefined;
  if (row.logId !== undefined && row.logId !== logId) {
    return new CheckpointMisfit('checkpointOfAnotherLog', row.name, `its checkpoint was taken on log ${row.logId}, but this is log ${logId}`);
  }
  const head = await log.head();
  if (row.position <= head) return undefined;
  return new CheckpointMisfit('checkpointBeyondHead', row.name, `its checkpoint ${row.position} lies beyond the log's head ${head === START ? '(the log is empty)' : head}: the log was restored from an older copy, or is another`);
}
