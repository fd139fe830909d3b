import { z } from 'zod';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Recorded } from '../../eventLog/recorded.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import { readTimeline } from '../../projections/lessons/timeline.ts';
import { inWords } from '../../projections/lessons/words.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { idParams } from './fields.ts';
import { seesWorkings } from './lessonAccess.ts';

export type TimelineRouteDeps = { log: Pick<EventLog, 'readStream'>; lessons: LessonQueries; directory: DirectoryQueries };

const text = (max: number) => z.string().max(max);
const entry = z.strictObject({
  position: text(200), at: z.iso.datetime(), words: text(10_000), type: text(100), stream: text(500), revision: z.int(), eventId: text(100),
  actor: z.strictObject({ id: text(200), role: text(50), name: text(1000) }), commandId: text(100), correlationId: text(200),
});
const positionKey = z.tuple([z.string().min(1).max(200)]);

/** Who did what with a lesson, and what came of it. */
export function timelineRoutes({ log, lessons, directory }: TimelineRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'get', path: '/lessons/{id}/timeline', operationId: 'readLessonTimeline', tag: 'Lessons', access: ['admin', 'manager', 'teacher', 'auditor'], kind: 'query', readModel: ['lessons', 'directory'],
      summary: 'Every event about a lesson across its streams, in words and in order',
      request: { params: idParams, query: z.strictObject(pageQuery) },
      response: { status: 200, schema: pageSchema(entry) },
      problems: ['lessonNotFound', 'forbidden', 'invalidCursor'],
      handler: async ({ params: { id }, query: { limit, cursor }, actor }) => {
        const after = decodeCursor(cursor, positionKey)?.[0] ?? '';
        const [lesson, trail] = await Promise.all([lessons.lesson(id), lessons.trail(id)]);
        if (actor.role === 'teacher' && (!lesson || !seesWorkings(actor, lesson))) throw refusal('lessonNotFound', 'There is no such lesson.');
        if (trail === undefined) throw refusal('lessonNotFound', 'There is no such lesson.');
        const all = await readTimeline(log, id, trail);
        const events = all.filter(({ position }) => position > after).slice(0, limit + 1);
        const { person, group } = await namesIn(events, directory);
        return {
          body: pageOf(events, limit, ({ position }) => [position], (event) => ({
            position: event.position, at: new Date(event.metadata.occurredAt).toISOString(), words: inWords(event, { person, group }) ?? event.type, type: event.type,
            stream: event.stream, revision: event.revision, eventId: event.id,
            actor: { ...event.metadata.actor, name: person(event.metadata.actor.id) }, commandId: event.metadata.commandId, correlationId: event.metadata.correlationId,
          })),
        };
      },
    }),
  ];
}

async function namesIn(events: readonly Recorded[], directory: DirectoryQueries) {
  const people = new Set<string>();
  const groups = new Set<string>();
  for (const event of events) {
    people.add(event.metadata.actor.id);
    if (event.stream.startsWith('teacherAgenda-')) people.add(event.stream.slice('teacherAgenda-'.length));
    if (event.type === 'LessonScheduled' || event.type === 'LessonTeacherReassigned') people.add(event.data.teacherId);
    if (event.type === 'LessonTeacherReassigned') people.add(event.data.previousTeacherId);
    if ((event.type === 'LessonScheduled' || event.type === 'LessonDetailsChanged') && event.data.groupId) groups.add(event.data.groupId);
  }
  const names = await directory.names([...people], [...groups]);
  return { person: (id: string) => names.people.get(id) ?? id, group: (id: string) => names.groups.get(id) ?? id };
}
