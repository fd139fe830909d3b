import type { EventOf } from '../kernel/eventType.ts';
import type { lessonEvents } from './events.ts';
import { exists, type Lesson, type LessonState } from './state.ts';

export type LessonEvent = EventOf<typeof lessonEvents>;

export function evolveLesson(state: LessonState, event: LessonEvent): LessonState {
  if (event.type === 'LessonScheduled') {
    const { localStart, zone, durationMinutes, startsAt, endsAt, lessonId, title, teacherId, groupId, provider, autoRecord, accountId, reservationId } = event.data;
    return {
      status: 'scheduled', localStart, zone, durationMinutes, startsAt, endsAt, lessonId, title, teacherId, groupId, provider, autoRecord, accountId,
      reservationId, agendaReservationId: reservationId, leaseId: null, spentReservations: [],
      seriesId: event.data.seriesId ?? null, imported: event.data.imported ?? null,
    };
  }
  if (event.type === 'LessonAbandoned') return { status: 'abandoned' };
  return exists(state) ? evolveExisting(state, event) : state;
}

function evolveExisting(lesson: Lesson, event: Exclude<LessonEvent, { type: 'LessonScheduled' | 'LessonAbandoned' }>): Lesson {
  switch (event.type) {
    case 'LessonRescheduled': {
      const { localStart, zone, durationMinutes, startsAt, endsAt, accountId, reservationId } = event.data;
      return {
        ...lesson, localStart, zone, durationMinutes, startsAt, endsAt, accountId, reservationId, agendaReservationId: reservationId,
        spentReservations: spent(lesson, lesson.reservationId, lesson.agendaReservationId),
      };
    }
    case 'LessonMovedToAccount': {
      const { accountId, reservationId } = event.data;
      return { ...lesson, accountId, reservationId, spentReservations: spent(lesson, lesson.reservationId) };
    }
    case 'LessonTeacherReassigned': {
      const { teacherId, reservationId } = event.data;
      return { ...lesson, teacherId, agendaReservationId: reservationId, spentReservations: spent(lesson, lesson.agendaReservationId) };
    }
    case 'LessonPlaceForfeited':
      return { ...lesson, spentReservations: spent(lesson, event.data.reservationId) };
    case 'LessonDetailsChanged': {
      const { title, groupId, autoRecord } = event.data;
      return { ...lesson, ...(title !== undefined && { title }), ...(groupId !== undefined && { groupId }), ...(autoRecord !== undefined && { autoRecord }) };
    }
    case 'LessonStarted':
      return { ...lesson, status: 'live', leaseId: event.data.leaseId };
    case 'LessonFinished':
      return { ...lesson, status: 'finished' };
    case 'LessonCancelled':
      return { ...lesson, status: 'cancelled' };
    case 'LessonImportedAgain':
      return { ...lesson, imported: event.data.imported };
  }
}

const spent = (lesson: Lesson, ...reservationIds: string[]): readonly string[] => [...new Set([...lesson.spentReservations, ...reservationIds])];
