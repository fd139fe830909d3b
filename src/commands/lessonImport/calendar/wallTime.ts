/** Seconds since 1970-01-01T00:00:00 as a clock on the wall shows them: no zone, no daylight saving. */
export type Wall = number;
/** Seconds since the epoch, UTC. */
export type Instant = number;

export const DAY = 86_400;

export type Civil = { year: number; month: number; day: number; hour: number; minute: number; second: number };

/** Months 1–12; days and times may overflow as in Date.UTC. Years from 100. */
export const wallOf = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): Wall =>
  Date.UTC(year, month - 1, day, hour, minute, second) / 1000;

export const civilOf = (wall: Wall): Civil => {
  const date = new Date(wall * 1000);
  return {
    year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(),
    hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds(),
  };
};

export const midnight = (wall: Wall): Wall => Math.floor(wall / DAY) * DAY;

/** 0 = Monday … 6 = Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (wall: Wall): number => (((Math.floor(wall / DAY) + 3) % 7) + 7) % 7;

export const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
export const daysInYear = (year: number): number => (wallOf(year + 1, 1, 1) - wallOf(year, 1, 1)) / DAY;

/** 2026-03-02T18:00 */
export const localText = (wall: Wall): string => new Date(wall * 1000).toISOString().slice(0, 16);
/** 2026-03-02 */
export const dateText = (wall: Wall): string => new Date(wall * 1000).toISOString().slice(0, 10);
export const instantText = (instant: Instant): string => new Date(instant * 1000).toISOString();
