import { Refusal } from './refusal.ts';
import { parseDateValue, type DateValue } from './dateValues.ts';

export type Frequency = 'YEARLY' | 'MONTHLY' | 'WEEKLY' | 'DAILY' | 'HOURLY' | 'MINUTELY' | 'SECONDLY';

/** A parsed RECUR value (RFC 5545, 3.3.10). Weekdays: 0 = Monday … 6 = Sunday; `nth` 0 = every one. */
export type Rule = {
  freq: Frequency;
  interval: number;
  count?: number;
  until?: DateValue;
  wkst: number;
  bySecond?: readonly number[];
  byMinute?: readonly number[];
  byHour?: readonly number[];
  byDay?: readonly { nth: number; weekday: number }[];
  byMonthDay?: readonly number[];
  byYearDay?: readonly number[];
  byWeekNo?: readonly number[];
  byMonth?: readonly number[];
  bySetPos?: readonly number[];
};

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const frequencies: readonly string[] = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY', 'SECONDLY'] satisfies Frequency[];
const isFrequency = (text: string): text is Frequency => frequencies.includes(text);

/** @throws Refusal `badRule`. What cannot be understood is never passed over: a wrong timetable is worse than a refused event. */
export const parseRule = (text: string, line?: number): Rule => {
  const bad = (what: string): never => {
    throw new Refusal('badRule', `its rule ${what}`, line);
  };
  if (text.length > 10_000) bad('is longer than any rule needs');
  const parts = new Map<string, string>();
  for (const part of text.trim().split(';')) {
    if (part.trim() === '') continue;
    const [name = '', value, extra] = part.split('=').map((piece) => piece.trim().toUpperCase());
    if (value === undefined || value === '' || extra !== undefined) bad(`has the part “${part.slice(0, 40)}”, which is none`);
    else if (parts.has(name)) bad(`says ${name} twice`);
    else parts.set(name, value);
  }
  const take = (name: string): string | undefined => {
    const value = parts.get(name);
    parts.delete(name);
    return value;
  };
  const whole = (name: string, value: string, min: number, max: number): number => {
    const number = /^[+-]?\d{1,10}$/.test(value) ? Number(value) : NaN;
    return number >= min && number <= max ? number : bad(`has ${name}=${value.slice(0, 40)}`);
  };
  /** `signed`: −max … −1 too, and 0 is not allowed. */
  const list = (name: string, min: number, max: number, signed: 'signed' | 'unsigned' = 'unsigned'): number[] | undefined => {
    const value = take(name);
    if (value === undefined) return undefined;
    const numbers = value.split(',').map((piece) => whole(name, piece.trim(), signed === 'signed' ? -max : min, max));
    if (signed === 'signed' && numbers.includes(0)) bad(`has a 0 in ${name}`);
    return [...new Set(numbers)].sort((a, b) => a - b);
  };
  const weekday = (name: string, value: string): number => {
    const index = weekdays.indexOf(value);
    return index < 0 ? bad(`has ${name}=${value.slice(0, 40)}`) : index;
  };

  const freq = take('FREQ') ?? bad('has no FREQ');
  if (!isFrequency(freq)) return bad(`has FREQ=${freq.slice(0, 40)}`);
  const interval = whole('INTERVAL', take('INTERVAL') ?? '1', 1, 1_000_000);
  const countText = take('COUNT');
  const untilText = take('UNTIL');
  const byDayText = take('BYDAY');
  const rule: Rule = {
    freq, interval,
    wkst: weekday('WKST', take('WKST') ?? 'MO'),
    ...defined('count', countText === undefined ? undefined : whole('COUNT', countText, 1, 9_999_999_999)),
    ...defined('until', untilText === undefined ? undefined : parseDateValue(untilText, line)),
    ...defined('bySecond', list('BYSECOND', 0, 60)),
    ...defined('byMinute', list('BYMINUTE', 0, 59)),
    ...defined('byHour', list('BYHOUR', 0, 23)),
    ...defined('byMonthDay', list('BYMONTHDAY', 1, 31, 'signed')),
    ...defined('byYearDay', list('BYYEARDAY', 1, 366, 'signed')),
    ...defined('byWeekNo', list('BYWEEKNO', 1, 53, 'signed')),
    ...defined('byMonth', list('BYMONTH', 1, 12)),
    ...defined('bySetPos', list('BYSETPOS', 1, 366, 'signed')),
    ...defined('byDay', byDayText?.split(',').map((piece) => {
      const match = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(piece.trim());
      if (!match || (match[1] !== undefined && Number(match[1]) === 0)) return bad(`has BYDAY=${piece.slice(0, 40)}`);
      return { nth: Number(match[1] ?? 0), weekday: weekday('BYDAY', match[2] ?? '') };
    })),
  };
  // RFC 7529: only what every calendar does anyway.
  if ((take('RSCALE') ?? 'GREGORIAN') !== 'GREGORIAN' || (take('SKIP') ?? 'OMIT') !== 'OMIT') bad('asks for another calendar (RSCALE, SKIP)');
  const left = [...parts.keys()][0];
  if (left !== undefined) bad(`has the part ${left.slice(0, 40)}, which is not known`);
  return rule;
};

const defined = <Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
