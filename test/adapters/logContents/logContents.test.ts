import { randomUUID } from 'node:crypto';
import { createEventStoreDb } from '../../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createPostgresLogContents } from '../../../src/adapters/logContents/postgresLogContents.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { createEventLog, type EventLog } from '../../../src/eventLog/eventLog.ts';
import { findEvents } from '../../../src/eventLog/findEvents.ts';
import type { Decoded } from '../../../src/eventLog/recorded.ts';
import type { EventStore, EventToAppend, RecordedEvent } from '../../../src/ports/eventStore.ts';
import type { LogContents, Wanted } from '../../../src/ports/logContents.ts';
import { startEventStoreDbServer, type EventStoreDbServer } from '../../support/eventStoreDbServer/server.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

const never = new AbortController().signal;
const rawOf = (decoded: Decoded) => (decoded.ok ? decoded.event : decoded.raw);
const anEvent = (type: string, person: string): EventToAppend =>
  ({ id: randomUUID(), type, schemaVersion: 1, data: {}, metadata: { commandId: 'c', correlationId: 'c', causationId: 'c', actor: { id: person, role: 'admin' }, occurredAt: '2026-03-02T08:00:00.000Z' } });

describe.each(['Postgres', 'EventStoreDB'])('the table of contents of a log in %s', (kind) => {
  let database: TestDatabase;
  let server: EventStoreDbServer | undefined;
  let store: EventStore;
  let contents: LogContents;
  let log: EventLog;
  let eventsRead = 0;
  let written = 0;

  const write = async (count: number) => {
    for (let n = 0; n < count; n += 1, written += 1) {
      const type = written % 37 === 5 ? 'Rare' : `Common${written % 3}`;
      await store.append(`s-${written}`, [anEvent(type, written % 29 === 7 ? 'mia' : `person${written % 4}`)], { expectedRevision: 'noStream' });
    }
  };
  const found = async (wanted: Wanted, direction: 'forwards' | 'backwards', after?: string) => {
    const all = [];
    for await (const page of findEvents(log, contents, wanted, { direction, after })) all.push(...page.map(rawOf));
    return all.filter(({ type, metadata }) => (wanted.types?.includes(type) ?? true) && (wanted.person ?? metadata.actor.id) === metadata.actor.id).map(({ position }) => position);
  };
  const everything = async () => {
    const all = [];
    for await (const page of store.readAll()) all.push(...page);
    return all;
  };
  /** The same by looking at every event. */
  const looked = (all: readonly RecordedEvent[], wanted: Wanted, direction: 'forwards' | 'backwards', after?: string) => {
    const fitting = all
      .filter(({ type, metadata }) => (wanted.types?.includes(type) ?? true) && (wanted.person ?? metadata.actor.id) === metadata.actor.id).map(({ position }) => position);
    return direction === 'forwards' ? fitting.filter((position) => after === undefined || position > after) : fitting.filter((position) => after === undefined || position < after).reverse();
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    if (kind === 'EventStoreDB') server = await startEventStoreDbServer();
    const bare = server ? createEventStoreDb({ url: server.url }) : createPostgresEventStore({ url: database.url });
    store = {
      ...bare,
      async *readAll(options) {
        for await (const page of bare.readAll(options)) {
          eventsRead += page.length;
          yield page;
        }
      },
    };
    contents = createPostgresLogContents(database.pool, store, 25);
    log = createEventLog(store, createCodec(schoolEvents, { find: async () => new Map(), obtain: async () => Buffer.alloc(32) }));
    await write(303);
  });
  afterAll(async () => {
    await store?.close();
    await server?.close();
    await database?.drop();
  });

  const finds = async () => {
    const all = await everything();
    const [middle, last] = [all[123]?.position, all.at(-1)?.position];
    for (const wanted of [{ types: ['Rare'] }, { types: ['Rare', 'Common1'], person: 'mia' }, { types: ['Never'] }, {}]) {
      for (const direction of ['forwards', 'backwards'] as const) {
        for (const after of [undefined, middle, last]) {
          expect([wanted, direction, after, await found(wanted, direction, after)]).toEqual([wanted, direction, after, looked(all, wanted, direction, after)]);
        }
      }
    }
  };

  it('finds what a look at every event finds: when it covers nothing, most, and when more has come', async () => {
    await finds();
    expect(await contents.extend(never)).toBe(12);
    await finds();
    await write(25);
    await finds();
    expect([await contents.extend(never), await contents.extend(never)]).toEqual([1, 0]);
    await finds();
  }, 60_000);

  it('spares the reading of what holds nothing wanted', async () => {
    const all = await everything();
    eventsRead = 0;
    const mias = await found({ types: ['Rare'], person: 'mia' }, 'forwards');
    expect(mias).toEqual(looked(all, { types: ['Rare'], person: 'mia' }, 'forwards'));
    // Half of the stretches hold one of each kind at most; and what is not covered yet.
    expect(eventsRead).toBeLessThan(all.length * 0.75);
    eventsRead = 0;
    expect(await found({ types: ['Never'] }, 'forwards')).toEqual([]);
    expect(eventsRead).toBeLessThan(10);
  });

  it('begins anew on a log that was put back', async () => {
    const head = await store.head();
    const beyond = head.replace(/^./, '9');
    await database.pool.query(`insert into lectern.log_contents values ($1, $2, $3, 1, '{}', '{}')`, [await store.logId(), beyond, head]);
    expect(await contents.extend(never)).toBe(13);
    await finds();
  }, 60_000);
});
