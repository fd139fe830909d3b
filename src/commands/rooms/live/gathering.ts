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
/** From one moment of writing to the next, at full load: with the commit and the frames behind it below what a hand at the board notices. Milliseconds. */
const longestMs = 50;
/** Whoever comes late waits at least for so much of it, so that all come along. */
const least = 1 / 4;

/** Milliseconds. */
type Time = { now(): number; later(run: () => void, ms: number): void };
const time: Time = { now: () => performance.now(), later: (run, ms) => void setTimeout(run, ms) };

/**
 * When rooms write. A batch costs a commit and a frame to each socket whether one op is in it or ten, so the busier the process, the further
 * apart are its moments of writing; an idle one writes what arrived in this turn of the event loop. All rooms of a process go together, so
 * that their batches share one commit too. What counts is from one moment to the next: where writing itself takes long (the heap is being
 * marked), a quarter of it at most is waited on top.
 * @param busy share of its time that the process worked of late, 0 to 1: what counts is a second or so, or rooms wait and hurry in turns, each half a second
 */
export function createGathering(busy: () => number = createProcessLoad(), { now, later }: Time = time): Gathering {
  let next: Promise<void> | undefined;
  let last = -Infinity;
  return {
    turn() {
      const apartMs = Math.min(1, (busy() - leisure) / (full - leisure)) * longestMs;
      if (apartMs < 1) return nextTurn();
      next ??= new Promise((resolve) => later(() => {
        next = undefined;
        last = now();
        resolve();
      }, Math.max(apartMs * least, last + apartMs - now())));
      return next;
    },
  };
}
