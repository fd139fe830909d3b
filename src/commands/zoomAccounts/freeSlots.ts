import { fits, neighbours, type Calendar, type Wish } from '../../domain/calendar/index.ts';

/** A calendar that must have a place left, and the gap (ms) that it keeps. */
export type Fitting = { calendar: Calendar; capacity: number; gap: number };

const grid = 5 * 60_000;
const reach = 7 * 24 * 3_600_000;
/** Between two suggestions on one account. */
const apart = 15 * 60_000;

/**
 * Looks for the starts nearest to `wish.from` (before or after it, at most a week away, later than `now`), at whole five minutes, at which one
 * of the accounts looked at and everyone in `all` has a place for as long as the wish lasts. Jumps from obstacle to obstacle instead of trying
 * every minute, and goes no further than what was found already.
 */
export function searchFreeSlots(wish: Wish, all: readonly Fitting[], { now, count }: { now: number; count: number }): { look(account: Fitting): void; found(): number[] } {
  const length = wish.until - wish.from;
  const best: number[] = [];
  const distance = (start: number) => Math.abs(start - wish.from);
  const worst = () => (best.length < count ? reach : distance(best[best.length - 1] ?? wish.from));

  const note = (start: number) => {
    if (best.includes(start)) return;
    best.push(start);
    best.sort((a, b) => distance(a) - distance(b) || a - b);
    best.length = Math.min(best.length, count);
  };

  return {
    look(account) {
      const calendars = [account, ...all];
      for (const direction of [1, -1] as const) {
        let start = direction > 0 ? Math.ceil(Math.max(wish.from, now + 1) / grid) * grid : Math.floor(wish.from / grid) * grid;
        for (let found = 0; found < count && distance(start) <= worst() && start > now; ) {
          const blocked = obstacle(calendars, { ...wish, from: start, until: start + length }, direction);
          if (blocked === undefined) {
            note(start);
            found += 1;
            start += direction * apart;
          } else start = blocked;
        }
      }
    },
    found: () => best.toSorted((a, b) => a - b),
  };
}

/** Undefined when every calendar has a place; else the next start worth trying in that direction. */
function obstacle(calendars: readonly Fitting[], wish: Wish, direction: 1 | -1): number | undefined {
  for (const { calendar, capacity, gap } of calendars) {
    const asked = { ...wish, gap };
    const near = neighbours(calendar, asked);
    if (fits(near, capacity, asked)) continue;
    // Nothing changes before the first of them is out of the way.
    return direction > 0
      ? Math.ceil(Math.min(...near.map(({ until }) => until + gap)) / grid) * grid
      : Math.floor((Math.max(...near.map(({ from }) => from)) - gap - (wish.until - wish.from)) / grid) * grid;
  }
  return undefined;
}
