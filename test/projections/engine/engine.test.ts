import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import type { ProjectionEngine } from '../../../src/projections/engine/engine.ts';
import { deactivated, openTestLog, type TestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { allergic, engineOf, ledger, people, peopleIn, startEngine } from './support.ts';

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
  for (let i = 0; i < names.length; i += 500) position = await log.write('person-x', ...names.slice(i, i + 500).map(deactivated));
  return position;
};

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

test('projects what was there and what comes, each event once', async () => {
  await write(...people(1, 1_200));
  const engine = await run([ledger('a'), ledger('b')], { maxBatch: 500 });
  const position = await write(...people(1_201, 1_300));
  expect(await engine.waitFor('a', position, 5_000)).toBe(true);
  expect(await engine.waitFor('b', position, 5_000)).toBe(true);
  expect(await peopleIn(db, engine, 'a')).toEqual(people(1, 1_300));
  expect(await peopleIn(db, engine, 'b')).toEqual(people(1, 1_300));
  const status = await eventually(async () => { const all = await engine.status(); return all.every((one) => one.state === 'live' && one.lagMs === 0) ? all : undefined; });
  expect(status.map((one) => [one.name, one.position])).toEqual([['a', position], ['b', position]]);
});

test('goes on from the checkpoint after a stop', async () => {
  const first = await run([ledger('a')]);
  expect(await first.waitFor('a', await write(...people(1, 10)), 5_000)).toBe(true);
  await first.stop();
  await write(...people(11, 20));
  const second = await run([ledger('a')]);
  expect(await second.waitFor('a', await log.head(), 5_000)).toBe(true);
  expect(await peopleIn(db, second, 'a')).toEqual(people(1, 20));
});

test('waitFor says false in time when the position does not come', async () => {
  const engine = await run([ledger('a')]);
  expect(await engine.waitFor('a', '9'.repeat(19), 50)).toBe(false);
});

test('a process that only answers queries sees another one\'s progress', async () => {
  const feeder = await run([ledger('a')]);
  const reader = await run([ledger('a')], { feeds: 'nothing' });
  const position = await write('p1');
  expect(await reader.waitFor('a', position, 5_000)).toBe(true);
  expect(await peopleIn(db, reader, 'a')).toEqual(['p1']);
  expect((await reader.status())[0]?.owner).toBe((await feeder.status())[0]?.owner);
});

describe('an event that cannot be projected', () => {
  test('pauses its read model, named, with what came before committed, while the others go on', async () => {
    const engine = await run([allergic('a', 'bad'), ledger('b')]);
    await write(...people(1, 700), 'bad', ...people(701, 900));
    const position = await log.head();
    expect(await engine.waitFor('b', position, 5_000)).toBe(true);
    const paused = await eventually(async () => (await engine.status()).find((one) => one.name === 'a' && one.state === 'paused'));
    const bad = (await log.store.readStream('person-x', { from: 700, limit: 1 }))[0];
    expect(paused.pausedAt).toMatchObject({ eventId: bad?.id, position: bad?.position, eventType: 'PersonDeactivated', stream: 'person-x', revision: 700, error: expect.stringContaining('check constraint') });
    expect(await peopleIn(db, engine, 'a')).toEqual(people(1, 700));
    expect(await peopleIn(db, engine, 'b')).toEqual([...people(1, 700), 'bad', ...people(701, 900)]);
  });

  test('and so does one that cannot be read', async () => {
    const engine = await run([ledger('a')]);
    await write('p1');
    const broken = await log.writeRaw('person-x', 'PersonDeactivated', { personId: 7 });
    await write('p2');
    const paused = await eventually(async () => (await engine.status()).find((one) => one.state === 'paused'));
    expect(paused.pausedAt).toMatchObject({ eventId: broken.id, position: broken.position, error: expect.stringContaining('personId') });
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1']);
  });

  test('of a type that a newer release wrote is passed over', async () => {
    const engine = await run([ledger('a')]);
    await log.writeRaw('person-x', 'PersonPromoted', {});
    expect(await engine.waitFor('a', await write('p2'), 5_000)).toBe(true);
  });

  test('is skipped only with a reason, which is on record, and later rebuilds pass over it too', async () => {
    const engine = await run([allergic('a', 'bad')]);
    await write('p1', 'bad', 'p2');
    const paused = await eventually(async () => (await engine.status()).find((one) => one.state === 'paused'));
    await engine.skip('a', 'typed by mistake', { id: 'anna', role: 'admin' });
    expect(await engine.waitFor('a', await log.head(), 5_000)).toBe(true);
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1', 'p2']);
    const [record] = await log.readStream('projection-a');
    expect(record).toMatchObject({ ok: true, event: { type: 'ProjectionEventSkipped', data: { projection: 'a', eventId: paused.pausedAt?.eventId, reason: 'typed by mistake' }, metadata: { actor: { id: 'anna' } } } });
    await eventually(async () => (await engine.status())[0]?.state === 'live');
    await engine.replay(['a']);
    expect((await engine.status()).map((one) => [one.generation, one.state])).toEqual([[2, 'live']]);
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1', 'p2']);
    await expect(engine.skip('a', 'again', { id: 'anna', role: 'admin' })).rejects.toMatchObject({ code: 'readModelNotPaused' });
  });

  test('is tried again on resume, once its cause is gone', async () => {
    const engine = await run([allergic('a', 'bad')]);
    await write('p1', 'bad', 'p2');
    await eventually(async () => (await engine.status())[0]?.state === 'paused');
    await db.pool.query(`alter table ${await engine.schema('a')}.seen drop constraint seen_person_check`);
    await engine.resume('a');
    expect(await engine.waitFor('a', await log.head(), 5_000)).toBe(true);
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1', 'bad', 'p2']);
  });
});

describe('a checkpoint that does not fit the log', () => {
  test('of another log refuses to start, and a rebuild is the way out', async () => {
    const sound = await run([ledger('a')]);
    await sound.waitFor('a', await write('p1'), 5_000);
    await eventually(async () => (await sound.status())[0]?.state === 'live');
    await engines.pop()?.stop();
    await db.pool.query(`update lectern.read_models set log_id = gen_random_uuid()::text`);
    await expect(engineOf(db, log, [ledger('a')]).start()).rejects.toMatchObject({ name: 'CheckpointMisfit', code: 'checkpointOfAnotherLog', message: expect.stringContaining('lectern replay a') });
    const rebuilder = await run([ledger('a')], { feeds: 'rebuilds' });
    await rebuilder.replay(['a']);
    await rebuilder.stop();
    const engine = await run([ledger('a')]);
    expect(await peopleIn(db, engine, 'a')).toEqual(['p1']);
  });

  test('beyond the head refuses to start', async () => {
    await (await run([ledger('a')])).waitFor('a', await write('p1'), 5_000);
    await engines.pop()?.stop();
    await db.pool.query(`update lectern.read_models set position = '9' || substr(position, 2)`);
    await expect(engineOf(db, log, [ledger('a')]).start()).rejects.toMatchObject({ code: 'checkpointBeyondHead' });
  });
});

describe('ownership', () => {
  test('of a process that died is taken over at once, of one that is silent after its lease', async () => {
    const silent = 'elsewhere.1.t1.abcd';
    const engine = await run([ledger('a')]);
    await engine.waitFor('a', await write('p1'), 5_000);
    await engine.stop();
    await db.pool.query(`update lectern.read_models set owner = $1, lease_until = now() + interval '1 second'`, [silent]);
    const patient = await run([ledger('a')]);
    const position = await write('p2');
    expect(await patient.waitFor('a', position, 300)).toBe(false);
    expect(await patient.waitFor('a', position, 5_000)).toBe(true);
    await patient.stop();

    const self = createProcessIdentity();
    await db.pool.query(`update lectern.read_models set owner = 'dead', lease_until = now() + interval '1 hour'`);
    const heir = await run([ledger('a')], { process: { id: self.id, isDead: (id) => id === 'dead' } });
    expect(await heir.waitFor('a', await write('p3'), 2_000)).toBe(true);
    expect(await peopleIn(db, heir, 'a')).toEqual(['p1', 'p2', 'p3']);
  });

  test('by two at once never advances twice: the compare-and-set lets one through', async () => {
    // Both believe to own everything at any time: each takes the other for dead.
    const paranoid = () => ({ id: createProcessIdentity().id, isDead: () => true });
    // And nothing but the checkpoint keeps an event from being written twice.
    const unguarded = (name: string) => ledger(name, { schemaSql: (schema) => `create table ${schema}.seen (position text collate "C" not null, person text not null)` });
    const one = await run([unguarded('a'), unguarded('b')], { process: paranoid(), tickMs: 5, maxBatch: 7 });
    await run([unguarded('a'), unguarded('b')], { process: paranoid(), tickMs: 5, maxBatch: 7 });
    for (let i = 0; i < 40; i += 1) await write(...people(i * 25 + 1, i * 25 + 25));
    expect(await one.waitFor('a', await log.head(), 15_000)).toBe(true);
    expect(await one.waitFor('b', await log.head(), 15_000)).toBe(true);
    expect(await peopleIn(db, one, 'a')).toEqual(people(1, 1_000));
    expect(await peopleIn(db, one, 'b')).toEqual(people(1, 1_000));
    expect((await one.status()).filter((status) => status.state === 'paused')).toEqual([]);
  });
});
