/** Seconds since 1970-01-01T00:00:00 as a clock on the wall shows them: no zone, no daylight saving. */
export type Wall = number;
/** Seconds since the epoch, UTC. */
export type Instant = number;

export const DAY = 86_400;

export type Civil = { year: number; month: number; day: number; hour: number; minute: number; second: number };

/** Months 1–12; days and times may overflow as in Date.UTC. Years from 100. */
export const wallOf = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): Wall =>
  Date.UTC(year, month - 1, day, hour, minute, second) / 1000;

/** By whole numbers alone (the days of 400 years repeat): rules ask this for every day that they pass, and a Date each would be slow. */
export const civilOf = (wall: Wall): Civil => {
  const days = Math.floor(wall / DAY);
  const time = wall - days * DAY;
  // Counted from 1 March of year 0, so that the leap day is a year's last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    hour: Math.floor(time / 3600), minute: Math.floor((time % 3600) / 60), second: Math.floor(time % 60),
  };
};

export const midnight = (wall: Wall): Wall => Math.floor(wall / DAY) * DAY;

/** 0 = Monday … 6 = Sunday. 1970-01-01 was a Thursday. */
export const weekdayOf = (wall: Wall): number => (((Math.floor(wall / DAY) + 3) % 7) + 7) % 7;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
export const daysInMonth = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (lengths[month - 1] ?? 0));
export const daysInYear = (year: number): number => (isLeap(year) ? 366 : 365);

/** 2026-03-02T18:00 */
export const localText = (wall: Wall): string => new Date(wall * 1000).toISOString().slice(0, 16);
/** 2026-03-02 */
export const dateText = (wall: Wall): string => new Date(wall * 1000).toISOString().slice(0, 10);
export const instantText = (instant: Instant): string => new Date(instant * 1000).toISOString();
