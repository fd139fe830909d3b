import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Position } from '../../ports/eventStore.ts';

/**
 * A checkpoint is stored now and then, so rows may be complete beyond it: as far as no event of the read model's types follows. A
 * process that does not feed looks that up in the log for whoever waits there, instead of waiting for the next store.
 * @param types undefined: every event concerns the read model
 * @returns a position from `from` on: `goal` or beyond, if nothing lies between
 * @throws what the log throws, and when it does not answer within a second
 */
export async function completeUpTo(log: EventLog, types: readonly string[] | undefined, from: Position, goal: Position): Promise<Position> {
  const over = AbortSignal.timeout(1_000);
  let reached = from;
  for await (const { events, position, caughtUp } of log.subscribeAll({ after: from, ...(types && { types }), maxBatch: 1, signal: over })) {
    if (events.length > 0) return reached;
    reached = position;
    if (reached >= goal || caughtUp) return reached;
  }
  over.throwIfAborted();
  return reached;
}
