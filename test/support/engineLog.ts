import { randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import { schoolEvents, type SchoolEvent } from '../../src/domain/schoolEvents.ts';
import { createCodec } from '../../src/eventLog/codec.ts';
import { createEventLog, type EventLog } from '../../src/eventLog/eventLog.ts';
import type { EventStore } from '../../src/ports/eventStore.ts';

export type TestLog = EventLog & {
  store: EventStore;
  /** Appends to the end of a stream and answers the last position. */
  write(stream: string, ...events: SchoolEvent[]): Promise<string>;
  /** Appends what no codec would write. */
  writeRaw(stream: string, type: string, data: unknown): Promise<{ id: string; position: string }>;
};

const by = { actor: { id: 'anna', role: 'admin' }, occurredAt: '2026-03-02T17:00:00.000Z' };

/** An event log on a test database. The events that the engines' tests write hold no personal fields. */
export function openTestLog(url: string, store: EventStore = createPostgresEventStore({ url })): TestLog {
  const codec = createCodec(schoolEvents, { find: async () => new Map(), obtain: async () => Buffer.alloc(32) });
  const log = createEventLog(store, codec);
  const expected = async (stream: string) => (await store.readStream(stream, { direction: 'backwards', limit: 1 }))[0]?.revision ?? 'noStream';
  const metadata = () => { const commandId = randomUUID(); return { commandId, correlationId: commandId, causationId: commandId, ...by }; };
  return {
    ...log,
    store,
    async write(stream, ...events) {
      const encoded = [];
      for (const event of events) encoded.push(await codec.encode(event, randomUUID(), metadata()));
      const outcome = await store.append(stream, encoded, { expectedRevision: await expected(stream) });
      if (outcome.outcome !== 'appended') throw new Error('somebody else wrote this stream');
      return outcome.position;
    },
    async writeRaw(stream, type, data) {
      const id = randomUUID();
      const outcome = await store.append(stream, [{ id, type, schemaVersion: 1, data, metadata: metadata() }], { expectedRevision: await expected(stream) });
      if (outcome.outcome !== 'appended') throw new Error('somebody else wrote this stream');
      return { id, position: outcome.position };
    },
  };
}

export const deactivated = (personId: string): SchoolEvent => ({ type: 'PersonDeactivated', data: { personId } });

export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
