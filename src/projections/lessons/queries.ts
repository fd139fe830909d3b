import type { ReadModels, Sql } from '../engine/readModel.ts';
import { utc } from '../instant.ts';
import type { Imported, LessonRow, LessonStatus, MeetingState } from './lessonRow.ts';

/** Absent: not filtered. `from`, `to`: lessons that overlap [from, to). Instants are RFC 3339. */
export type LessonFilter = {
  from?: string; to?: string; teacher?: string; group?: string; account?: string;
  status?: readonly LessonStatus[]; meetingState?: readonly MeetingState[];
  /** Only meetings that wait for a hand. */
  parked?: boolean;
};

/** Whose eyes: all lessons, or only those one teaches and those of one's groups. */
export type LessonScope = 'all' | { teacher: string | null; groups: readonly string[] };

/** A lesson that is recorded: the fields of its row that are then always there. */
export type RecordedLesson = LessonRow & {
  status: LessonStatus; title: string; teacher_id: string; provider: 'zoom' | 'none'; auto_record: boolean;
  local_start: string; zone: string; duration_minutes: number; starts_at: string; ends_at: string; reservation_id: string; scheduled_at: string;
};

export type ImportedLesson = { lessonId: string; status: LessonStatus; cancelReason: string | null; imported: Imported; now: Omit<Imported, 'importId' | 'calendar' | 'uid' | 'recurrenceId'>; revision: number; startsAt: string };

/** A lesson is at most this long: how far before an instant one can have begun that still runs. */
const longestLesson = '24 hours';
const recorded = `l.status is not null and l.status <> 'abandoned'`;

export type LessonQueries = ReturnType<typeof createLessonQueries>;

/** Reads of the read model `lessons`. */
export function createLessonQueries(db: Sql, readModels: Pick<ReadModels, 'schema'>) {
  const select = async (where: string, values: readonly unknown[], order = ''): Promise<RecordedLesson[]> => {
    const schema = await readModels.schema('lessons');
    const { rows } = await db.query<{ l: RecordedLesson }>(`select to_json(l) as l from ${schema}.lessons l where ${recorded} and ${where} ${order}`, values);
    return rows.map(({ l }) => l);
  };

  return {
    async lesson(id: string): Promise<RecordedLesson | undefined> {
      return (await select('l.lesson_id = $1', [id]))[0];
    },

    /** In order of start, then id. `after`: that key of the last row of the page before. */
    list(filter: LessonFilter, scope: LessonScope, page: { after: readonly [startsAt: string, id: string] | undefined; limit: number }): Promise<RecordedLesson[]> {
      const where: string[] = ['true'];
      const values: unknown[] = [];
      const put = (value: unknown) => `$${values.push(value)}`;
      if (filter.from !== undefined) {
        const from = put(filter.from);
        where.push(`l.ends_at > ${from}::timestamptz and l.starts_at > ${from}::timestamptz - interval '${longestLesson}'`);
      }
      if (filter.to !== undefined) where.push(`l.starts_at < ${put(filter.to)}::timestamptz`);
      if (filter.teacher !== undefined) where.push(`l.teacher_id = ${put(filter.teacher)}`);
      if (filter.group !== undefined) where.push(`l.group_id = ${put(filter.group)}`);
      if (filter.account !== undefined) where.push(`l.account_id = ${put(filter.account)}`);
      if (filter.status) where.push(`l.status = any(${put(filter.status)}::text[])`);
      if (filter.meetingState) where.push(`l.meeting_state = any(${put(filter.meetingState)}::text[])`);
      if (filter.parked !== undefined) where.push(`l.meeting_parked = ${put(filter.parked)}`);
      if (scope !== 'all') where.push(`(l.teacher_id = ${put(scope.teacher)} or l.group_id = any(${put(scope.groups)}::text[]))`);
      if (page.after) where.push(`(l.starts_at, l.lesson_id) > (${put(page.after[0])}::timestamptz, ${put(page.after[1])})`);
      return select(where.join(' and '), values, `order by l.starts_at, l.lesson_id limit ${put(page.limit)}`);
    },

    /** Every lesson that a calendar file is known to have made, with what the file said last and how the lesson is now. */
    async ofCalendar(calendar: string): Promise<ImportedLesson[]> {
      return (await select('l.calendar = $1', [calendar])).flatMap(importedLesson);
    },

    /** Lessons that one import scheduled. */
    async ofImport(importId: string): Promise<ImportedLesson[]> {
      return (await select('l.first_import_id = $1', [importId])).flatMap(importedLesson);
    },

    /** Lessons not cancelled that overlap [from, until), of any of these groups or this teacher. */
    during(from: string, until: string, who: { groups?: readonly string[]; teacher?: string }): Promise<RecordedLesson[]> {
      return select(
        `l.starts_at < $2::timestamptz and l.ends_at > $1::timestamptz and l.starts_at > $1::timestamptz - interval '${longestLesson}'
         and l.status <> 'cancelled' and (l.group_id = any($3::text[]) or l.teacher_id = $4)`,
        [from, until, who.groups ?? [], who.teacher ?? null], 'order by l.starts_at, l.lesson_id',
      );
    },

    /** Of a group's members, who has another lesson in [from, until): for warnings only. */
    async studentOverlaps(groupId: string, from: string, until: string, exceptLessonId: string): Promise<{ lessonId: string; students: string[] }[]> {
      const [lessons, directory] = await Promise.all([readModels.schema('lessons'), readModels.schema('directory')]);
      const { rows } = await db.query<{ lesson_id: string; students: string[] }>(
        `select l.lesson_id, array_agg(distinct theirs.person_id order by theirs.person_id) as students
         from ${directory}.memberships mine
         join ${directory}.memberships theirs on theirs.person_id = mine.person_id and theirs.active
         join ${lessons}.lessons l on l.group_id = theirs.group_id
         where mine.group_id = $1 and mine.active and l.lesson_id <> $4 and l.status in ('scheduled', 'live')
           and l.starts_at < $3::timestamptz and l.ends_at > $2::timestamptz and l.starts_at > $2::timestamptz - interval '${longestLesson}'
         group by l.lesson_id order by l.lesson_id limit 100`,
        [groupId, from, until, exceptLessonId],
      );
      return rows.map((row) => ({ lessonId: row.lesson_id, students: row.students }));
    },

    /** For the dashboard: lessons running now (begun in the last three days), and those (not cancelled) that begin in [dayFrom, dayUntil). */
    async counts(dayFrom: string, dayUntil: string): Promise<{ activeNow: number; todayTotal: number; parkedMeetings: number }> {
      const schema = await readModels.schema('lessons');
      const { rows } = await db.query<{ activeNow: number; todayTotal: number; parkedMeetings: number }>(
        `select (select count(*)::int from ${schema}.lessons where status = 'live' and starts_at > $1::timestamptz - interval '3 days' and starts_at < $2::timestamptz + interval '1 day') as "activeNow",
           (select count(*)::int from ${schema}.lessons where starts_at >= $1::timestamptz and starts_at < $2::timestamptz and status in ('scheduled', 'live', 'finished')) as "todayTotal",
           (select count(*)::int from ${schema}.lessons where meeting_parked and status in ('scheduled', 'live')) as "parkedMeetings"`,
        [dayFrom, dayUntil],
      );
      return rows[0] ?? { activeNow: 0, todayTotal: 0, parkedMeetings: 0 };
    },

    /** `<stream>@<revision>` of this lesson's events in streams that it shares; also for a lesson that was never recorded. Undefined: there is no such lesson. */
    async trail(id: string): Promise<string[] | undefined> {
      const schema = await readModels.schema('lessons');
      const { rows } = await db.query<{ trail: string[] }>(`select trail from ${schema}.lessons where lesson_id = $1 and (status is not null or trail <> '{}')`, [id]);
      return rows[0]?.trail;
    },
  };
}

function importedLesson(l: RecordedLesson): ImportedLesson[] {
  if (!l.imported) return [];
  return [{
    lessonId: l.lesson_id, status: l.status, cancelReason: l.cancel_reason, imported: l.imported, revision: l.revision, startsAt: utc(l.starts_at),
    now: { title: l.title, teacherId: l.teacher_id, groupId: l.group_id, localStart: l.local_start, zone: l.zone, durationMinutes: l.duration_minutes },
  }];
}
