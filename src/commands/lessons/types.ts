import type { LessonStatus } from '../../domain/lesson/state.ts';
import type { Answer } from '../answer.ts';

/** Passing over a teacher's other lesson at that time; only a manager or admin may, and the reason is recorded. Never applies to Zoom accounts. */
export type Override = { reason: string };

/** Wall time in a zone, and how long: 5 to 720 minutes. `localStart`: 2026-03-02T18:00. `zone`: IANA. */
export type WallTime = { localStart: string; zone: string; durationMinutes: number };

/** What a file said of a lesson; compared with the next import of the same calendar. */
export type ImportedFrom = WallTime & {
  importId: string; calendar: string; uid: string; recurrenceId: string; title: string; teacherId: string; groupId: string | null;
};

export type ScheduleLesson = WallTime & {
  title: string;
  teacherId: string;
  groupId: string | null;
  provider: 'zoom' | 'none';
  autoRecord: boolean;
  override?: Override;
  seriesId?: string;
  imported?: ImportedFrom;
  /**
   * Default: derived from the command's id. A caller that derives its own (an import: calendar, UID, recurrence id) meets its lesson again on a
   * repeat. Refused with `lessonAbandoned` when an earlier attempt died halfway and was swept: then derive another.
   */
  lessonId?: string;
  /** How a wall time is read that does not exist or exists twice. `strict` (default): refused with both readings. `rfc5545`: as calendars do. */
  wallTimes?: 'strict' | 'rfc5545';
};

/** What is left out stays. */
export type RescheduleLesson = Partial<WallTime> & { lessonId: string; override?: Override; wallTimes?: 'strict' | 'rfc5545' };

export type ChangeLessonDetails = { lessonId: string; title?: string; groupId?: string | null; autoRecord?: boolean };
export type ReassignTeacher = { lessonId: string; teacherId: string; override?: Override };
export type CancelLesson = { lessonId: string; reason: string };
export type StartLesson = { lessonId: string };
export type EndLesson = { lessonId: string };
export type CancelLessons = { lessonIds: readonly string[]; reason: string };
export type ReassignLessons = { lessonIds: readonly string[]; teacherId: string; override?: Override };
/** An import met a lesson of its own again: what the file says now is remembered. */
export type RememberImport = { lessonId: string; imported: ImportedFrom };

/** The lesson as the command left it. */
export type LessonSummary = WallTime & {
  id: string;
  title: string;
  teacherId: string;
  groupId: string | null;
  provider: 'zoom' | 'none';
  autoRecord: boolean;
  startsAt: string;
  endsAt: string;
  status: LessonStatus;
  accountId: string | null;
};

/** Does not stop a command. `students`: ids of those who have the other lesson at the same time. */
export type Warning = { code: 'studentsOverlap'; lessonId: string; students: readonly string[] };

/** Who of a group has another lesson in [from, until); answered from read models, so it only ever warns. */
export type StudentOverlaps = (groupId: string, from: string, until: string, exceptLessonId: string) => Promise<readonly { lessonId: string; students: readonly string[] }[]>;

export type LessonAnswer = Answer & { lesson: LessonSummary; warnings: readonly Warning[] };

export type StartAnswer = LessonAnswer & {
  leaseId: string | null;
  /** A host login for about two hours, only for the lesson's teacher; never store or log it. Null for others, for provider `none`, and while the meeting is not there yet: start again. */
  startUrl: string | null;
  /** Of the current meeting. */
  meetingState: 'none' | 'claimed' | 'created' | 'failed' | 'deleted';
  /** The account was full, so the lesson moved: a new meeting is on its way. */
  moved: boolean;
};
