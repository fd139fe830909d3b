import type { EventLog } from '../../eventLog/eventLog.ts';
import { createCalendarRules } from './calendarRules.ts';
import { createFindings, type Finding } from './findings.ts';
import { createLessonRules } from './lessonRules.ts';

export type PoolAudit = {
  /** No finding. Exit code of `lectern audit pool`: 0, else 1. */
  ok: boolean;
  events: number;
  /** The first 1,000; `findingCount` counts all. */
  findings: Finding[];
  findingCount: number;
  /** Reservations for the future that no lesson stands for, an hour after they were made: the sweeper should have freed them. */
  orphanReservations: { stream: string; reservationId: string; holder: string; from: string }[];
  accounts: { id: string; capacity: number; enabled: boolean; peakReserved: number; peakLeased: number }[];
  openLessons: number;
};

const day = 86_400_000;
const hour = 3_600_000;
/** Intervals are forgotten this long after their end: nothing can be reserved there any more. */
const memory = 2 * day;

/**
 * Replays the whole log through a model of its own, far simpler than what decides, and holds every event against the invariants
 * of accounts, agendas and lessons. Streams: memory grows with what is planned, not with the log.
 * @param gapMinutes between two reservations of one place
 * @throws EventStoreError when the log is away
 */
export async function auditPool(
  log: Pick<EventLog, 'readAll'>, { gapMinutes, onProgress }: { gapMinutes: number; onProgress?: (events: number) => void },
): Promise<PoolAudit> {
  const { findings, report, count } = createFindings(1_000);
  const calendars = createCalendarRules(gapMinutes * 60_000, report);
  const lessons = createLessonRules(calendars, report);
  let events = 0;
  let clock = 0;
  let tidiedOn = 0;

  for await (const page of log.readAll({ pageSize: 2_000 })) {
    for (const decoded of page) {
      events += 1;
      if (!decoded.ok) {
        if (decoded.reason === 'unreadable') report('unreadable', decoded.raw, decoded.error);
        continue;
      }
      const { event } = decoded;
      clock = Math.max(clock, Date.parse(event.metadata.occurredAt));
      // The lesson's rules look at the calendars as they are once this event has happened.
      calendars.apply(event);
      lessons.apply(event);
    }
    const today = Math.floor(clock / day);
    if (today > tidiedOn) {
      calendars.forgetBefore(clock - memory);
      tidiedOn = today;
    }
    onProgress?.(events);
  }

  return {
    ok: count() === 0,
    events,
    findings,
    findingCount: count(),
    orphanReservations: orphans(calendars, lessons, clock),
    accounts: [...calendars.accounts].map(([id, { capacity, enabled, peakReserved, peakLeased }]) => ({ id, capacity, enabled, peakReserved, peakLeased })),
    openLessons: lessons.open.size,
  };
}

function orphans(calendars: ReturnType<typeof createCalendarRules>, lessons: ReturnType<typeof createLessonRules>, clock: number): PoolAudit['orphanReservations'] {
  const found: PoolAudit['orphanReservations'] = [];
  const look = (stream: string, intervals: Iterable<{ id: string; holder: string; from: number; reservedAt: number }>, isPlaceOf: (lessonId: string, id: string) => boolean) => {
    for (const { id, holder, from, reservedAt } of intervals) {
      if (from > clock && reservedAt < clock - hour && !isPlaceOf(holder, id)) found.push({ stream, reservationId: id, holder, from: new Date(from).toISOString() });
    }
  };
  for (const [accountId, { intervals }] of calendars.accounts) {
    look(`zoomAccount-${accountId}`, intervals.all(), (lessonId, id) => lessons.open.get(lessonId)?.reservationId === id);
  }
  for (const [teacherId, intervals] of calendars.agendas) {
    look(`teacherAgenda-${teacherId}`, intervals.all(), (lessonId, id) => lessons.open.get(lessonId)?.agendaReservationId === id);
  }
  return found;
}
