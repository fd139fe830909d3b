import { z } from 'zod';
import { Temporal } from 'temporal-polyfill';
import type { ItemAnswer } from '../../commands/answer.ts';
import type { CommandContext } from '../../commands/pipeline/context.ts';
import { upcoming } from '../../domain/calendar/index.ts';
import { teacherAgenda } from '../../domain/teacherAgenda/index.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField, reasonField } from './fields.ts';
import type { LessonRouteDeps } from './lessonRouteDeps.ts';

/** Lessons in one request. */
const most = 200;
const text = (max: number) => z.string().max(max);

const item = z.strictObject({
  id: text(200), outcome: z.enum(['done', 'refused']),
  revision: z.int().optional(), position: text(200).optional(),
  code: text(100).optional(), message: text(1000).optional(), details: z.record(text(100), z.unknown()).optional(),
});
const bulkAnswer = z.strictObject({ done: z.int(), refused: z.int(), results: z.array(item).max(most) });

const which = {
  lessonIds: z.array(idField).min(1).max(most).optional().describe('These lessons; or `allOf`.'),
  allOf: z.strictObject({ teacherId: idField, date: z.iso.date().describe('A day in the school\'s time zone.') }).optional().describe('All lessons of a teacher on a day.'),
};
const oneWay = (body: { lessonIds?: unknown; allOf?: unknown }) => (body.lessonIds === undefined) !== (body.allOf === undefined);
const oneWayText = 'name either lessonIds or allOf';

type Which = { lessonIds?: string[] | undefined; allOf?: { teacherId: string; date: string } | undefined };

/** Many lessons in one request; each is answered by itself, and none minds how its neighbours fare. */
export function bulkLessonRoutes({ commands, pipeline, lessons, schoolTimeZone }: LessonRouteDeps): Route[] {
  /**
   * The agenda itself is asked, so nothing that was planned a moment ago is forgotten. What an earlier run of the same command took off the
   * agenda is in the answer to its repeat too: it is found among the lessons that these teachers have or had on that day.
   */
  const chosen = async ({ lessonIds, allOf }: Which, command: CommandContext, to: readonly string[] = []): Promise<string[]> => {
    if (!allOf) return lessonIds ?? [];
    const start = Temporal.PlainDate.from(allOf.date).toZonedDateTime(schoolTimeZone);
    const until = start.add({ days: 1 }).epochMilliseconds;
    const isOfDay = (from: number) => from >= start.epochMilliseconds && from < until;
    const { state } = await pipeline.load(teacherAgenda, allOf.teacherId, { fresh: true });
    const ofDay = upcoming(state, start.epochMilliseconds).filter(({ from }) => isOfDay(from)).map(({ holder }) => holder);
    if (!command.mayBeRepeat) return [...new Set(ofDay)].slice(0, most);
    const day = { from: new Date(start.epochMilliseconds).toISOString(), to: new Date(until).toISOString() };
    const shown = await Promise.all([allOf.teacherId, ...to].map((teacher) => lessons.list({ ...day, teacher }, 'all', { after: undefined, limit: most })));
    const seen = shown.flat().filter(({ starts_at: from }) => isOfDay(Date.parse(from))).map(({ lesson_id: id }) => id);
    return [...new Set([...(await commands.recordedInBulk(seen, command)), ...ofDay])].slice(0, most);
  };
  const answer = (results: readonly ItemAnswer[]) => ({
    body: { done: results.filter(({ outcome }) => outcome === 'done').length, refused: results.filter(({ outcome }) => outcome === 'refused').length, results: results.map((one) => ({ ...one })) },
  });
  const common = { tag: 'Lessons', kind: 'command', method: 'post', access: ['admin', 'manager'], response: { status: 200, schema: bulkAnswer }, problems: ['overrideNotAllowed', 'contended'] } as const;

  return [
    defineRoute({
      ...common, path: '/lessons/bulk/cancel', operationId: 'cancelLessons', summary: 'Cancel many lessons',
      request: { body: z.strictObject({ ...which, reason: reasonField }).refine(oneWay, oneWayText) },
      handler: async ({ body, command }) => answer((await commands.cancelMany({ lessonIds: await chosen(body, command), reason: body.reason }, command)).results),
    }),
    defineRoute({
      ...common, path: '/lessons/bulk/reassign', operationId: 'reassignLessons', summary: 'Give many lessons to another teacher',
      request: { body: z.strictObject({ ...which, teacherId: idField, override: z.strictObject({ reason: reasonField }).optional() }).refine(oneWay, oneWayText) },
      handler: async ({ body, command }) =>
        answer((await commands.reassignMany({ lessonIds: await chosen(body, command, [body.teacherId]), teacherId: body.teacherId, ...given({ override: body.override }) }, command)).results),
    }),
  ];
}
