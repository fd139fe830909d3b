import type { Recorded } from '../../eventLog/recorded.ts';
import { streamOf } from '../streams.ts';
import type { CalendarRules } from './calendarRules.ts';
import type { Report } from './findings.ts';

/** A lesson that is neither finished nor cancelled; the others are forgotten, and may not come back. */
type OpenLesson = {
  status: 'scheduled' | 'live'; provider: 'zoom' | 'none'; teacherId: string; accountId: string | null; reservationId: string; agendaReservationId: string;
  startsAt: number; endsAt: number; generation: number; meetingOpen: boolean;
};

/** Rules about lessons: each has its place from its first event to its last, and takes only the steps that its status allows. */
export function createLessonRules(calendars: CalendarRules, report: Report) {
  const open = new Map<string, OpenLesson>();

  const checkPlace = (event: Recorded, lessonId: string, lesson: OpenLesson): void => {
    if (lesson.provider === 'zoom') {
      if (lesson.accountId === null) report('lessonWithoutPlace', event, 'a Zoom lesson without an account');
      else checkInterval(event, lessonId, lesson, `account ${lesson.accountId}`, calendars.accounts.get(lesson.accountId)?.intervals.get(lesson.reservationId), lesson.reservationId);
    }
    checkInterval(event, lessonId, lesson, 'its teacher\'s agenda', calendars.agendas.get(lesson.teacherId)?.get(lesson.agendaReservationId), lesson.agendaReservationId);
  };
  const checkInterval = (event: Recorded, lessonId: string, lesson: OpenLesson, where: string, interval: { holder: string; from: number; until: number } | undefined, reservationId: string): void => {
    if (!interval) return report('lessonWithoutPlace', event, `${where} holds no reservation ${reservationId}`);
    if (interval.holder !== lessonId || interval.from > lesson.startsAt || interval.until < lesson.endsAt) report('wrongPlace', event, `${reservationId} at ${where} is for another lesson or time`);
  };

  /** The lesson, if its status allows this step; else the finding is made. */
  const lessonIn = (event: Recorded, lessonId: string, ...allowed: OpenLesson['status'][]): OpenLesson | undefined => {
    const lesson = open.get(lessonId);
    if (lesson && allowed.includes(lesson.status)) return lesson;
    report('badStatus', event, `${event.type} on a lesson that is ${lesson ? lesson.status : 'unknown, finished, cancelled or abandoned'}`);
    return undefined;
  };

  const release = (event: Extract<Recorded, { type: 'PlaceReleased' }>): void => {
    const lesson = open.get(event.data.holder);
    if (!lesson) return;
    const [category, id] = streamOf(event.stream);
    const isItsPlace = category === 'zoomAccount'
      ? id === lesson.accountId && event.data.reservationId === lesson.reservationId
      : id === lesson.teacherId && event.data.reservationId === lesson.agendaReservationId;
    // What ended long ago may be tidied away; nobody can take that time any more.
    if (isItsPlace && lesson.endsAt > Date.parse(event.metadata.occurredAt)) report('lessonWithoutPlace', event, `the place of lesson ${event.data.holder} was taken away`);
  };

  return {
    open,
    apply(event: Recorded): void {
      switch (event.type) {
        case 'LessonScheduled': {
          const { data } = event;
          if (event.revision !== 0) return report('badStatus', event, 'scheduled twice, or after it was abandoned');
          const lesson: OpenLesson = {
            status: 'scheduled', provider: data.provider, teacherId: data.teacherId, accountId: data.accountId, reservationId: data.reservationId, agendaReservationId: data.reservationId,
            startsAt: Date.parse(data.startsAt), endsAt: Date.parse(data.endsAt), generation: 0, meetingOpen: false,
          };
          open.set(data.lessonId, lesson);
          return checkPlace(event, data.lessonId, lesson);
        }
        case 'LessonRescheduled': {
          const lesson = lessonIn(event, event.data.lessonId, 'scheduled');
          if (!lesson) return;
          const { accountId, reservationId, startsAt, endsAt } = event.data;
          Object.assign(lesson, { accountId, reservationId, agendaReservationId: reservationId, startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt) });
          return checkPlace(event, event.data.lessonId, lesson);
        }
        case 'LessonMovedToAccount': {
          const lesson = lessonIn(event, event.data.lessonId, 'scheduled');
          if (!lesson) return;
          lesson.accountId = event.data.accountId;
          lesson.reservationId = event.data.reservationId;
          return checkPlace(event, event.data.lessonId, lesson);
        }
        case 'LessonTeacherReassigned': {
          const lesson = lessonIn(event, event.data.lessonId, 'scheduled');
          if (!lesson) return;
          lesson.teacherId = event.data.teacherId;
          lesson.agendaReservationId = event.data.reservationId;
          return checkPlace(event, event.data.lessonId, lesson);
        }
        case 'LessonDetailsChanged': lessonIn(event, event.data.lessonId, 'scheduled', 'live'); return;
        case 'LessonPlaceForfeited': {
          const lesson = lessonIn(event, event.data.lessonId, 'scheduled', 'live');
          if (lesson && [lesson.reservationId, lesson.agendaReservationId].includes(event.data.reservationId)) report('lessonWithoutPlace', event, 'the lesson\'s own place was given away');
          return;
        }
        case 'LessonStarted': {
          const lesson = lessonIn(event, event.data.lessonId, 'scheduled');
          if (!lesson) return;
          lesson.status = 'live';
          const { accountId, leaseId, lessonId } = event.data;
          if (leaseId !== null && (accountId === null || calendars.accounts.get(accountId)?.leases.get(leaseId) !== lessonId)) report('lessonWithoutPlace', event, `started without holding lease ${leaseId}`);
          return;
        }
        case 'LessonFinished':
          // A meeting that ended before its start was known finishes a lesson that was only scheduled.
          lessonIn(event, event.data.lessonId, 'live', ...(event.data.by === 'meeting' ? ['scheduled' as const] : []));
          open.delete(event.data.lessonId);
          return;
        case 'LessonCancelled':
          lessonIn(event, event.data.lessonId, 'scheduled', 'live');
          open.delete(event.data.lessonId);
          return;
        case 'LessonAbandoned':
          if (event.revision !== 0) report('badStatus', event, 'a lesson that exists was abandoned');
          return;
        case 'MeetingClaimed': {
          const lesson = open.get(event.data.lessonId);
          if (!lesson) return;
          if (lesson.meetingOpen || event.data.generation !== lesson.generation + 1) report('meetingNotCounted', event, `generation ${event.data.generation} was claimed while ${lesson.generation} is the last${lesson.meetingOpen ? ' and not deleted' : ''}`);
          lesson.generation = event.data.generation;
          lesson.meetingOpen = true;
          return;
        }
        case 'MeetingDeleted': {
          const lesson = open.get(event.data.lessonId);
          if (lesson && event.data.generation === lesson.generation) lesson.meetingOpen = false;
          return;
        }
        case 'PlaceReleased': return release(event);
        default:
      }
    },
  };
}
