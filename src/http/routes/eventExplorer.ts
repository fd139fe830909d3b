import { z } from 'zod';
import type { EventLog } from '../../eventLog/eventLog.ts';
import { findEvents } from '../../eventLog/findEvents.ts';
import type { Decoded } from '../../eventLog/recorded.ts';
import { EventStoreError, START, type Position } from '../../ports/eventStore.ts';
import type { LogContents } from '../../ports/logContents.ts';
import { decodeCursor, encodeCursor, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route, type ServerSentEvent } from '../route.ts';
import { instantField } from './fields.ts';

export type EventRouteDeps = { log: Pick<EventLog, 'readAll' | 'readStream' | 'subscribeAll' | 'head'>; contents: LogContents };

const text = (max: number) => z.string().max(max);
const position = z.string().max(100).regex(/^[0-9A-Za-z:._-]*$/, 'a Position');

const eventSchema = z
  .strictObject({
    id: text(50), type: text(200), schemaVersion: z.int(), stream: text(500), revision: z.int(), position: text(100), occurredAt: text(40),
    actor: z.strictObject({ id: text(200), role: text(50) }), commandId: text(50), correlationId: text(100), causationId: text(100),
    data: z.unknown().describe('Lifted to the newest version; null when it cannot be read.'),
    unreadable: text(1_000).optional().describe('Why it cannot be read.'),
  })
  .meta({ id: 'Event' });

const filter = {
  stream: text(500).min(1).optional().describe('One stream, e.g. lesson-7.'),
  type: text(200).min(1).optional(),
  person: text(200).min(1).optional().describe('Who caused it.'),
  from: instantField.optional(),
  to: instantField.optional(),
  direction: z.enum(['forwards', 'backwards']).default('backwards'),
};
type Filter = { type?: string | undefined; person?: string | undefined; from?: string | undefined; to?: string | undefined };

/** Events looked at for one page: a rare event in a long log takes several pages, some of them empty, instead of one endless request. */
const lookedAt = 20_000;

const byPosition = z.tuple([position]);
const byRevision = z.tuple([z.int32().min(0)]);

/** Reads for those who audit: everything, personal fields included, as long as their key exists. */
export function eventRoutes({ log, contents }: EventRouteDeps): Route[] {
  const common = { tag: 'Events', kind: 'query', access: ['admin', 'auditor'] } as const;
  return [
    defineRoute({
      ...common, method: 'get', path: '/events', operationId: 'listEvents', summary: 'The event log, newest first, by stream, type, person and time',
      description: 'A page may hold fewer events than asked for, even none, while `nextCursor` says that there is more to look at',
      problems: ['invalidCursor'],
      request: { query: z.strictObject({ ...pageQuery, ...filter }) },
      response: { status: 200, schema: pageSchema(eventSchema) },
      handler: async ({ query: { limit, cursor, stream, direction, ...wanted } }) => {
        const pages = stream === undefined
          ? findEvents(log, contents, { types: wanted.type === undefined ? undefined : [wanted.type], person: wanted.person }, { direction, after: await known(log, decodeCursor(cursor, byPosition)?.[0]) })
          : ofStream(log, stream, direction, decodeCursor(cursor, byRevision)?.[0]);
        const items: z.input<typeof eventSchema>[] = [];
        let seen = 0;
        let last: string | number | undefined;
        for await (const page of pages) {
          for (const decoded of page) {
            const event = view(decoded);
            last = stream === undefined ? event.position : event.revision;
            seen += 1;
            if (fits(event, wanted)) items.push(event);
            if (items.length >= limit || seen >= lookedAt) return { body: { items, nextCursor: encodeCursor([last]) } };
          }
        }
        return { body: { items, nextCursor: null } };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/events/stream', operationId: 'followEvents', summary: 'Every event as it happens, as server-sent events',
      description: 'Begins at the head, or after `Last-Event-ID` (or `after`): ids are Positions, and resuming with the last one seen loses and doubles nothing',
      problems: ['invalidCursor'],
      request: { query: z.strictObject({ after: position.optional(), fromStart: z.stringbool().optional() }) },
      response: { status: 200, contentType: 'text/event-stream', schema: z.string(), description: 'One message per event: id is its Position, event its type, data the event as JSON.' },
      handler: async ({ query, headers, signal }) => {
        const last = headers['last-event-id'];
        const resume = typeof last === 'string' && position.safeParse(last).success ? last : query.after;
        return { events: follow(log, (await known(log, resume)) ?? (query.fromStart === true ? START : await log.head()), signal) };
      },
    }),
  ];
}

async function* follow(log: EventRouteDeps['log'], after: Position, signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  for await (const { events } of log.subscribeAll({ after, signal, maxBatch: 200 })) {
    for (const decoded of events) {
      const event = view(decoded);
      yield { id: event.position, event: event.type, data: event };
    }
  }
}

/** Asked before anything is answered: a stream that has begun can refuse nothing. @throws DomainError `invalidCursor` */
async function known(log: EventRouteDeps['log'], after: Position | undefined): Promise<Position | undefined> {
  if (after === undefined) return undefined;
  try {
    for await (const _ of log.readAll({ after, limit: 1 })) break;
    return after;
  } catch (error) {
    if (error instanceof EventStoreError && error.code === 'invalid') throw refusal('invalidCursor', 'This is no position of the log.');
    throw error;
  }
}

async function* ofStream(log: EventRouteDeps['log'], stream: string, direction: 'forwards' | 'backwards', after: number | undefined): AsyncGenerator<Decoded[]> {
  const step = direction === 'forwards' ? 1 : -1;
  let from = after === undefined ? undefined : after + step;
  for (;;) {
    if (from !== undefined && from < 0) return;
    const page = await log.readStream(stream, { direction, limit: 500, ...(from === undefined ? {} : { from }) });
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < 500) return;
    from = view(last).revision + step;
  }
}

const view = (decoded: Decoded) => {
  const { id, type, schemaVersion, stream, revision, position: place, metadata } = decoded.ok ? decoded.event : decoded.raw;
  return {
    id, type, schemaVersion, stream, revision, position: place, occurredAt: metadata.occurredAt, actor: { id: metadata.actor.id, role: metadata.actor.role },
    commandId: metadata.commandId, correlationId: metadata.correlationId, causationId: metadata.causationId,
    ...(decoded.ok ? { data: decoded.event.data as unknown } : { data: null, unreadable: `${decoded.reason}: ${decoded.error}`.slice(0, 1_000) }),
  };
};

const fits = (event: ReturnType<typeof view>, { type, person, from, to }: Filter): boolean =>
  (type === undefined || event.type === type) &&
  (person === undefined || event.actor.id === person) &&
  (from === undefined || Date.parse(event.occurredAt) >= Date.parse(from)) &&
  (to === undefined || Date.parse(event.occurredAt) < Date.parse(to));
