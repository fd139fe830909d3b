/**
 * One row per lesson: what people decided, where it is, and its current meeting. A row whose `status` is null or `abandoned` is
 * a place that was reserved for a lesson which is not (yet) recorded, or the holder of a lease for another use; lists leave it out. `trail` names this lesson's events in
 * streams that it shares with others (`zoomAccount-a1@17`), so that its timeline need not read those streams. No index looks at
 * `status` or the meeting's state: what changes most then changes in place.
 */
export const lessonsSchema = (schema: string): string => `
  create table ${schema}.lessons (
    lesson_id text collate "C" primary key,
    status text, title text, teacher_id text, group_id text, provider text, auto_record boolean,
    local_start text, zone text, duration_minutes int, starts_at timestamptz, ends_at timestamptz,
    account_id text, reservation_id text, lease_id text, series_id text, override_reason text,
    scheduled_at timestamptz, started_at timestamptz, started_by text, finished_at timestamptz, finished_by text,
    cancelled_at timestamptz, cancel_reason text, revision int not null,
    meeting_state text not null, meeting_generation int not null, meeting_account_id text, meeting_id text, join_url text, passcode text,
    last_join_url text, link_changed boolean not null, meeting_started_at timestamptz, meeting_ended_at timestamptz,
    meeting_error_code text, meeting_error text, meeting_parked boolean not null,
    calendar text, uid text, recurrence_id text, import_id text, first_import_id text, imported jsonb,
    trail text[] not null
  ) with (fillfactor = 70);
  create index on ${schema}.lessons (starts_at, lesson_id);
  create index on ${schema}.lessons (teacher_id, starts_at, lesson_id);
  create index on ${schema}.lessons (group_id, starts_at, lesson_id);
  create index on ${schema}.lessons (calendar, uid) where calendar is not null;
  create index on ${schema}.lessons (first_import_id) where first_import_id is not null;
  create index on ${schema}.lessons (meeting_id) where meeting_id is not null;
  create index on ${schema}.lessons (lesson_id) where meeting_parked;
`;
