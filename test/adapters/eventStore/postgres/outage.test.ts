import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import { migrate } from '../../../../src/adapters/postgres/migrate.ts';
import type { EventStore, EventStoreError } from '../../../../src/ports/eventStore.ts';
import { startCuttingProxy } from '../../../support/cuttingProxy.ts';
import { eventually } from '../../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';
import { startThrowAwayPostgres, type ThrowAwayPostgres } from '../../../support/throwAwayPostgres.ts';
import { anEvent, someEvents } from './events.ts';

let database: TestDatabase;
const stores: EventStore[] = [];
const opened = (store: EventStore) => {
  stores.push(store);
  return store;
};
beforeAll(async () => { database = await createTestDatabase(); });
afterEach(async () => { await Promise.all(stores.splice(0).map((store) => store.close())); });
afterAll(() => database.drop());

const codeOf = (answer: Promise<unknown>) => answer.then(() => 'no error', (error: EventStoreError) => error.code);

test('a server that is not there: appends are unavailable, and so are reads', async () => {
  const url = new URL(database.url);
  url.port = '1';
  const store = opened(createPostgresEventStore({ url: url.href, limits: { unsentMs: 100 } }));
  expect(await codeOf(store.append('s', [anEvent()], { expectedRevision: 'noStream' }))).toBe('unavailable');
  expect(await codeOf(store.readStream('s'))).toBe('unavailable');
  expect(await codeOf(store.head())).toBe('unavailable');
  expect(await codeOf(store.logId())).toBe('unavailable');
});

test('while the server is silent only so many appends wait; one more is turned away at once, unsent', async () => {
  const proxy = await startCuttingProxy(database.url);
  const store = opened(createPostgresEventStore({ url: proxy.url, limits: { queuedAppends: 50 } }));
  await store.append('warm-up', [anEvent()], { expectedRevision: 'noStream' });
  proxy.freeze();
  const waiting = Array.from({ length: 50 }, (_, n) => codeOf(store.append(`waits-${n}`, [anEvent()], { expectedRevision: 'noStream' })));
  expect(await codeOf(store.append('too-many', [anEvent()], { expectedRevision: 'noStream' }))).toBe('unavailable');
  proxy.cut();
  proxy.thaw();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(['no error']));
  expect(await store.readStream('too-many')).toEqual([]);
  await proxy.close();
}, 60_000);

test('an append that was sent and never answered is of unknown outcome, one behind it in the queue is not', async () => {
  const proxy = await startCuttingProxy(database.url);
  const store = opened(createPostgresEventStore({ url: proxy.url, limits: { sentMs: 300, unsentMs: 300 } }));
  await store.append('before-silence', [anEvent()], { expectedRevision: 'noStream' });
  const [first, second] = [someEvents(2), someEvents(1)];
  proxy.mute();
  const sent = store.append('silent', first, { expectedRevision: 'noStream' });
  const outcome = codeOf(sent);
  await eventually(async () => (await database.pool.query(`select from lectern.events where stream = 'silent'`)).rowCount === 2);
  const queued = codeOf(store.append('behind', second, { expectedRevision: 'noStream' }));
  expect(await outcome).toBe('unknownOutcome');
  expect(await queued).toBe('unavailable');
  proxy.cut();
  // What the port asks of the caller: the very same append again.
  const again = opened(createPostgresEventStore({ url: database.url }));
  expect(await again.append('silent', first, { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended', revision: 1 });
  expect(await again.readStream('silent')).toHaveLength(2);
  expect(await again.readStream('behind')).toEqual([]);
  await proxy.close();
}, 60_000);

test('a restart of the server goes unnoticed by whoever appends: in the log once, in order', async () => {
  let server: ThrowAwayPostgres | undefined;
  try {
    server = await startThrowAwayPostgres({ durable: true });
    await migrate(server.url, { info: () => undefined, error: (message) => console.error(message) });
    const store = createPostgresEventStore({ url: server.url, limits: { unsentMs: 20_000, sentMs: 20_000 } });
    let appended = 0;
    let stop = false;
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; !stop; n += 1) {
        const answer = await store.append(`w-${writer}`, [anEvent()], { expectedRevision: n === 0 ? 'noStream' : n - 1 });
        expect(answer).toMatchObject({ outcome: 'appended', revision: n });
        appended += 1;
      }
    });
    for (let restart = 0; restart < 2; restart += 1) {
      const before = appended;
      await eventually(() => appended > before + 50);
      await server.restart();
    }
    const before = appended;
    await eventually(() => appended > before + 50);
    stop = true;
    await Promise.all(writers);
    const positions: number[] = [];
    for await (const page of store.readAll()) positions.push(...page.map(({ position }) => Number(position)));
    expect(positions).toEqual(Array.from({ length: appended }, (_, index) => index + 1));
    await store.close();
  } finally {
    await server?.stop();
  }
}, 120_000);
