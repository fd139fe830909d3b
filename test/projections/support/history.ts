import { createHash } from 'node:crypto';
import type { SchoolEvent, SchoolEventType } from '../../../src/domain/schoolEvents.ts';
import type { Recorded } from '../../../src/eventLog/recorded.ts';

type DataOf<Type extends SchoolEventType> = Extract<SchoolEvent, { type: Type }>['data'];

/** Writes down events as a log would: revisions per stream from 0, positions that rise. */
export function createHistory() {
  const events: Recorded[] = [];
  const revisions = new Map<string, number>();
  return {
    events,
    add<Type extends SchoolEventType>(stream: string, type: Type, data: DataOf<Type>, occurredAt = '2026-03-02T08:00:00.000Z', actor = { id: 'boss', role: 'manager' }): Recorded {
      const revision = (revisions.get(stream) ?? -1) + 1;
      revisions.set(stream, revision);
      const position = String(events.length + 1).padStart(20, '0');
      const id = uuid(`${stream}@${revision}`);
      const event = {
        type, data, id, schemaVersion: 1, stream, revision, position,
        metadata: { commandId: id, correlationId: id, causationId: id, actor, occurredAt },
      } as unknown as Recorded;
      events.push(event);
      return event;
    },
  };
}
export type History = ReturnType<typeof createHistory>;

const uuid = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

export const at = (text: string): string => new Date(`${text}Z`).toISOString();

export type LessonPlan = { id: string; account: string | null; teacher: string; group: string | null; from: string; minutes: number; title?: string };

export const plusMinutes = (instant: string, minutes: number): string => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

/** As the commands write it: place at the account, place at the teacher, then the lesson. */
export function schedule(history: History, plan: LessonPlan, when = '2026-03-01T08:00:00.000Z', n = 1): void {
  const until = plusMinutes(plan.from, plan.minutes);
  const reservationId = `${plan.id}.${n}`;
  const place = { reservationId, holder: plan.id, from: plan.from, until, reservedAt: when };
  if (plan.account !== null) history.add(`zoomAccount-${plan.account}`, 'PlaceReserved', place, when);
  history.add(`teacherAgenda-${plan.teacher}`, 'PlaceReserved', place, when);
  history.add(`lesson-${plan.id}`, 'LessonScheduled', {
    lessonId: plan.id, title: plan.title ?? `Lesson ${plan.id}`, teacherId: plan.teacher, groupId: plan.group, provider: plan.account === null ? 'none' : 'zoom', autoRecord: false,
    localStart: plan.from.slice(0, 16), zone: 'UTC', durationMinutes: plan.minutes, startsAt: plan.from, endsAt: until, accountId: plan.account, reservationId,
  }, when);
}

export function registerAccount(history: History, accountId: string, capacity: number): void {
  history.add(`zoomAccount-${accountId}`, 'ZoomAccountRegistered', { accountId, zoomUser: `${accountId}@school.test`, capacity, credentialsRef: 'main', cloudRecording: true });
}

export function registerPerson(history: History, personId: string, role: 'admin' | 'manager' | 'teacher' | 'student' | 'auditor'): void {
  history.add(`person-${personId}`, 'PersonRegistered', { personId, name: `Name of ${personId}`, email: `${personId}@school.test`, role, timeZone: 'Europe/Kyiv', moodleUserId: '', zohoContactId: '' });
}
