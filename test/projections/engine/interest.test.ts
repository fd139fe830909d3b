import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import type { SchoolEvent } from '../../../src/domain/schoolEvents.ts';
import type { ProjectionEngine } from '../../../src/projections/engine/engine.ts';
import type { ReadModel } from '../../../src/projections/engine/readModel.ts';
import { deactivated, openTestLog, type TestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { ledger, people, peopleIn, startEngine } from './support.ts';

let db: TestDatabase;
let log: TestLog;
let engines: ProjectionEngine[];
const run = async (...[models, more]: [Parameters<typeof startEngine>[2], Parameters<typeof startEngine>[3]?]) => {
  const engine = await startEngine(db, log, models, more);
  engines.push(engine);
  return engine;
};
/** In these tests nothing is stored unless something makes it so. */
const never = 3_600_000;
const renamed = (name: string): SchoolEvent => ({ type: 'GroupRenamed', data: { groupId: 'g', name } });
/** Events that nobody here projects, each an append of its own. */
const uninteresting = async (count: number) => {
  let position = '';
  for (let i = 0; i < count; i += 1) position = await log.write('group-g', renamed(`n${i}`));
  return position;
};
const interested = (name: string, more: Partial<ReadModel> = {}) => ledger(name, { types: ['PersonDeactivated'], ...more });
const stored = async () => (await db.pool.query<{ position: string }>('select position from lectern.read_models order by name')).rows.map((row) => row.position);
/** How often any checkpoint was written since. */
async function countStores() {
  await db.pool.query(`create table stores (n int); insert into stores values (0);
    create function count_store() returns trigger language plpgsql as $$ begin update stores set n = n + 1; return null; end $$;
    create trigger count_store after update of position on lectern.read_models for each row execute function count_store()`);
  return async () => (await db.pool.query<{ n: number }>('select n from stores')).rows[0]?.n;
}

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

test('events of other types are never shown to a read model, and cost it no transaction; it is past them at once', async () => {
  const shown: string[] = [];
  const engine = await run([interested('a', { async project(events) { shown.push(...events.map(({ type }) => type)); } })], { storeEveryMs: never });
  expect(await engine.waitFor('a', await log.write('person-x', deactivated('p1')), 5_000)).toBe(true);
  const stores = await countStores();
  const position = await uninteresting(50);
  expect(await engine.waitFor('a', position, 5_000)).toBe(true);
  expect(await engine.position('a')).toBe(position);
  expect(await stores()).toBe(0);
  expect(shown).toEqual(['PersonDeactivated']);
  await engine.stop();
  expect([await stores(), await stored()]).toEqual([1, [position]]);
});

test('its checkpoint is stored now and then, with one write for many', async () => {
  const engine = await run([interested('a')], { storeEveryMs: 300 });
  await engine.waitFor('a', await log.write('person-x', deactivated('p1')), 5_000);
  const stores = await countStores();
  const position = await uninteresting(60);
  await eventually(async () => (await stored())[0] === position);
  expect(await stores()).toBeLessThan(15);
});

test('stores and batches never take each other for another owner: nobody has to be taken up anew', async () => {
  const engine = await run([interested('a'), interested('b')], { storeEveryMs: 0, tickMs: 60_000, leaseMs: 3_600_000 });
  await engine.waitFor('a', await log.write('person-x', deactivated('p0')), 5_000);
  await db.pool.query(`create table taken (n int); insert into taken values (0);
    create function count_taken() returns trigger language plpgsql as $$ begin update taken set n = n + 1; return null; end $$;
    create trigger count_taken after update of lease_until on lectern.read_models for each row execute function count_taken()`);
  for (let i = 0; i < 100; i += 1) {
    await uninteresting(1);
    await Promise.all([log.write('person-x', deactivated(`p${i + 1}`)), uninteresting(1)]);
  }
  for (const name of ['a', 'b']) expect(await engine.waitFor(name, await log.head(), 5_000)).toBe(true);
  expect(await peopleIn(db, engine, 'b')).toEqual(people(0, 100));
  expect((await db.pool.query('select n from taken')).rows).toEqual([{ n: 0 }]);
});

test('a process that dies before it stored has its heir read on from the older checkpoint, and nothing is written twice', async () => {
  const dead = createProcessIdentity();
  const first = await run([interested('a')], { storeEveryMs: never, process: { id: 'dead', isDead: () => false } });
  const before = await log.write('person-x', deactivated('p1'));
  await first.waitFor('a', before, 5_000);
  const after = await uninteresting(5);
  await first.waitFor('a', after, 5_000);
  expect(await stored()).toEqual([before]);
  const heir = await run([interested('a')], { storeEveryMs: never, process: { id: dead.id, isDead: (id) => id === 'dead' } });
  expect(await heir.waitFor('a', await log.write('person-x', deactivated('p2')), 5_000)).toBe(true);
  // The one that was taken for dead lives, and must not go on: what it believes to own has moved.
  await log.write('person-x', deactivated('p3'));
  expect(await heir.waitFor('a', await log.head(), 5_000)).toBe(true);
  expect(await peopleIn(db, heir, 'a')).toEqual(['p1', 'p2', 'p3']);
  expect((await heir.status()).map(({ state }) => state)).toEqual(['live']);
});

test('two owners at once never both advance, also where most events concern nobody', async () => {
  const paranoid = () => ({ id: createProcessIdentity().id, isDead: () => true });
  const unguarded = (name: string) => interested(name, { schemaSql: (schema) => `create table ${schema}.seen (position text collate "C" not null, person text not null)` });
  const options = () => ({ process: paranoid(), tickMs: 5, maxBatch: 7, storeEveryMs: 1 });
  const one = await run([unguarded('a'), unguarded('b')], options());
  await run([unguarded('a'), unguarded('b')], options());
  for (let i = 0; i < 30; i += 1) {
    await log.write('person-x', ...people(i * 10 + 1, i * 10 + 10).map(deactivated));
    await uninteresting(3);
  }
  expect(await one.waitFor('a', await log.head(), 15_000)).toBe(true);
  expect(await one.waitFor('b', await log.head(), 15_000)).toBe(true);
  expect(await peopleIn(db, one, 'a')).toEqual(people(1, 300));
  expect(await peopleIn(db, one, 'b')).toEqual(people(1, 300));
});

describe('a process that does not feed', () => {
  test('is past what concerns nobody at once, although the checkpoint is not', async () => {
    const feeder = await run([interested('a')], { storeEveryMs: never });
    const reader = await run([interested('a')], { feeds: 'nothing' });
    const before = await log.write('person-x', deactivated('p1'));
    await feeder.waitFor('a', before, 5_000);
    const after = await uninteresting(3);
    expect(await reader.waitFor('a', after, 1_000)).toBe(true);
    expect(await stored()).toEqual([before]);
  });

  test('waits where an event that concerns it is not projected yet', async () => {
    const feeder = await run([interested('a')], { storeEveryMs: never });
    const reader = await run([interested('a')], { feeds: 'nothing' });
    await feeder.waitFor('a', await log.write('person-x', deactivated('p1')), 5_000);
    await feeder.stop();
    await log.write('person-x', deactivated('p2'));
    const after = await uninteresting(1);
    expect(await reader.waitFor('a', after, 300)).toBe(false);
  });

  test('does not take a log that always grows for a read model that falls behind', async () => {
    await run([interested('a')], { storeEveryMs: 100 });
    const reader = await run([interested('a')], { feeds: 'nothing' });
    const until = performance.now() + 3_000;
    let worst = 0;
    while (performance.now() < until) {
      await uninteresting(5);
      worst = Math.max(worst, (await reader.status())[0]?.lagMs ?? 0);
    }
    expect(worst).toBeLessThan(1_500);
  });
});

describe('an event that cannot be read', () => {
  test('pauses exactly the read models that its type concerns', async () => {
    const engine = await run([interested('a'), interested('b', { types: ['GroupRenamed'] }), interested('c', { types: ['PersonDeactivated', 'GroupRenamed'] })]);
    const broken = await log.writeRaw('group-g', 'GroupRenamed', { groupId: 'g', name: 7 });
    const position = await log.write('person-x', deactivated('p1'));
    expect(await engine.waitFor('a', position, 5_000)).toBe(true);
    await eventually(async () => (await engine.status()).filter(({ state }) => state === 'paused').length === 2);
    expect((await engine.status()).map(({ name, state, pausedAt }) => [name, state, pausedAt?.eventId])).toEqual([
      ['a', 'live', undefined], ['b', 'paused', broken.id], ['c', 'paused', broken.id],
    ]);
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1']);
  });

  test('of a type that nobody projects pauses nobody', async () => {
    const engine = await run([interested('a'), interested('b')]);
    await log.writeRaw('group-g', 'GroupRenamed', { groupId: 'g', name: 7 });
    const position = await log.write('person-x', deactivated('p1'));
    expect(await engine.waitFor('a', position, 5_000)).toBe(true);
    expect(await engine.waitFor('b', position, 5_000)).toBe(true);
  });
});

test('a rebuild takes over while events go by that concern nobody', async () => {
  const engine = await run([interested('a')], { storeEveryMs: 50 });
  await engine.waitFor('a', await log.write('person-x', ...people(1, 20).map(deactivated)), 5_000);
  await eventually(async () => (await engine.status())[0]?.state === 'live');
  let over = false;
  const flood = (async () => { while (!over) await uninteresting(1); })();
  await engine.replay(['a']).finally(() => { over = true; });
  await flood;
  expect((await engine.status()).map(({ generation, state }) => [generation, state])).toEqual([[2, 'live']]);
  expect(await peopleIn(db, engine, 'a')).toEqual(people(1, 20));
});
