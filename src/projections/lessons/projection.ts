import { calendarEvents } from '../../domain/calendar/events.ts';
import { lessonEvents } from '../../domain/lesson/events.ts';
import { zoomMeetingEvents } from '../../domain/zoomMeeting/events.ts';
import type { Recorded } from '../../eventLog/recorded.ts';
import type { ReadModel } from '../engine/readModel.ts';
import { foldInto, type FoldedTable } from '../foldedTable.ts';
import { evolveLesson } from './evolveLesson.ts';
import { evolveMeeting } from './evolveMeeting.ts';
import { freshLesson, lessonTimestamps, type LessonRow } from './lessonRow.ts';
import { lessonsSchema } from './schema.ts';

const table: FoldedTable<LessonRow> = {
  name: 'lessons',
  key: ['lesson_id'],
  columns: Object.keys(freshLesson('')) as (keyof LessonRow)[],
  timestamps: lessonTimestamps,
  keyOf: (event) => {
    const lessonId = lessonOf(event);
    return lessonId === undefined ? undefined : [lessonId];
  },
  fresh: ([lessonId = '']) => freshLesson(lessonId),
  evolve: (row, event) => {
    if (event.stream.startsWith('lesson-')) evolveLesson(row, event);
    else if (event.stream.startsWith('zoomMeeting-')) evolveMeeting(row, event);
    else if (row.status !== null || !isOfLease(event)) row.trail.push(`${event.stream}@${event.revision}`);
  },
};

/**
 * A lesson is leased for after it was recorded, never before: a lease whose holder is no lesson yet is for another use, under a name
 * that comes back for years. (A place is reserved before its lesson is recorded.)
 */
const isOfLease = ({ type }: Recorded): boolean => type === 'LeaseAcquired' || type === 'LeaseReleased' || type === 'LeaseOverran';

/** The lesson that an event is about: its own events, its meeting's, and those about its places and leases (whose holder it is). */
export function lessonOf(event: Recorded): string | undefined {
  switch (event.type) {
    case 'LessonScheduled': case 'LessonRescheduled': case 'LessonMovedToAccount': case 'LessonDetailsChanged': case 'LessonTeacherReassigned':
    case 'LessonStarted': case 'LessonFinished': case 'LessonCancelled': case 'LessonAbandoned': case 'LessonImportedAgain': case 'LessonPlaceForfeited':
    case 'MeetingClaimed': case 'MeetingCreated': case 'MeetingFailed': case 'MeetingDeleted': case 'MeetingStarted': case 'MeetingEnded':
      return event.data.lessonId;
    case 'PlaceReserved': case 'PlaceReleased': case 'LeaseAcquired': case 'LeaseReleased': case 'LeaseOverran':
      return event.data.holder;
    default:
      return undefined;
  }
}

export const lessons: ReadModel = {
  name: 'lessons',
  version: 2,
  types: Object.keys({ ...lessonEvents, ...zoomMeetingEvents, ...calendarEvents }),
  schemaSql: lessonsSchema,
  project: (events, db, schema) => foldInto(table, events, db, schema),
};
