import { z } from 'zod';
import type { ReadModelStatus } from '../../projections/engine/readModel.ts';
import { defineRoute, type Route } from '../route.ts';
import { reasonField } from './fields.ts';

/** As src/projections/engine/engine.ts has it. */
export type ReadModelRouteDeps = {
  readModels: {
    status(): Promise<ReadModelStatus[]>;
    skip(name: string, reason: string, actor: { id: string; role: string }): Promise<{ eventId: string; position: string }[]>;
    resume(name: string): Promise<void>;
  };
};

const text = (max: number) => z.string().max(max);
const pausedAt = z.strictObject({ eventId: text(100), eventType: text(200), stream: text(500), revision: z.int(), position: text(200), error: text(10_000), since: text(40) })
  .describe('The event that cannot be projected, and why.');
const readModel = z.strictObject({
  name: text(30), version: z.int(), generation: z.int(), state: z.enum(['building', 'live', 'paused', 'stopped']), position: text(200),
  lagMs: z.number(), staleSeconds: z.number(), owner: text(300).nullable().describe('The process that feeds it.'), pausedAt: pausedAt.nullable(),
  error: text(10_000).nullable().describe('Why it makes no progress although it is not paused.'),
}).meta({ id: 'ReadModel' });

const common = { tag: 'Operation' } as const;
const params = z.strictObject({ name: text(30) });
const refusals = ['unknownReadModel', 'readModelNotPaused'] as const;

/** Where the read models stand, and the two ways on for one that stands before an event it cannot project. */
export function readModelRoutes({ readModels }: ReadModelRouteDeps): Route[] {
  return [
    defineRoute({
      ...common, method: 'get', path: '/read-models', operationId: 'listReadModels', summary: 'Where every read model stands, and what holds it up', kind: 'query',
      access: ['admin', 'manager', 'auditor'], problems: [],
      response: { status: 200, schema: z.strictObject({ items: z.array(readModel).max(200) }) },
      handler: async () => ({
        body: {
          items: (await readModels.status()).map(({ owner = null, pausedAt: paused = null, error = null, ...rest }) =>
            ({ ...rest, owner, pausedAt: paused && { ...paused, error: paused.error.slice(0, 10_000) }, error: error?.slice(0, 10_000) ?? null })),
        },
      }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/read-models/{name}/skip', operationId: 'skipReadModelEvent', summary: 'Let a paused read model go past the event that it cannot project', kind: 'command',
      description: 'Recorded with the reason; rebuilds pass the event over, too, if it fails there again. What the event says is then missing from this read model.',
      access: ['admin'], problems: refusals,
      request: { params, body: z.strictObject({ reason: reasonField }) },
      response: { status: 200, schema: z.strictObject({ skipped: z.array(z.strictObject({ eventId: text(100), position: text(200) })).max(10) }), description: 'Empty when somebody else was faster.' },
      handler: async ({ params: { name }, body, actor }) =>
        ({ body: { skipped: (await readModels.skip(name, body.reason, { id: actor.id, role: actor.role })).map(({ eventId, position }) => ({ eventId, position })) } }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/read-models/{name}/resume', operationId: 'resumeReadModel', summary: 'Have a paused read model try its event once more', kind: 'command',
      access: ['admin'], problems: refusals,
      request: { params },
      response: { status: 202, schema: z.strictObject({ name: text(30) }), description: 'It is tried; when it fails again the read model is paused again.' },
      handler: async ({ params: { name } }) => {
        await readModels.resume(name);
        return { body: { name } };
      },
    }),
  ];
}
