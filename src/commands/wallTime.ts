import { Temporal } from 'temporal-polyfill';
import { DomainError } from '../domain/kernel/domainError.ts';
import type { When } from '../domain/lesson/index.ts';

/**
 * What a wall time comes to on a day when clocks change. `strict`: a time that does not exist or exists twice is refused, with
 * both readings, and somebody decides. `rfc5545` (section 3.3.5): one that does not exist is read with the offset before the
 * gap, one that exists twice is the first.
 */
export type WallTimePolicy = 'strict' | 'rfc5545';

/**
 * @param localStart wall time to the minute, 2026-03-02T18:00 · `zone`: IANA
 * @returns the same with its instants (RFC 3339 UTC); `localStart` is what clocks really show at that instant
 * @throws DomainError `wallTimeSkipped`, `wallTimeAmbiguous` (both with `readings`), `unknownTimeZone`, `invalidWallTime`
 */
export function resolveWallTime(
  { localStart, zone, durationMinutes }: { localStart: string; zone: string; durationMinutes: number }, policy: WallTimePolicy = 'strict',
): When {
  if (!isZoneName(zone)) throw unknownZone(zone);
  const local = parse(localStart);
  const earlier = inZone(local, zone, 'earlier');
  const later = inZone(local, zone, 'later');
  if (earlier.epochMilliseconds === later.epochMilliseconds) return asWhen(earlier, zone, durationMinutes);
  if (policy === 'rfc5545') return asWhen(inZone(local, zone, 'compatible'), zone, durationMinutes);
  const readings = [earlier, later].map((one) => ({ localStart: shown(one), offset: one.offset, startsAt: instant(one.epochMilliseconds) }));
  throw earlier.toPlainDateTime().equals(local)
    ? new DomainError('wallTimeAmbiguous', `${localStart} exists twice in ${zone}: clocks are put back`, { readings })
    : new DomainError('wallTimeSkipped', `${localStart} does not exist in ${zone}: clocks are put forward`, { readings });
}

/** A year of more than four digits is no RFC 3339: an instant in it would be an event that no read model can take. */
const lastYear = 2999;

/** The wall time in that zone, to the minute. */
export const localAt = (ms: number, zone: string): string => shown(Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone));

/** Temporal and Intl would also take offsets, and Temporal whole timestamps, which no vendor and no calendar knows as a zone. */
const isZoneName = (zone: string): boolean => /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone);
const unknownZone = (zone: string) => new DomainError('unknownTimeZone', 'this time zone is not known', { zone });

/** @throws DomainError `unknownTimeZone` */
export function checkZone(zone: string): void {
  if (!isZoneName(zone)) throw unknownZone(zone);
  inZone(new Temporal.PlainDateTime(2000, 1, 1), zone, 'compatible');
}

function parse(localStart: string): Temporal.PlainDateTime {
  const none = () => new DomainError('invalidWallTime', 'there is no such date or time', { localStart });
  try {
    const local = Temporal.PlainDateTime.from(localStart, { overflow: 'reject' });
    if (local.year > lastYear) throw none();
    return local;
  } catch (error) {
    if (error instanceof RangeError) throw none();
    throw error;
  }
}

function inZone(local: Temporal.PlainDateTime, zone: string, disambiguation: 'earlier' | 'later' | 'compatible'): Temporal.ZonedDateTime {
  try {
    return local.toZonedDateTime(zone, { disambiguation });
  } catch (error) {
    if (error instanceof RangeError) throw unknownZone(zone);
    throw error;
  }
}

const asWhen = (start: Temporal.ZonedDateTime, zone: string, durationMinutes: number): When => ({
  localStart: shown(start), zone, durationMinutes,
  startsAt: instant(start.epochMilliseconds), endsAt: instant(start.epochMilliseconds + durationMinutes * 60_000),
});

const shown = (time: Temporal.ZonedDateTime): string => time.toPlainDateTime().toString({ smallestUnit: 'minute' });
const instant = (ms: number): string => new Date(ms).toISOString();
