import { z } from 'zod';
import { roomOfLesson } from '../../commands/rooms/index.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { RecordedLesson } from '../../projections/lessons/queries.ts';
import type { RoomQueries } from '../../projections/rooms/queries.ts';
import { utc, utcOrNull } from '../../projections/instant.ts';
import type { Actor } from '../route.ts';
import { seesWorkings } from './lessonAccess.ts';

const id = z.string().max(200);
const instant = z.iso.datetime().describe('RFC 3339, UTC.');
const named = z.strictObject({ id, name: z.string().max(1000).describe('Empty when the directory does not know it.') });

export const lessonStatus = z.enum(['scheduled', 'live', 'finished', 'cancelled']);
export const meetingState = z.enum(['none', 'claimed', 'created', 'failed', 'deleted']);

const meeting = z.strictObject({
  state: meetingState,
  generation: z.int().min(0).describe('Counts the meetings that this lesson had; 0 before the first.'),
  linkChanged: z.boolean().describe('The meeting was made anew: the vendor\'s link is another than the one before.'),
  joinUrl: z.string().max(2000).nullable().describe('The vendor\'s own link; only for those who run the lesson. Others use `joinLink`.'),
  passcode: z.string().max(100).nullable(),
  parked: z.boolean().describe('The last attempt failed: somebody has to look.'),
  error: z.strictObject({ code: z.string().max(200), message: z.string().max(4000) }).nullable(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
});

export const lessonView = z.strictObject({
  id, revision: z.int().min(0).describe('For If-Match.'),
  title: z.string().max(200), teacher: named, group: named.nullable(),
  provider: z.enum(['zoom', 'none']), autoRecord: z.boolean(),
  localStart: z.string().max(16).describe('Wall time: 2026-03-02T18:00.'), zone: z.string().max(100), durationMinutes: z.int(),
  startsAt: instant, endsAt: instant, status: lessonStatus,
  joinLink: z.string().max(500).describe('The link that never changes: it leads to the current meeting, and where there is none to the lesson\'s room.'),
  roomId: id.describe('The lesson\'s room (/classroom/sessions/{id}): there a moment after it was scheduled. Another one when it was missed and is held later.'),
  accountId: id.nullable(), meeting,
  startedAt: instant.nullable(), finishedAt: instant.nullable(), cancelledAt: instant.nullable(),
  cancelReason: z.string().max(4000).nullable().describe('In free words, somebody\'s illness for one: only for those who run the lesson.'),
  overrideReason: z.string().max(4000).nullable().describe('Why the teacher\'s other lesson was passed over.'),
  imported: z.strictObject({ calendar: z.string().max(1000), uid: z.string().max(2000), recurrenceId: z.string().max(200), importId: id }).nullable(),
});
export type LessonView = z.output<typeof lessonView>;

/** `rooms`: lesson → its newest room. */
export type Names = { people: ReadonlyMap<string, string>; groups: ReadonlyMap<string, string>; rooms: ReadonlyMap<string, string> };

/** What the ids in these lessons stand for. */
export async function namesFor(lessons: readonly RecordedLesson[], { directory, rooms }: { directory: Pick<DirectoryQueries, 'names'>; rooms: Pick<RoomQueries, 'newestOfLessons'> }): Promise<Names> {
  const [names, newest] = await Promise.all([
    directory.names(lessons.map((one) => one.teacher_id), lessons.flatMap((one) => one.group_id ?? [])),
    rooms.newestOfLessons(lessons.map((one) => one.lesson_id)),
  ]);
  return { ...names, rooms: newest };
}

/** `publicUrl`: how people reach this server, without a slash at the end. */
export function viewOf(lesson: RecordedLesson, names: Names, actor: Actor, publicUrl: string): LessonView {
  const workings = seesWorkings(actor, lesson);
  return {
    id: lesson.lesson_id, revision: lesson.revision, title: lesson.title,
    teacher: { id: lesson.teacher_id, name: names.people.get(lesson.teacher_id) ?? '' },
    group: lesson.group_id === null ? null : { id: lesson.group_id, name: names.groups.get(lesson.group_id) ?? '' },
    provider: lesson.provider, autoRecord: lesson.auto_record,
    localStart: lesson.local_start, zone: lesson.zone, durationMinutes: lesson.duration_minutes,
    startsAt: utc(lesson.starts_at), endsAt: utc(lesson.ends_at), status: lesson.status,
    joinLink: `${publicUrl}/join/${encodeURIComponent(lesson.lesson_id)}`, roomId: names.rooms.get(lesson.lesson_id) ?? roomOfLesson(lesson.lesson_id),
    accountId: workings ? lesson.account_id : null,
    meeting: {
      state: lesson.meeting_state, generation: lesson.meeting_generation, linkChanged: lesson.link_changed,
      joinUrl: workings ? lesson.join_url : null, passcode: workings ? lesson.passcode : null, parked: lesson.meeting_parked,
      error: workings && lesson.meeting_error_code !== null ? { code: lesson.meeting_error_code, message: lesson.meeting_error ?? '' } : null,
      startedAt: utcOrNull(lesson.meeting_started_at), endedAt: utcOrNull(lesson.meeting_ended_at),
    },
    startedAt: utcOrNull(lesson.started_at), finishedAt: utcOrNull(lesson.finished_at),
    cancelledAt: utcOrNull(lesson.cancelled_at), cancelReason: workings ? lesson.cancel_reason : null,
    overrideReason: workings ? lesson.override_reason : null,
    imported: workings && lesson.calendar !== null
      ? { calendar: lesson.calendar, uid: lesson.uid ?? '', recurrenceId: lesson.recurrence_id ?? '', importId: lesson.import_id ?? '' }
      : null,
  };
}
