import type { PendingAppend } from './pendingAppend.ts';

/**
 * Appends that wait for the next batch, in order of arrival, at most one per stream in `next()`: of one stream the next one
 * comes along only when the last is settled. So a batch never has to see its own appends.
 */
export type AppendQueue = {
  /** Appends, also those in flight. */
  size(): number;
  bytes(): number;
  push(append: PendingAppend): void;
  /** Up to `maxAppends` appends and about `maxBytes`, but at least one, if any is ready. */
  next(maxAppends: number, maxBytes: number): PendingAppend[];
  /** The append is answered: its stream's next one may go. */
  settled(append: PendingAppend): void;
  /** Takes out the ready ones that match. They count as settled. */
  remove(matches: (append: PendingAppend) => boolean): PendingAppend[];
};

/** Taken while an append of the stream is ready or in flight; the others wait for that one. */
type Place = { isTaken: boolean; following: PendingAppend[] };
const mostPlaces = 1_024;

export function createAppendQueue(): AppendQueue {
  let ready: PendingAppend[] = [];
  let taken = 0;
  /** Streams that were written of late. Those that rest are dropped all together: a Map that changes with every append leaves its old tables to the collector. */
  let places = new Map<string, Place>();
  let size = 0;
  let bytes = 0;

  const settled = (append: PendingAppend) => {
    size -= 1;
    bytes -= append.bytes;
    const place = places.get(append.stream);
    const next = place?.following.shift();
    if (next) ready.push(next);
    else if (place) place.isTaken = false;
  };

  return {
    size: () => size,
    bytes: () => bytes,
    push(append) {
      size += 1;
      bytes += append.bytes;
      let place = places.get(append.stream);
      if (!place) {
        if (places.size >= mostPlaces + size) places = new Map([...places].filter(([, { isTaken }]) => isTaken));
        places.set(append.stream, (place = { isTaken: false, following: [] }));
      }
      if (place.isTaken) place.following.push(append);
      else {
        place.isTaken = true;
        ready.push(append);
      }
    },
    next(maxAppends, maxBytes) {
      const from = taken;
      let batchBytes = 0;
      while (taken < ready.length && taken - from < maxAppends) {
        batchBytes += ready[taken]?.bytes ?? 0;
        if (batchBytes > maxBytes && taken > from) break;
        taken += 1;
      }
      const batch = ready.slice(from, taken);
      if (taken > 1_024 || taken === ready.length) {
        ready = ready.slice(taken);
        taken = 0;
      }
      return batch;
    },
    settled,
    remove(matches) {
      const waiting = ready.slice(taken);
      const removed = waiting.filter(matches);
      ready = waiting.filter((append) => !matches(append));
      taken = 0;
      for (const append of removed) settled(append);
      return removed;
    },
  };
}
