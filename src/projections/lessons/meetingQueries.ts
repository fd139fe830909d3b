import type { ReadModels, Sql } from '../engine/readModel.ts';
import { utc } from '../instant.ts';

export type LessonWithoutMeeting = { lessonId: string; accountId: string; startsAt: string };
export type LessonWithMeeting = { lessonId: string; meetingId: string; generation: number; startsAt: string };

/** What the Zoom adapter asks of the read model `lessons`: as fresh as that is, so whatever it acts on is checked against the streams. */
export function createMeetingQueries(db: Sql, readModels: Pick<ReadModels, 'schema'>) {
  const wants = `l.status in ('scheduled', 'live') and l.account_id is not null`;
  const table = async () => `${await readModels.schema('lessons')}.lessons l`;
  return {
    /** Soonest first. Failed ones are left out: their job tries again, or they wait for a hand. */
    async lessonsWithoutMeeting(now: string, until: string, limit: number): Promise<LessonWithoutMeeting[]> {
      const { rows } = await db.query<{ lesson_id: string; account_id: string; starts_at: string }>(
        `select lesson_id, account_id, to_json(starts_at)#>>'{}' as starts_at from ${await table()}
         where ${wants} and meeting_state in ('none', 'claimed', 'deleted') and ends_at > $1::timestamptz and l.starts_at <= $2::timestamptz and l.starts_at > $1::timestamptz - interval '1 day'
         order by l.starts_at, lesson_id limit $3`,
        [now, until, limit],
      );
      return rows.map((row) => ({ lessonId: row.lesson_id, accountId: row.account_id, startsAt: utc(row.starts_at) }));
    },

    /** How many lessons on this account begin in [now, startsAt) and have no meeting yet. */
    async soonerWithoutMeeting(accountId: string, now: string, startsAt: string): Promise<number> {
      const { rows } = await db.query<{ count: number }>(
        `select count(*)::int as count from ${await table()}
         where ${wants} and account_id = $1 and starts_at >= $2::timestamptz and starts_at < $3::timestamptz and meeting_state <> 'created' and not meeting_parked`,
        [accountId, now, startsAt],
      );
      return rows[0]?.count ?? 0;
    },

    /** Of one account, those that begin in (from, until) and have a meeting at the vendor. */
    async lessonsWithMeeting(accountId: string, from: string, until: string): Promise<LessonWithMeeting[]> {
      const { rows } = await db.query<{ lesson_id: string; meeting_id: string; meeting_generation: number; starts_at: string }>(
        `select lesson_id, meeting_id, meeting_generation, to_json(starts_at)#>>'{}' as starts_at from ${await table()}
         where l.status = 'scheduled' and meeting_account_id = $1 and meeting_state = 'created' and starts_at > $2::timestamptz and starts_at < $3::timestamptz order by l.starts_at, lesson_id`,
        [accountId, from, until],
      );
      return rows.map((row) => ({ lessonId: row.lesson_id, meetingId: row.meeting_id, generation: row.meeting_generation, startsAt: utc(row.starts_at) }));
    },

    /** Lessons to come whose meeting failed for one of these reasons and is still being tried, soonest first. */
    async lessonsThatFailed(codes: readonly string[], now: string, limit: number): Promise<string[]> {
      const { rows } = await db.query<{ lesson_id: string }>(
        `select lesson_id from ${await table()}
         where meeting_state = 'failed' and not meeting_parked and meeting_error_code = any($1::text[]) and l.ends_at > $2::timestamptz order by l.starts_at, lesson_id limit $3`,
        [codes, now, limit],
      );
      return rows.map((row) => row.lesson_id);
    },

    /** The lesson whose current meeting this is. */
    async lessonOfMeeting(meetingId: string): Promise<string | undefined> {
      const { rows } = await db.query<{ lesson_id: string }>(`select lesson_id from ${await table()} where meeting_id = $1 limit 1`, [meetingId]);
      return rows[0]?.lesson_id;
    },
  };
}

export type MeetingQueries = ReturnType<typeof createMeetingQueries>;
