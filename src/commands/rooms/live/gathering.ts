import { setImmediate as nextTurn } from 'node:timers/promises';

export type Gathering = {
  /** Resolves when a room that has something to write should take what is there. */
  turn(): Promise<void>;
};

/** Below this share of its time the process is at leisure, and nobody waits for company. */
const leisure = 0.5;
/** At full load. A tenth of what a hand at the board would notice as late is left for everything else. Milliseconds. */
const longestMs = 25;
const measureEveryMs = 50;
/** What was longer ago weighs less and less. Without it rooms wait and hurry in turns, each half a second. */
const memoryMs = 1_000;

/**
 * When rooms write. A batch costs a commit and a frame to each socket whether one op is in it or ten, so the busier the process, the longer
 * ops wait for company; an idle one writes what arrived in this turn of the event loop. All rooms of a process go together, so that their
 * batches share one commit too.
 * @param busy share of its time that the process worked of late, 0 to 1
 */
export function createGathering(busy: () => number = createLoad()): Gathering {
  let next: Promise<void> | undefined;
  return {
    turn() {
      const waitMs = Math.round(((busy() - leisure) / (1 - leisure)) * longestMs);
      if (waitMs < 1) return nextTurn();
      next ??= new Promise((resolve) => setTimeout(() => {
        next = undefined;
        resolve();
      }, waitMs));
      return next;
    },
  };
}

/** Looked at when asked, at most twenty times a second: no timer of its own. */
function createLoad(): () => number {
  let since = performance.eventLoopUtilization();
  let at = performance.now();
  let share = 0;
  return () => {
    const now = performance.now();
    const passedMs = now - at;
    if (passedMs >= measureEveryMs) {
      const until = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(until, since);
      share += (utilization - share) * (1 - Math.exp(-passedMs / memoryMs));
      since = until;
      at = now;
    }
    return share;
  };
}
