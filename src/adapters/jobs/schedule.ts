import { parse, validate } from 'node-cron';
import { Temporal } from 'temporal-polyfill';

/**
 * When a job is due. node-cron reads the pattern; the ticks are computed here, because node-cron lets wall times that a
 * daylight-saving change leaves out go by, and takes those that happen twice twice. A pattern with fixed hours has one tick per
 * matching wall time and day: one that does not exist comes as much later as the clock jumped, one that happens twice comes at the
 * first. A pattern of every hour goes by real time. Day of month and day of week must both match, as node-cron has it.
 */
export type Schedule = {
  /** The first tick after this instant; undefined when there is none within five years. */
  next(after: Date): Date | undefined;
  /** The last tick in (after, until]: ticks missed before it count as one with it. */
  lastIn(after: Date, until: Date): Date | undefined;
};

type Fields = { seconds: number[]; minutes: number[]; hours: number[]; days: Set<number>; months: Set<number>; weekdays: Set<number> };

/** @param pattern five cron fields, or six with seconds first. @param zone IANA. @throws Error when either is none */
export function createSchedule(pattern: string, zone: string): Schedule {
  const fields = fieldsOf(pattern);
  Temporal.Now.zonedDateTimeISO(zone); // throws for a zone that does not exist
  const step = fields.hours.length === 24 ? nextByRealTime : nextByWallTime;
  const next = (after: Date): Date | undefined => step(fields, zone, after);
  return {
    next,
    lastIn(after, until) {
      // Looks back in ever wider windows, so that a job of every ten seconds does not count through a month of missed ticks.
      for (let span = 60_000; ; span *= 8) {
        const from = Math.max(after.getTime(), until.getTime() - span);
        let found: Date | undefined;
        for (let tick = next(new Date(from)); tick && tick <= until; tick = next(tick)) found = tick;
        if (found || from === after.getTime() || from > until.getTime()) return found;
      }
    },
  };
}

function fieldsOf(pattern: string): Fields {
  if (!validate(pattern)) throw new Error(`"${pattern}" is no cron pattern`);
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parse(pattern);
  const numbers = (values: readonly (number | string)[]): number[] => values.map((value) => {
    if (typeof value !== 'number') throw new Error(`"${value}" in the cron pattern "${pattern}" is not supported`);
    return value;
  }).sort((a, b) => a - b);
  return {
    seconds: numbers(second), minutes: numbers(minute), hours: numbers(hour),
    days: new Set(numbers(dayOfMonth)), months: new Set(numbers(month)), weekdays: new Set(numbers(dayOfWeek).map((day) => day % 7)),
  };
}

const dayMatches = (fields: Fields, date: Temporal.PlainDate): boolean =>
  fields.months.has(date.month) && fields.days.has(date.day) && fields.weekdays.has(date.dayOfWeek % 7);

function nextByWallTime(fields: Fields, zone: string, after: Date): Date | undefined {
  const today = Temporal.Instant.fromEpochMilliseconds(after.getTime()).toZonedDateTimeISO(zone).toPlainDate();
  for (let ahead = 0; ahead < 5 * 366; ahead += 1) {
    const date = today.add({ days: ahead });
    if (!dayMatches(fields, date)) continue;
    let best: number | undefined;
    for (const hour of fields.hours) for (const minute of fields.minutes) for (const second of fields.seconds) {
      // 'compatible' (RFC 5545's rule): a left-out time is moved on by the gap, a doubled one is the first.
      const at = date.toPlainDateTime({ hour, minute, second }).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
      if (at > after.getTime() && (best === undefined || at < best)) best = at;
    }
    if (best !== undefined) return new Date(best);
  }
  return undefined;
}

function nextByRealTime(fields: Fields, zone: string, after: Date): Date | undefined {
  const end = after.getTime() + 5 * 366 * 86_400_000;
  const minutes = new Set(fields.minutes);
  let minute = Math.floor(after.getTime() / 60_000) * 60_000;
  while (minute < end) {
    const local = Temporal.Instant.fromEpochMilliseconds(minute).toZonedDateTimeISO(zone);
    if (!dayMatches(fields, local.toPlainDate())) {
      minute = local.toPlainDate().add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds;
      continue;
    }
    if (minutes.has(local.minute)) {
      const second = fields.seconds.find((one) => minute + one * 1_000 > after.getTime());
      if (second !== undefined) return new Date(minute + second * 1_000);
    }
    minute += 60_000;
  }
  return undefined;
}
