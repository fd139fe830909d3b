import type { z } from 'zod';
import type { imported } from '../../domain/lesson/events.ts';

export type LessonStatus = 'scheduled' | 'live' | 'finished' | 'cancelled';
export type MeetingState = 'none' | 'claimed' | 'created' | 'failed' | 'deleted';
export type Imported = z.infer<typeof imported>;

/** A row of `lessons` as JSON. Fields are null until an event fills them. */
export type LessonRow = {
  lesson_id: string;
  status: LessonStatus | 'abandoned' | null;
  title: string | null;
  teacher_id: string | null;
  group_id: string | null;
  provider: 'zoom' | 'none' | null;
  auto_record: boolean | null;
  local_start: string | null;
  zone: string | null;
  duration_minutes: number | null;
  starts_at: string | null;
  ends_at: string | null;
  account_id: string | null;
  /** In the account's stream. */
  reservation_id: string | null;
  lease_id: string | null;
  series_id: string | null;
  override_reason: string | null;
  scheduled_at: string | null;
  started_at: string | null;
  started_by: string | null;
  finished_at: string | null;
  finished_by: string | null;
  cancelled_at: string | null;
  cancel_reason: string | null;
  /** Of stream lesson-<id>: the ETag. */
  revision: number;
  meeting_state: MeetingState;
  meeting_generation: number;
  meeting_account_id: string | null;
  meeting_id: string | null;
  join_url: string | null;
  passcode: string | null;
  /** The last link that people may have been given, also when its meeting is gone. */
  last_join_url: string | null;
  link_changed: boolean;
  meeting_started_at: string | null;
  meeting_ended_at: string | null;
  meeting_error_code: string | null;
  meeting_error: string | null;
  meeting_parked: boolean;
  calendar: string | null;
  uid: string | null;
  recurrence_id: string | null;
  /** The last import that met this lesson, and the one that made it. */
  import_id: string | null;
  first_import_id: string | null;
  imported: Imported | null;
  /** `<stream>@<revision>` */
  trail: string[];
};

/** A lesson before its first event. */
export const freshLesson = (lessonId: string): LessonRow => ({
  lesson_id: lessonId, status: null, title: null, teacher_id: null, group_id: null, provider: null, auto_record: null,
  local_start: null, zone: null, duration_minutes: null, starts_at: null, ends_at: null,
  account_id: null, reservation_id: null, lease_id: null, series_id: null, override_reason: null,
  scheduled_at: null, started_at: null, started_by: null, finished_at: null, finished_by: null, cancelled_at: null, cancel_reason: null, revision: -1,
  meeting_state: 'none', meeting_generation: 0, meeting_account_id: null, meeting_id: null, join_url: null, passcode: null,
  last_join_url: null, link_changed: false, meeting_started_at: null, meeting_ended_at: null,
  meeting_error_code: null, meeting_error: null, meeting_parked: false,
  calendar: null, uid: null, recurrence_id: null, import_id: null, first_import_id: null, imported: null, trail: [],
});

export const lessonTimestamps: readonly (keyof LessonRow)[] = [
  'starts_at', 'ends_at', 'scheduled_at', 'started_at', 'finished_at', 'cancelled_at', 'meeting_started_at', 'meeting_ended_at',
];
