import { randomUUID } from 'node:crypto';
import { createEventStoreDb } from '../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import { copyLog, NotTheSameLog } from '../../src/eventLog/copyLog.ts';
import { EventStoreError, type EventStore, type EventToAppend, type RecordedEvent } from '../../src/ports/eventStore.ts';
import { startEventStoreDbServer } from '../support/eventStoreDbServer/server.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

const event = (note: string): EventToAppend => ({
  id: randomUUID(), type: 'Noted', schemaVersion: 1, data: { note },
  metadata: { commandId: randomUUID(), correlationId: 'c', causationId: 'd', actor: { id: 'p', role: 'admin' }, occurredAt: '2026-03-02T17:00:00.000Z' },
});
const everything = async (store: EventStore) => {
  const events: Omit<RecordedEvent, 'position'>[] = [];
  for await (const page of store.readAll()) for (const { position: _, ...rest } of page) events.push(rest);
  return events;
};

describe('copying a log', () => {
  const databases: TestDatabase[] = [];
  const open: { close(): Promise<void> }[] = [];
  const postgres = async () => {
    const database = await createTestDatabase();
    const store = createPostgresEventStore({ url: database.url });
    databases.push(database);
    open.push(store);
    return store;
  };
  const eventStoreDb = async () => {
    const server = await startEventStoreDbServer();
    const store = createEventStoreDb({ url: server.url });
    open.push(server, store);
    return store;
  };
  async function filled() {
    const store = await postgres();
    const revisions = new Map<string, number>();
    for (let i = 0; i < 60; i += 1) {
      const stream = `note-${(i * 7) % 5}`;
      const revision = revisions.get(stream) ?? -1;
      const events = Array.from({ length: 1 + (i % 3) }, (_, n) => event(`${i}.${n} Привіт`));
      await store.append(stream, events, { expectedRevision: revision < 0 ? 'noStream' : revision });
      revisions.set(stream, revision + events.length);
    }
    return store;
  }

  afterAll(async () => {
    for (const one of open.reverse()) await one.close();
    for (const database of databases) await database.drop();
  });

  it('keeps ids, order, streams, revisions and every word, from Postgres to EventStoreDB and back', async () => {
    const [source, through, back] = [await filled(), await eventStoreDb(), await postgres()];
    const { copied } = await copyLog(source, through);
    expect(await everything(through)).toEqual(await everything(source));
    expect((await copyLog(through, back)).copied).toBe(copied);
    expect(await everything(back)).toEqual(await everything(source));
  });

  it('goes on where it was interrupted, also when the answer of its last append was lost', async () => {
    const [source, target] = [await filled(), await postgres()];
    let left = 20;
    const breaking: EventStore = {
      ...target,
      async append(...args) {
        const outcome = await target.append(...args);
        left -= 1;
        if (left === 0) throw new EventStoreError('unavailable', 'the machine went away');
        if (left % 4 === 0) throw new EventStoreError('unknownOutcome', 'the answer was lost');
        return outcome;
      },
    };
    await expect(copyLog(source, breaking)).rejects.toMatchObject({ code: 'unavailable' });
    left = Infinity;
    const { copied } = await copyLog(source, target);
    expect(copied).toBeGreaterThan(0);
    expect(await everything(target)).toEqual(await everything(source));
    expect((await copyLog(source, target)).copied).toBe(0);
  });

  it('does not touch a target that holds something else', async () => {
    const [source, target] = [await filled(), await postgres()];
    await target.append('other-1', [event('mine')], { expectedRevision: 'noStream' });
    await expect(copyLog(source, target)).rejects.toBeInstanceOf(NotTheSameLog);
    expect(await everything(target)).toHaveLength(1);
  });
});
