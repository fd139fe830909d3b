import { setImmediate as nextTurn } from 'node:timers/promises';
import { createProcessLoad } from '../../../ports/processLoad.ts';

export type Gathering = {
  /** Resolves when a room that has something to write should take what is there. */
  turn(): Promise<void>;
};

/** Below this share of its time the process is at leisure, and nobody waits for company. */
const leisure = 0.5;
/** From here on it is full: while the database writes on the same core, the loop has nothing to do. */
const full = 0.75;
/** At full load: with the commit and the frames behind it, well below what a hand at the board notices as late. Milliseconds. */
const longestMs = 40;

/**
 * When rooms write. A batch costs a commit and a frame to each socket whether one op is in it or ten, so the busier the process, the longer
 * ops wait for company; an idle one writes what arrived in this turn of the event loop. All rooms of a process go together, so that their
 * batches share one commit too.
 * @param busy share of its time that the process worked of late, 0 to 1: what counts is a second or so, or rooms wait and hurry in turns, each half a second
 */
export function createGathering(busy: () => number = createProcessLoad()): Gathering {
  let next: Promise<void> | undefined;
  return {
    turn() {
      const waitMs = Math.round(Math.min(1, (busy() - leisure) / (full - leisure)) * longestMs);
      if (waitMs < 1) return nextTurn();
      next ??= new Promise((resolve) => setTimeout(() => {
        next = undefined;
        resolve();
      }, waitMs));
      return next;
    },
  };
}
