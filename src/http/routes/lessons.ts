import { z } from 'zod';
import { utc } from '../../projections/instant.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField, idParams, instantField } from './fields.ts';
import { doorOf, isInScope, permissionsOf, scopeOf, seesWorkings } from './lessonAccess.ts';
import { bulkLessonRoutes } from './lessonBulk.ts';
import { lessonCommandRoutes } from './lessonCommands.ts';
import type { LessonRouteDeps } from './lessonRouteDeps.ts';
import { lessonStatus, lessonView, meetingState, namesFor, viewOf } from './lessonView.ts';

export const startKey = z.tuple([instantField, z.string().min(1).max(200)]);

export const lessonFilters = {
  from: instantField.optional().describe('Lessons that end after this.'),
  to: instantField.optional().describe('Lessons that begin before this.'),
  status: lessonStatus.optional(),
};

const permissions = z.strictObject({
  join: z.boolean(), start: z.boolean(), end: z.boolean(), reschedule: z.boolean(), changeDetails: z.boolean(), reassign: z.boolean(), cancel: z.boolean(),
  overrideTeacherConflict: z.boolean(),
});
const account = z.strictObject({ id: z.string().max(200), capacity: z.int(), enabled: z.boolean(), cloudRecording: z.boolean() });
const lessonDetail = lessonView.extend({ account: account.nullable(), permissions });

/** Reading and commanding lessons. */
export function lessonRoutes(deps: LessonRouteDeps): Route[] {
  const { lessons, directory, zoomAccounts, clock, publicUrl, door } = deps;
  return [
    ...lessonCommandRoutes(deps),
    ...bulkLessonRoutes(deps),
    defineRoute({
      method: 'get', path: '/lessons', operationId: 'listLessons', tag: 'Lessons', access: 'authenticated', kind: 'query', readModel: ['lessons', 'directory'],
      summary: 'Lessons in order of their start',
      description: 'Students see those of their groups, teachers also those they teach.',
      request: {
        query: z.strictObject({
          ...lessonFilters, teacher: idField.optional(), group: idField.optional(), account: idField.optional(),
          meetingState: meetingState.optional(), parked: z.stringbool().optional().describe('Meetings that wait for a hand.'), ...pageQuery,
        }),
      },
      response: { status: 200, schema: pageSchema(lessonView) },
      problems: ['invalidCursor'],
      handler: async ({ query, actor }) => {
        const { limit, cursor, status, meetingState: state, account: accountId, ...filter } = query;
        const [scope, after] = [await scopeOf(actor, directory), decodeCursor(cursor, startKey)];
        // Which account a lesson is on is not for everybody, so neither is the filter.
        const byAccount = accountId === undefined || scope === 'all' ? { account: accountId } : { account: '' };
        const rows = await lessons.list(given({ ...filter, ...byAccount, status: status && [status], meetingState: state && [state] }), scope, { after, limit: limit + 1 });
        const names = await namesFor(rows, deps);
        return { body: pageOf(rows, limit, (row) => [utc(row.starts_at), row.lesson_id], (row) => viewOf(row, names, actor, publicUrl)) };
      },
    }),
    defineRoute({
      method: 'get', path: '/lessons/{id}', operationId: 'readLesson', tag: 'Lessons', access: 'authenticated', kind: 'query', readModel: ['lessons', 'directory'],
      summary: 'A lesson with its meeting, its account, and what the caller may do with it',
      request: { params: idParams },
      response: { status: 200, schema: lessonDetail },
      problems: ['lessonNotFound'],
      handler: async ({ params, actor }) => {
        const [lesson, scope] = await Promise.all([lessons.lesson(params.id), scopeOf(actor, directory)]);
        if (!lesson || !isInScope(scope, lesson)) throw refusal('lessonNotFound', 'There is no such lesson.');
        const now = clock.now();
        const [names, placed] = await Promise.all([
          namesFor([lesson], deps),
          lesson.account_id !== null && seesWorkings(actor, lesson) ? zoomAccounts.summary(lesson.account_id) : undefined,
        ]);
        const body = { ...viewOf(lesson, names, actor, publicUrl), account: placed ?? null, permissions: permissionsOf(actor, lesson, doorOf(lesson, now, door), now) };
        return { body, revision: lesson.revision };
      },
    }),
  ];
}
