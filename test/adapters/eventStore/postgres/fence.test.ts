import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { appendFenced } from '../../../../src/adapters/eventStore/postgres/appendFenced.ts';
import type { BatchReport } from '../../../../src/adapters/eventStore/postgres/appender.ts';
import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import { serialise, type PendingAppend } from '../../../../src/adapters/eventStore/postgres/pendingAppend.ts';
import { createWriter, type Writer } from '../../../../src/adapters/eventStore/postgres/writer.ts';
import { advisoryLocks } from '../../../../src/adapters/postgres/advisoryLocks.ts';
import { createPool } from '../../../../src/adapters/postgres/pool.ts';
import type { EventStore } from '../../../../src/ports/eventStore.ts';
import { eventually } from '../../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';
import { anEvent, someEvents } from './events.ts';

let database: TestDatabase;
const closing: (() => unknown)[] = [];

beforeEach(async () => { database = await createTestDatabase(); });
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  await database.drop();
});

function openStore(): { store: EventStore; ways: BatchReport['way'][] } {
  const ways: BatchReport['way'][] = [];
  const store = createPostgresEventStore({ url: database.url, onBatch: ({ way }) => void ways.push(way) });
  closing.push(() => store.close());
  return { store, ways };
}

function openWriter(): Writer {
  const pool = createPool({ url: database.url, applicationName: 'fenced', max: 1, log: { warn: () => undefined } });
  const writer = createWriter(pool);
  closing.push(() => {
    writer.close();
    return pool.end();
  });
  return writer;
}

async function openClient(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  closing.push(() => client.end());
  return client;
}

const pending = (stream: string, expected: number, count: number): PendingAppend =>
  ({ stream, expected, ...serialise(stream, someEvents(count)), since: 0, sent: false, resolve: () => undefined, reject: () => undefined });

const insert = (client: pg.Client, position: number, stream: string) =>
  client.query(`insert into lectern.events values ($1, $2, 0, gen_random_uuid(), 'Noted', 1, '{}', '{}')`, [position, stream]);

const inLog = async () => (await database.pool.query<{ line: string }>(`select position || ' ' || stream || ' ' || revision as line from lectern.events order by position`)).rows.map(({ line }) => line);
const waiting = (count: number) => eventually(async () => (await database.pool.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount === count);

/** One event, several, and several of which one is looked up. */
const forms: Record<string, (writer: Writer, base: bigint) => Promise<boolean>> = {
  one: (writer, base) => appendFenced(writer, base, [pending('new', -1, 1)], []),
  many: (writer, base) => appendFenced(writer, base, [pending('new', -1, 2), pending('newer', -1, 1)], []),
  looked: (writer, base) => {
    const after = pending('there', 0, 1);
    return appendFenced(writer, base, [pending('new', -1, 1), after], [after]);
  },
};

test.each(Object.entries(forms))('the fenced form for %s writes where the log ends, and nothing where it ended before or will end later', async (_, write) => {
  await insert(await openClient(), 1, 'there');
  const writer = openWriter();
  expect(await write(writer, 0n)).toBe(false);
  expect(await write(writer, 5n)).toBe(false);
  expect(await inLog()).toEqual(['1 there 0']);
  expect(await write(writer, 1n)).toBe(true);
  expect(await write(writer, 1n)).toBe(false);
  const lines = await inLog();
  expect(lines[1]).toBe('2 new 0');
  expect(lines.map((line) => Number(line.split(' ')[0]))).toEqual(lines.map((__, index) => index + 1));
});

test('who finds its place taken by a write that is not committed waits, and writes only if that one does not', async () => {
  const [writer, other] = [openWriter(), await openClient()];
  for (const end of ['rollback', 'commit']) {
    await other.query('begin');
    await insert(other, end === 'rollback' ? 1 : 3, `other-${end}`);
    const answer = appendFenced(writer, end === 'rollback' ? 0n : 2n, [pending(`mine-${end}`, -1, 2)], []);
    await waiting(1);
    await other.query(end);
    expect(await answer).toBe(end === 'rollback');
  }
  expect(await inLog()).toEqual(['1 mine-rollback 0', '2 mine-rollback 1', '3 other-commit 0']);
});

test('the lock is taken once for a statement, before its first row', async () => {
  const client = await openClient();
  await client.query('begin');
  let plan = '';
  const explaining: Writer = {
    count: async ({ text, values }) => {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (verbose) ${text}`, [...values]);
      plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      return 1;
    },
    rows: (statement) => client.query(statement),
    close: () => undefined,
  };
  for (const [form, write] of Object.entries(forms)) {
    await write(explaining, 1n);
    if (form === 'one') expect(plan).toMatch(/Subquery Scan on h[^]*Filter: .*pg_try_advisory[^]*Limit/); // of one row
    else expect(/One-Time Filter: (.*)/.exec(plan)?.[1]).toMatch(/(?=.*\(InitPlan 1\))(?=.*\(InitPlan 2\))/);
    expect(plan.match(/pg_try_advisory/g)).toHaveLength(1);
    expect(plan).toMatch(/Index Only Scan Backward using events_pkey/);
  }
});

test('a log that became shorter under a store gets no gap', async () => {
  const { store } = openStore();
  await store.append('kept', [anEvent()], { expectedRevision: 'noStream' });
  await store.append('gone', someEvents(3), { expectedRevision: 'noStream' });
  await database.pool.query('delete from lectern.events where position > 1');
  await store.append('after', someEvents(2), { expectedRevision: 'noStream' });
  expect(await inLog()).toEqual(['1 kept 0', '2 after 0', '3 after 1']);
});

test.each(['read committed', 'repeatable read', 'serializable'])('who is fenced gives way to whoever holds the lock, and is right afterwards, where transactions are %s by default', async (isolation) => {
  await database.pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_isolation = '${isolation}'`);
  const { store, ways } = openStore();
  await store.append('mine', [anEvent()], { expectedRevision: 'noStream' });
  const judge = await openClient();
  await judge.query('begin');
  await judge.query('select pg_advisory_xact_lock($1)', [advisoryLocks.append]);
  await insert(judge, 2, 'theirs');
  let answered = false;
  const answer = store.append('mine', [anEvent()], { expectedRevision: 0 }).finally(() => { answered = true; });
  await waiting(1);
  await sleep(50);
  expect(answered).toBe(false);
  await judge.query('commit');
  expect(await answer).toMatchObject({ outcome: 'appended', revision: 1 });
  expect(ways).toEqual(['fenced', 'checked']);
  expect(await inLog()).toEqual(['1 mine 0', '2 theirs 0', '3 mine 1']);
});

test('who is fenced does not overtake a checked one that waits', async () => {
  const [one, two] = [openStore(), openStore()];
  await one.store.append('first', [anEvent()], { expectedRevision: 'noStream' });
  await two.store.append('second', [anEvent()], { expectedRevision: 'noStream' });
  await one.store.append('first', [anEvent()], { expectedRevision: 0 });
  await one.store.append('first', [anEvent()], { expectedRevision: 1 });
  const inFlight = await openClient();
  await inFlight.query('begin');
  await inFlight.query('select pg_advisory_xact_lock_shared($1)', [advisoryLocks.append]);
  const checked = two.store.append('second', [anEvent()], { expectedRevision: 0 });
  await waiting(1);
  const fenced = one.store.append('first', [anEvent()], { expectedRevision: 2 });
  await waiting(2);
  await inFlight.query('commit');
  await Promise.all([checked, fenced]);
  expect((await inLog()).slice(-2)).toEqual(['5 second 1', '6 first 3']);
  expect(one.ways.at(-1)).toBe('checked');
});

test('two that write at once under a stricter default isolation are both answered, and the log is whole', async () => {
  await database.pool.query(`alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_isolation = 'repeatable read'`);
  const outcomes = await Promise.all(['one', 'two'].map(async (stream) => {
    const { store } = openStore();
    const answers = [];
    for (let n = -1; n < 19; n += 1) answers.push((await store.append(stream, [anEvent()], { expectedRevision: n < 0 ? 'noStream' : n })).outcome);
    return answers;
  }));
  expect(new Set(outcomes.flat())).toEqual(new Set(['appended']));
  expect((await inLog()).map((line) => Number(line.split(' ')[0]))).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
});

test('of two with the same head in mind one is fenced, the other judged, and the log is whole', async () => {
  const stores = [openStore(), openStore()];
  await eventually(async () => (await database.pool.query(`select from pg_stat_activity where datname = current_database() and application_name = 'lectern log writer' and state = 'idle' and query like '%lectern.events%'`)).rowCount === 2);
  const answers = await Promise.all(stores.map(({ store }, n) => store.append(`s-${n}`, [anEvent()], { expectedRevision: 'noStream' })));
  expect(answers.map(({ outcome }) => outcome)).toEqual(['appended', 'appended']);
  expect(stores.flatMap(({ ways }) => ways).sort()).toEqual(['checked', 'fenced']);
  expect((await inLog()).map((line) => line.split(' ')[0])).toEqual(['1', '2']);
});
