import { Temporal } from 'temporal-polyfill';
import type { Day } from '../../projections/zoomAccounts/queries.ts';

/** The school's day around an instant: it is 23 or 25 hours long when the clocks change. `zone`: IANA. */
export function schoolDay(now: Date, zone: string): Day {
  const start = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone).startOfDay();
  const iso = (moment: Temporal.ZonedDateTime) => new Date(moment.epochMilliseconds).toISOString();
  return { now: now.toISOString(), from: iso(start), until: iso(start.add({ days: 1 })) };
}
