import { Refusal } from './refusal.ts';
import { type Wall, civilOf, wallOf } from './wallTime.ts';

/** A DATE or DATE-TIME as it stands in the file; what zone a `local` one is in, its property says (RFC 5545, 3.3.4 and 3.3.5). */
export type DateValue = { kind: 'date' | 'local' | 'utc'; wall: Wall };

const stamp = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?$/i;

export const parseDateValue = (text: string, line?: number): DateValue => {
  const match = stamp.exec(text.trim());
  if (!match) throw new Refusal('badDate', `“${text.slice(0, 40)}” is no date`, line);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const wall = year < 1000 ? NaN : wallOf(year, month, day, hour, minute, Math.min(second, 59));
  // A leap second (60) is allowed by the RFC and no wall shows it.
  const back = Number.isNaN(wall) ? undefined : civilOf(wall);
  if (!back || back.month !== month || back.day !== day || back.hour !== hour || back.minute !== minute || second > 60) {
    throw new Refusal('badDate', `“${text.slice(0, 40)}” does not exist`, line);
  }
  return { kind: match[4] === undefined ? 'date' : match[7] ? 'utc' : 'local', wall };
};

const length = /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$/i;

/** DURATION (RFC 5545, 3.3.6) in seconds; days count as 24 h (longer than any lesson anyway). */
export const parseDuration = (text: string, line?: number): number => {
  const match = length.exec(text.trim());
  if (!match || text.trim().length < 3) throw new Refusal('badLength', `“${text.slice(0, 40)}” is no duration`, line);
  const [weeks, days, hours, minutes, seconds] = match.slice(2, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number];
  return (match[1] === '-' ? -1 : 1) * (((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds);
};

/** UTC-OFFSET (RFC 5545, 3.3.14) in seconds east of UTC; the colon that some programs write is tolerated. */
export const parseOffset = (text: string): number | undefined => {
  const match = /^([+-])(\d{2}):?(\d{2}):?(\d{2})?$/.exec(text.trim());
  if (!match) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return seconds > 86_400 ? undefined : match[1] === '-' ? -seconds : seconds;
};
