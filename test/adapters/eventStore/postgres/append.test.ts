import { randomUUID } from 'node:crypto';
import type { BatchReport } from '../../../../src/adapters/eventStore/postgres/appender.ts';
import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import { type EventStoreError, type EventStore, type RecordedEvent } from '../../../../src/ports/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';
import { anEvent, someEvents } from './events.ts';

let database: TestDatabase;
const stores: EventStore[] = [];

beforeEach(async () => { database = await createTestDatabase(); });
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await database.drop();
});

function open(): { store: EventStore; batches: BatchReport[] } {
  const batches: BatchReport[] = [];
  const store = createPostgresEventStore({ url: database.url, onBatch: (report) => void batches.push(report) });
  stores.push(store);
  return { store, batches };
}

async function everything(store: EventStore): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const page of store.readAll()) all.push(...page);
  return all;
}

/** What must be true of every log: positions 1, 2, 3 …, revisions 0, 1, 2 … in each stream, the head at the last event. */
async function expectWhole(store: EventStore): Promise<RecordedEvent[]> {
  const all = await everything(store);
  expect(all.map(({ position }) => Number(position))).toEqual(all.map((_, index) => index + 1));
  const next = new Map<string, number>();
  for (const { stream, revision } of all) {
    expect(revision).toBe(next.get(stream) ?? 0);
    next.set(stream, revision + 1);
  }
  expect(await store.head()).toBe(all.at(-1)?.position ?? '');
  return all;
}

test('one that is alone goes the short way from the first batch on, new streams too', async () => {
  const { store, batches } = open();
  for (let n = 0; n < 5; n += 1) expect((await store.append(`new-${n}`, [anEvent()], { expectedRevision: 'noStream' })).outcome).toBe('appended');
  await store.append('new-0', [anEvent()], { expectedRevision: 0 });
  expect(batches.map(({ way }) => way)).toEqual(Array(6).fill('fenced'));
  await expectWhole(store);
});

test('what arrives while a batch is in flight becomes one batch', async () => {
  const { store, batches } = open();
  await store.append('warm-up', [anEvent()], { expectedRevision: 'noStream' });
  await Promise.all(Array.from({ length: 100 }, (_, n) => store.append(`s-${n}`, someEvents(2), { expectedRevision: 'noStream' })));
  expect(batches.map(({ appends }) => appends)).toEqual([1, 100]);
  await expectWhole(store);
});

test('a stream nobody has seen here is looked up: a wrong revision is a conflict, its neighbours are stored', async () => {
  const { store: other } = open();
  await other.append('theirs', someEvents(3), { expectedRevision: 'noStream' });
  const { store } = open();
  await store.append('warm-up', [anEvent()], { expectedRevision: 'noStream' });
  const outcomes = await Promise.all([
    store.append('a', [anEvent()], { expectedRevision: 'noStream' }),
    store.append('theirs', [anEvent()], { expectedRevision: 'noStream' }),
    store.append('b', [anEvent()], { expectedRevision: 7 }),
    store.append('c', [anEvent()], { expectedRevision: 'noStream' }),
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['appended', 'conflict', 'conflict', 'appended']);
  expect(outcomes[1]).toEqual({ outcome: 'conflict', actualRevision: 2 });
  expect(outcomes[2]).toEqual({ outcome: 'conflict', actualRevision: 'noStream' });
  expect((await store.append('theirs', [anEvent()], { expectedRevision: 2 })).outcome).toBe('appended');
  await expectWhole(store);
});

test('a revision beyond the end of a stream that nobody has seen here leaves no gap: it is a conflict', async () => {
  await open().store.append('theirs', someEvents(3), { expectedRevision: 'noStream' });
  const { store, batches } = open();
  expect(await store.append('theirs', [anEvent()], { expectedRevision: 5 })).toEqual({ outcome: 'conflict', actualRevision: 2 });
  expect(await store.append('nobody’s', [anEvent()], { expectedRevision: 0 })).toEqual({ outcome: 'conflict', actualRevision: 'noStream' });
  expect((await open().store.append('theirs', [anEvent()], { expectedRevision: 2 })).outcome).toBe('appended');
  expect(batches.every(({ way }) => way === 'checked')).toBe(true);
  await expectWhole(store);
});

test('what was known of a stream before others wrote to it does no harm', async () => {
  const [one, two] = [open(), open()];
  await one.store.append('s', someEvents(2), { expectedRevision: 'noStream' });
  await two.store.append('s', someEvents(2), { expectedRevision: 1 });
  expect(await one.store.append('other', [anEvent()], { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended' });
  expect(await one.store.append('s', [anEvent()], { expectedRevision: 1 })).toEqual({ outcome: 'conflict', actualRevision: 3 });
  expect(await one.store.append('s', [anEvent()], { expectedRevision: 3 })).toMatchObject({ outcome: 'appended', revision: 4 });
  await expectWhole(one.store);
});

test('a repeated append answers as the first time, at once, later, after others wrote, and in another process', async () => {
  const { store } = open();
  const events = someEvents(3);
  const [first, twin] = await Promise.all([store.append('s', events, { expectedRevision: 'noStream' }), store.append('s', events, { expectedRevision: 'noStream' })]);
  expect(first).toMatchObject({ outcome: 'appended', revision: 2 });
  expect(twin).toEqual(first);
  await store.append('s', someEvents(2), { expectedRevision: 2 });
  expect(await store.append('s', events, { expectedRevision: 'noStream' })).toEqual(first);
  expect(await open().store.append('s', events, { expectedRevision: 'noStream' })).toEqual(first);
  expect(await store.append('s', events.toReversed(), { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 4 });
  expect(await store.append('s', [...events, anEvent()], { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 4 });
  expect(await expectWhole(store)).toHaveLength(5);
});

test('two that write in turns never take each other’s place: every append is judged by what is there', async () => {
  const [one, two] = [open(), open()];
  for (let n = 0; n < 20; n += 1) {
    const writer = n % 3 === 0 ? one : two;
    const outcomes = await Promise.all([
      writer.store.append('shared', [anEvent()], { expectedRevision: n === 0 ? 'noStream' : n - 1 }),
      writer.store.append(`own-${n}`, [anEvent()], { expectedRevision: 'noStream' }),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['appended', 'appended']);
  }
  expect([...one.batches, ...two.batches].some(({ way }) => way === 'fenced')).toBe(true);
  await expectWhole(one.store);
});

test('many at once on one stream with the same expectation: one wins, the others hear the revision', async () => {
  const { store } = open();
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => store.append('s', [anEvent()], { expectedRevision: 'noStream' })));
  expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
  expect(outcomes.filter((answer) => answer.outcome === 'conflict' && answer.actualRevision === 0)).toHaveLength(29);
});

test('what cannot be stored is refused by name before it can harm a batch', async () => {
  const { store } = open();
  const refusal = (stream: string, events: ReturnType<typeof someEvents>) => store.append(stream, events, { expectedRevision: 'noStream' }).catch((error: EventStoreError) => error.code);
  expect(await refusal('s', [])).toBe('invalid');
  expect(await refusal('', [anEvent()])).toBe('invalid');
  expect(await refusal('s\0', [anEvent()])).toBe('invalid');
  expect(await refusal('s\ud800', [anEvent()])).toBe('invalid');
  expect(await refusal('s', [{ ...anEvent(), id: 'x' }])).toBe('invalid');
  expect(await refusal('s', [anEvent(() => 1)])).toBe('invalid');
  expect(await refusal('s', [anEvent(1n)])).toBe('invalid');
  expect(await refusal('s', [anEvent('x'.repeat(1_048_577))])).toBe('tooLarge');
  expect(await refusal('s', someEvents(1_001))).toBe('invalid');
  expect(await store.append('s', [anEvent('x'.repeat(1_048_000))], { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended' });
  expect(await store.append('t', someEvents(1_000), { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended', revision: 999 });
});

test('the text of an event is stored byte for byte, and comes back as it went', async () => {
  const { store } = open();
  const data = { b: 1, a: [1.5, 1e21, 'ü€😀"\\\n', null, true], z: { '': {} } };
  await store.append('warm-up', [anEvent()], { expectedRevision: 'noStream' });
  await store.append('s', [anEvent(data)], { expectedRevision: 'noStream' });
  const { rows } = await database.pool.query(`select data::text as text from lectern.events where stream = 's'`);
  expect(rows).toEqual([{ text: JSON.stringify(data) }]);
  expect((await store.readStream('s'))[0]?.data).toEqual(JSON.parse(JSON.stringify(data)));
});

test('a log has one name for ever, and ids need not be unique across streams', async () => {
  const { store } = open();
  expect(await store.logId()).toBe(await open().store.logId());
  const id = randomUUID();
  await store.append('a', [{ ...anEvent(), id }], { expectedRevision: 'noStream' });
  expect((await store.append('b', [{ ...anEvent(), id }], { expectedRevision: 'noStream' })).outcome).toBe('appended');
});
