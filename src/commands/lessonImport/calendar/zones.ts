import { Temporal } from 'temporal-polyfill';
import type { Instant, Wall } from './wallTime.ts';

/** A place's clock. Wall times that do not exist or exist twice are read as RFC 5545, 3.3.5 says: with the offset before the change. */
export type Zone = {
  /** IANA name; null for one that only the file knows. */
  iana: string | null;
  toInstant(wall: Wall): Instant;
  toWall(instant: Instant): Wall;
};

/** From `at` on (epoch seconds) the offset is `to` (seconds east of UTC). */
export type Transition = { at: Instant; from: number; to: number };

/** `transitions` ascending. Before the first, its `from` holds. */
export const zoneOf = (iana: string | null, offset: number, transitions: readonly Transition[]): Zone => {
  /** Index of the last transition that `reached` holds for, or -1. */
  const lastReached = (reached: (transition: Transition) => boolean): number => {
    let low = 0;
    let high = transitions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const transition = transitions[middle];
      if (transition && reached(transition)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const offsetAfter = (index: number): number => transitions[index]?.to ?? transitions[0]?.from ?? offset;
  return {
    iana,
    // In a gap the wall jumps from at+from to at+to, in a repeat it falls back: either way the new offset is used from the later one on.
    toInstant: (wall) => wall - offsetAfter(lastReached((t) => wall >= t.at + Math.max(t.from, t.to))),
    toWall: (instant) => instant + offsetAfter(lastReached((t) => instant >= t.at)),
  };
};

export const utc: Zone = zoneOf('UTC', 0, []);

/** A zone by its IANA name (any case, old names too), exact between the two instants; undefined when it is not known. */
export const ianaZone = (name: string, from: Instant, until: Instant): Zone | undefined => {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{1,60}$/.test(name)) return undefined;
  try {
    let at = new Temporal.ZonedDateTime(BigInt(from) * 1_000_000_000n, name);
    const offset = seconds(at);
    const transitions: Transition[] = [];
    for (;;) {
      const next = at.getTimeZoneTransition('next');
      if (!next || next.epochMilliseconds > until * 1000) break;
      transitions.push({ at: Math.floor(next.epochMilliseconds / 1000), from: seconds(at), to: seconds(next) });
      at = next;
    }
    return zoneOf(at.timeZoneId, offset, transitions);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const seconds = (at: Temporal.ZonedDateTime): number => Math.round(at.offsetNanoseconds / 1e9);
