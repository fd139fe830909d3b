import { z } from 'zod';
import { roomOfLesson } from '../../commands/rooms/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import { utc } from '../../projections/instant.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import type { RoomQueries } from '../../projections/rooms/queries.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField } from './fields.ts';
import { doorOf, isInScope, scopeOf } from './lessonAccess.ts';
import { lessonFilters, startKey } from './lessons.ts';
import { lessonView, namesFor, viewOf } from './lessonView.ts';

export type MeRouteDeps = {
  lessons: LessonQueries;
  directory: DirectoryQueries;
  rooms: Pick<RoomQueries, 'newestOfLessons'>;
  clock: Clock;
  publicUrl: string;
  door: { startEarlyMinutes: number; graceMinutes: number };
};

/** What the caller teaches or attends, and the door to a lesson. */
export function meRoutes({ lessons, directory, rooms, clock, publicUrl, door }: MeRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'get', path: '/me/lessons', operationId: 'listMyLessons', tag: 'Me', access: 'authenticated', kind: 'query', readModel: ['lessons', 'directory'],
      summary: 'The lessons that the caller teaches or attends, in order of start',
      request: { query: z.strictObject({ ...lessonFilters, from: lessonFilters.from.describe('Lessons that end after this. Default: now.'), ...pageQuery }) },
      response: { status: 200, schema: pageSchema(lessonView) },
      problems: ['invalidCursor'],
      handler: async ({ query: { limit, cursor, status, from, to }, actor }) => {
        const after = decodeCursor(cursor, startKey);
        const mine = { teacher: actor.id, groups: await directory.groupsOf(actor.id) };
        const filter = given({ from: from ?? clock.now().toISOString(), to, status: status && [status] });
        const rows = await lessons.list(filter, mine, { after, limit: limit + 1 });
        const names = await namesFor(rows, { directory, rooms });
        return { body: pageOf(rows, limit, (row) => [utc(row.starts_at), row.lesson_id], (row) => viewOf(row, names, actor, publicUrl)) };
      },
    }),
    defineRoute({
      method: 'get', base: '', path: '/join/{lessonId}', operationId: 'joinLesson', tag: 'Me', access: ['admin', 'manager', 'teacher', 'student'], kind: 'query', readModel: ['lessons', 'directory'],
      summary: 'The link that never changes: leads to the lesson\'s current meeting, or to its room',
      description: 'For its teacher, the members of its group, and those who run the school; from 15 minutes before the start (configurable) until the lesson is over.',
      request: { params: z.strictObject({ lessonId: idField }) },
      response: { status: 302, description: 'In `Location` the current meeting\'s own link, or for a lesson without one its room; in `Link` its room in any case (rel="related").' },
      problems: ['lessonNotFound', 'tooEarly', 'lessonOver', 'meetingNotReady'],
      handler: async ({ params: { lessonId }, actor }) => {
        const [lesson, scope] = await Promise.all([lessons.lesson(lessonId), scopeOf(actor, directory)]);
        if (!lesson || !isInScope(scope, lesson)) throw refusal('lessonNotFound', 'There is no such lesson.');
        const state = doorOf(lesson, clock.now(), door);
        if (state.state === 'early') throw refusal('tooEarly', 'The door of this lesson is not open yet.', { opensAt: state.opensAt });
        if (state.state === 'over') throw refusal('lessonOver', 'This lesson is over.', { status: lesson.status });
        const room = `${publicUrl}/rooms/${encodeURIComponent((await rooms.newestOfLessons([lessonId])).get(lessonId) ?? roomOfLesson(lessonId))}`;
        const Link = `<${room}>; rel="related"; title="room"`;
        if (lesson.provider === 'none') return { headers: { Location: room, Link, 'Cache-Control': 'no-store' } };
        // A lesson that has just moved to another account leads nowhere until its meeting there is made: at the old one nobody will come.
        if (lesson.join_url === null || lesson.meeting_account_id !== lesson.account_id) throw refusal('meetingNotReady', 'The meeting is being made; try again in a moment.', { meetingState: lesson.meeting_state });
        return { headers: { Location: lesson.join_url, Link, 'Cache-Control': 'no-store' } };
      },
    }),
  ];
}
