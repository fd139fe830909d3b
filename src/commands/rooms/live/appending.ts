import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../../../eventLog/eventLog.ts';
import { EventStoreError, type EventToAppend } from '../../../ports/eventStore.ts';

export type Appending = {
  /**
   * Appends until it is known how it went: the very same append (same ids, same revision) is repeated while the log is away or its answer
   * was lost. `conflict`: somebody else writes this stream, so we are not its owner. `gaveUp`: not known after `giveUpMs`, or when we might not repeat it any more.
   * @throws EventStoreError `invalid`, `tooLarge`, `streamDeleted`: nothing was written, and nothing would be
   */
  append(stream: string, events: readonly EventToAppend[], revision: number): Promise<'appended' | 'conflict' | 'gaveUp'>;
};

export type AppendingTimes = { giveUpMs: number; mostPauseMs: number };

/**
 * @param mayRepeat asked before each repeat: false once the room is not ours to write any more
 */
export function createAppending(log: Pick<EventLog, 'append'>, times: AppendingTimes, mayRepeat: () => boolean): Appending {
  return {
    async append(stream, events, revision) {
      const began = performance.now();
      for (let pause = 20; ; pause = Math.min(pause * 2, times.mostPauseMs)) {
        try {
          return (await log.append(stream, events, { expectedRevision: revision < 0 ? 'noStream' : revision })).outcome;
        } catch (error) {
          if (!mayBeThere(error)) throw error;
        }
        if (performance.now() - began > times.giveUpMs) return 'gaveUp';
        await sleep(pause);
        if (!mayRepeat()) return 'gaveUp';
      }
    },
  };
}

/** Not written, or nobody knows: worth another try. */
const mayBeThere = (error: unknown): boolean => error instanceof EventStoreError && (error.code === 'unknownOutcome' || error.code === 'unavailable');
