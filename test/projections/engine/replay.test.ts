import type { ProjectionEngine } from '../../../src/projections/engine/engine.ts';
import { dropGeneration, listDroppable, switchOver } from '../../../src/projections/engine/generations.ts';
import type { ReplayProgress } from '../../../src/projections/engine/replay.ts';
import { inTransaction } from '../../../src/projections/engine/transaction.ts';
import { deactivated, openTestLog, type TestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { allergic, ledger, people, peopleIn, startEngine } from './support.ts';

let db: TestDatabase;
let log: TestLog;
let engines: ProjectionEngine[];
const run = async (...[models, more]: [Parameters<typeof startEngine>[2], Parameters<typeof startEngine>[3]?]) => {
  const engine = await startEngine(db, log, models, more);
  engines.push(engine);
  return engine;
};
const write = async (...names: string[]) => {
  let position = '';
  for (let i = 0; i < names.length; i += 1_000) position = await log.write('person-x', ...names.slice(i, i + 1_000).map(deactivated));
  return position;
};
/** Until then its first generation is still a rebuild that a replay would go on with. */
const isLive = (engine: ProjectionEngine) => eventually(async () => (await engine.status()).every((one) => one.state === 'live'));
const generations = async () => (await db.pool.query<{ line: string }>(`select name || ' v' || version || ' g' || generation || ' ' || state as line from lectern.read_models order by 1`)).rows.map((row) => row.line);

beforeEach(async () => {
  db = await createTestDatabase();
  log = openTestLog(db.url);
  engines = [];
});
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.stop()));
  await log.store.close();
  await db.drop();
});

test('rebuilds all beside what serves, with progress, under writes, and every query is answered meanwhile', async () => {
  const engine = await run([ledger('a'), ledger('b')], { maxBatch: 200 });
  await engine.waitFor('a', await write(...people(1, 3_000)), 10_000);
  await engine.waitFor('b', await log.head(), 10_000);
  await isLive(engine);
  const before = await engine.schema('a');
  await db.pool.query(`delete from ${before}.seen where person = 'p7'`); // what a rebuild is for
  const progress: ReplayProgress[] = [];
  let least = Infinity;
  let over = false;
  const asking = (async () => { while (!over) least = Math.min(least, (await peopleIn(db, engine, 'a')).length); })();
  const replaying = engine.replay('all', { onProgress: (one) => progress.push(one), progressEveryMs: 10 });
  await write(...people(3_001, 3_100));
  await replaying;
  over = true;
  await asking;
  expect(least).toBeGreaterThanOrEqual(2_999);
  expect(await engine.schema('a')).not.toBe(before);
  expect(await engine.waitFor('a', await log.head(), 5_000)).toBe(true);
  expect(await engine.waitFor('b', await log.head(), 5_000)).toBe(true);
  expect(await peopleIn(db, engine, 'a')).toEqual(people(1, 3_100));
  expect(await peopleIn(db, engine, 'b')).toEqual(people(1, 3_100));
  expect(progress[0]?.totalEvents).toBeGreaterThanOrEqual(3_000);
  expect(progress.at(-1)?.readModels.every((one) => one.state === 'live')).toBe(true);
  expect(progress.some((one) => one.eventsPerSecond > 0)).toBe(true);
  expect(await generations()).toEqual(['a v1 g1 retired', 'a v1 g2 live', 'b v1 g1 retired', 'b v1 g2 live']);
});

test('interrupted, a rebuild goes on where it stood', async () => {
  await write(...people(1, 2_000));
  const engine = await run([ledger('a')]);
  await engine.waitFor('a', await log.head(), 5_000);
  await isLive(engine);
  await engine.stop();
  // A rebuild that stands still at the 1,001st event, until it is let go on.
  const stuckAt = ledger('a', { async project(events, database, schema) {
    if (events.some((event) => event.revision >= 1_000)) throw Object.assign(new Error('the server is shutting down'), { code: '57P01' });
    await ledger('a').project(events, database, schema);
  } });
  const first = await run([stuckAt], { feeds: 'rebuilds', maxBatch: 500 });
  const interrupt = new AbortController();
  const interrupted = first.replay(['a'], { signal: interrupt.signal, progressEveryMs: 10, onProgress: ({ events }) => { if (events >= 1_000) interrupt.abort(new Error('Ctrl-C')); } });
  await expect(interrupted).rejects.toThrow('Ctrl-C');
  await first.stop();
  expect(await generations()).toEqual(['a v1 g1 live', 'a v1 g2 building']);

  let sawFirst = false;
  const second = await run([ledger('a', { async project(events, database, schema) {
    if (events.some((event) => event.revision === 0)) sawFirst = true;
    await ledger('a').project(events, database, schema);
  } })], { feeds: 'rebuilds' });
  await second.replay(['a']);
  expect(sawFirst).toBe(false);
  expect(await generations()).toEqual(['a v1 g1 retired', 'a v1 g2 live']);
  expect(await peopleIn(db, second, 'a')).toEqual(people(1, 2_000));
});

test('a rebuild asked for in one process is done by another if that one dies, and every process switches', async () => {
  await write(...people(1, 50));
  const server = await run([ledger('a')]);
  await server.waitFor('a', await log.head(), 5_000);
  await isLive(server);
  const before = await server.schema('a');
  const asking = await run([ledger('a')], { feeds: 'nothing' }); // it only asks: as one that died right after
  await asking.replay(['a']);
  await eventually(async () => (await server.schema('a')) !== before);
  expect(await server.waitFor('a', await write('p51'), 5_000)).toBe(true);
  expect(await peopleIn(db, server, 'a')).toEqual(people(1, 51));
});

test('during a rolling upgrade each version feeds and serves its own tables', async () => {
  const old = await run([ledger('a')]);
  await old.waitFor('a', await write(...people(1, 20)), 5_000);
  const shouting: Parameters<typeof startEngine>[2] = [ledger('a', { version: 2, async project(events, database, schema) {
    for (const event of events) if (event.type === 'PersonDeactivated') await database.query(`insert into ${schema}.seen values ($1, upper($2))`, [event.position, event.data.personId]);
  } })];
  const renewed = await run(shouting);
  const position = await write('p21');
  expect(await renewed.waitFor('a', position, 5_000)).toBe(true);
  expect(await old.waitFor('a', position, 5_000)).toBe(true);
  expect(await peopleIn(db, renewed, 'a')).toEqual(people(1, 21).map((one) => one.toUpperCase()));
  expect(await peopleIn(db, old, 'a')).toEqual(people(1, 21));
  await isLive(old);
  await isLive(renewed);
  expect(await generations()).toEqual(['a v1 g1 live', 'a v2 g1 live']);
});

test('a rebuild that meets a poison event leaves the old one serving and says why', async () => {
  const engine = await run([ledger('a')]);
  await engine.waitFor('a', await write('p1', 'bad', 'p2'), 5_000);
  await isLive(engine);
  await engine.stop();
  const stricter = await run([allergic('a', 'bad')]);
  await expect(stricter.replay(['a'])).rejects.toMatchObject({ code: 'replayPaused', message: expect.stringContaining('check constraint') });
  expect(await peopleIn(db, stricter, 'a')).toEqual(['p1', 'bad', 'p2']);
  await stricter.skip('a', 'entered by mistake', { id: 'anna', role: 'admin' });
  await stricter.replay(['a']);
  expect(await peopleIn(db, stricter, 'a')).toEqual(['p1', 'p2']);
});

test('the switch waits until the new one is not behind the old one, and an event lies between', async () => {
  const engine = await run([ledger('a')]);
  await engine.waitFor('a', await write('p1'), 5_000);
  await isLive(engine);
  await engine.stop();
  const before = await log.head();
  const after = await write('p2');
  const logId = await log.logId();
  const insert = `insert into lectern.read_models (name, version, generation, state, schema_made, log_id, position, owner) values`;
  await db.pool.query(`update lectern.read_models set position = $1`, [after]);
  await db.pool.query(`${insert} ('a', 1, 2, 'building', true, $1, $2, 'me')`, [logId, before]);
  const key = { name: 'a', version: 1, generation: 2 };
  const attempt = (owner: string, head: string) => inTransaction(db.pool, (sql) => switchOver(sql, key, owner, async () => head));
  expect(await attempt('me', after)).toBe('behind');
  expect(await attempt('another', after)).toBe('lost');
  expect(await generations()).toEqual(['a v1 g1 live', 'a v1 g2 building']);
  expect(await attempt('me', before)).toBe('switched'); // its position is ahead, but no event is
  expect(await generations()).toEqual(['a v1 g1 retired', 'a v1 g2 live']);
});

test('what nobody needs any more is dropped', async () => {
  const engine = await run([ledger('a')]);
  await engine.waitFor('a', await write('p1'), 5_000);
  await isLive(engine);
  const old = await engine.schema('a');
  await engine.replay(['a']);
  expect(await listDroppable(db.pool, [ledger('a')], 60_000, 60_000)).toEqual([]);
  const [droppable] = await listDroppable(db.pool, [ledger('a')], 0, 60_000);
  expect(droppable).toEqual({ name: 'a', version: 1, generation: 1 });
  await inTransaction<void>(db.pool, (sql) => dropGeneration(sql, droppable!));
  await expect(db.pool.query(`select 1 from ${old}.seen`)).rejects.toThrow('does not exist');
  expect(await peopleIn(db, engine, 'a')).toEqual(['p1']);
});
