import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { createPool } from '../../../src/adapters/postgres/pool.ts';
import { createHeartbeat, type Heartbeat } from '../../../src/adapters/processes/heartbeat.ts';
import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { defineTask, type ParkedJob, type Reactor, type Task, type TaskRun } from '../../../src/adapters/reactors/reactor.ts';
import { createReactors, type Reactors, type ReactorsOptions } from '../../../src/adapters/reactors/reactors.ts';
import { RetryLater } from '../../../src/adapters/reactors/retryLater.ts';
import { deactivated, openTestLog, quiet, type TestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let db: TestDatabase;
let log: TestLog;
let pool: pg.Pool;
let running: { reactors: Reactors; heartbeat: Heartbeat }[];
let children: ChildProcess[];

beforeEach(async () => {
  db = await createTestDatabase();
  log = openTestLog(db.url);
  pool = createPool({ url: db.url, applicationName: 'lectern test', log: quiet });
  running = [];
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const { reactors, heartbeat } of running) {
    await reactors.stop();
    await heartbeat.stop();
  }
  await log.store.close();
  await pool.end();
  await db.drop();
});

const lookAtPeople: Reactor = {
  name: 'people',
  jobs: (event) => (event.type === 'PersonDeactivated' ? [{ task: 'look', key: event.data.personId, payload: { person: event.data.personId } }] : []),
};
const look = (run: (person: string, run: TaskRun) => Promise<void>, more: { maxAttempts?: number } = {}): Task => defineTask<{ person: string }>({
  name: 'look',
  ...(more.maxAttempts === undefined ? {} : { maxAttempts: more.maxAttempts }),
  parse(payload) {
    if (typeof payload === 'object' && payload !== null && 'person' in payload && typeof payload.person === 'string') return { person: payload.person };
    throw new Error('no person in the payload');
  },
  run: ({ person }, context) => run(person, context),
});
async function start(task: Task, more: Partial<ReactorsOptions> = {}): Promise<Reactors> {
  const self = createProcessIdentity();
  const heartbeat = createHeartbeat({ pool, process: self, logger: quiet, everyMs: 500 });
  const reactors = createReactors({ log, pool, reactors: [lookAtPeople], tasks: [task], process: self, heartbeat, logger: quiet, pollMs: 50, sweepMs: 100, ...more });
  running.push({ reactors, heartbeat });
  await heartbeat.start();
  await reactors.start();
  await eventually(async () => (await reactors.status()).every((one) => one.owner !== undefined));
  return reactors;
}
const write = (...names: string[]) => log.write('person-x', ...names.map(deactivated));

test('an event makes a job; what happened before the reactor existed makes none', async () => {
  const seen: string[] = [];
  await write('old');
  await start(look(async (person) => { seen.push(person); }));
  await write('new');
  await eventually(() => seen.length > 0);
  expect(seen).toEqual(['new']);
});

test('many events about one thing are one job, and an event during its run makes it run again afterwards', async () => {
  const seen: string[] = [];
  let atOnce = 0;
  let most = 0;
  let release: () => void = () => undefined;
  await start(look(async (person) => {
    seen.push(person);
    most = Math.max(most, (atOnce += 1));
    if (seen.length === 1) await new Promise<void>((resolve) => { release = resolve; });
    atOnce -= 1;
  }));
  await write(...Array<string>(50).fill('p1'));
  await eventually(() => seen.length === 1);
  await write('p1');
  const [position] = [await log.head()];
  await eventually(async () => (await running[0]!.reactors.status())[0]!.position >= position);
  expect(seen).toEqual(['p1']);
  release();
  await eventually(() => seen.length === 2);
  await eventually(async () => (await db.pool.query('select 1 from graphile_worker._private_jobs')).rowCount === 0);
  expect([seen, most]).toEqual([['p1', 'p1'], 1]);
});

test('a stopped reactor misses nothing, and goes over nothing twice', async () => {
  const seen: string[] = [];
  await start(look(async (person) => { seen.push(person); }));
  await write('p1');
  await eventually(() => seen.length === 1);
  const [first] = running.splice(0);
  await first!.reactors.stop();
  await first!.heartbeat.stop();
  await write('p2');
  await start(look(async (person) => { seen.push(person); }));
  await eventually(() => seen.length === 2);
  expect(seen).toEqual(['p1', 'p2']);
});

test('RetryLater runs the job again at exactly that time, uses up no attempt, and a newer event does not hurry it', async () => {
  const runs: { at: number; attempt: number }[] = [];
  await start(look(async (_, { attempt }) => {
    runs.push({ at: Date.now(), attempt });
    if (runs.length === 1) throw new RetryLater(1_500, 'the vendor said: Retry-After');
  }));
  await write('p1');
  await eventually(() => runs.length === 1);
  await eventually(async () => (await db.pool.query(`select 1 from graphile_worker.jobs where flags ? 'retryLater' and locked_at is null`)).rowCount === 1);
  const { rows: [held] } = await db.pool.query<{ run_at: Date }>('select run_at from graphile_worker.jobs');
  await write('p1');
  await eventually(async () => (await running[0]!.reactors.status())[0]!.position >= await log.head());
  await eventually(() => runs.length === 2);
  expect(runs[1]!.at).toBeGreaterThanOrEqual(held!.run_at.getTime() - 50);
  expect(held!.run_at.getTime() - runs[0]!.at).toBeGreaterThanOrEqual(1_450);
  expect(runs[1]!.attempt).toBe(1);
});

test('a job that keeps failing is parked, told of once, listed, and runs again by hand', async () => {
  const parked: ParkedJob[] = [];
  let broken = true;
  let runs = 0;
  const reactors = await start(look(async (_, { isLastAttempt, attempt }) => {
    runs += 1;
    expect(isLastAttempt).toBe(attempt === 2);
    if (broken) throw new Error('the vendor says no');
  }, { maxAttempts: 2 }), { onParked: async (job) => { parked.push(job); } });
  await write('p1');
  await eventually(() => runs === 1);
  // The second attempt would come after graphile-worker's back-off of e seconds: its time is set to now.
  await eventually(async () => (await db.pool.query('update graphile_worker._private_jobs set run_at = now() where attempts = 1 and locked_at is null')).rowCount === 1);
  await eventually(() => parked.length === 1);
  expect(await reactors.listParked()).toMatchObject([{ task: 'look', key: 'p1', payload: { person: 'p1' }, attempts: 2, error: 'the vendor says no' }]);
  expect(parked).toMatchObject([{ key: 'p1' }]);
  broken = false;
  expect(await reactors.retryParked([parked[0]!.id])).toEqual([parked[0]!.id]);
  await eventually(async () => runs === 3 && (await reactors.listParked()).length === 0);
  expect(parked).toHaveLength(1);
});

test('parking is logged once, also when nobody else is told of it', async () => {
  const lines: [object, string][] = [];
  const logger = { ...quiet, error: (facts: object, message: string) => { lines.push([facts, message]); } };
  const parkings = () => lines.filter(([, message]) => message.includes('parked'));
  await start(look(async () => { throw new Error('the vendor says no'); }, { maxAttempts: 1 }), { logger });
  await write('p1');
  await eventually(() => parkings().length > 0);
  await write('p2');
  await eventually(() => parkings().length > 1); // p1 was looked at once more meanwhile
  expect(parkings()).toMatchObject(['p1', 'p2'].map((key) => [{ task: 'look', key, error: 'the vendor says no' }, 'a job used up its attempts and is parked']));
});

test('a payload that does not parse is parked at once', async () => {
  const reactors = await start(look(async () => undefined));
  await reactors.request([{ task: 'look', key: 'k', payload: { nobody: true } }]);
  await eventually(async () => (await reactors.listParked()).length === 1);
  expect(await reactors.listParked()).toMatchObject([{ key: 'k', error: 'no person in the payload' }]);
});

test('an event brings a parked job back', async () => {
  let broken = true;
  const reactors = await start(look(async () => { if (broken) throw new Error('no'); }, { maxAttempts: 1 }));
  await write('p1');
  await eventually(async () => (await reactors.listParked()).length === 1);
  broken = false;
  await write('p1');
  await eventually(async () => (await db.pool.query('select 1 from graphile_worker._private_jobs')).rowCount === 0);
  expect(await reactors.listParked()).toEqual([]);
});

test('an unreadable event is counted and does not stop the reactor', async () => {
  const seen: string[] = [];
  const reactors = await start(look(async (person) => { seen.push(person); }));
  await log.writeRaw('person-x', 'PersonDeactivated', { personId: 7 });
  await write('p2');
  await eventually(() => seen.length === 1);
  expect((await reactors.status())[0]).toMatchObject({ unreadable: 1, error: undefined });
});

test('events of other types than it declares are never shown to a reactor, and move its checkpoint only now and then', async () => {
  const shown = new Set<string>();
  const picky: Reactor = { name: 'picky', types: ['PersonDeactivated'], jobs(event) { shown.add(event.type); return lookAtPeople.jobs(event); } };
  const seen: string[] = [];
  const reactors = await start(look(async (person) => { seen.push(person); }), { reactors: [picky], storeEveryMs: 3_600_000 });
  await write('p1');
  await eventually(() => seen.length === 1);
  const before = (await reactors.status())[0]!.position;
  await log.writeRaw('group-g', 'GroupRenamed', { groupId: 'g', name: 7 }); // and so it is no event that could not be read
  for (let i = 0; i < 10; i += 1) await log.write('group-g', { type: 'GroupRenamed', data: { groupId: 'g', name: `n${i}` } });
  expect((await reactors.status())[0]!.position).toBe(before);
  await reactors.stop();
  const [after] = await reactors.status();
  expect([after!.position > before, after!.unreadable]).toEqual([true, 0]); // stored when it stopped, as far as it had come
  await start(look(async (person) => { seen.push(person); }), { reactors: [picky] });
  await write('p2');
  await eventually(() => seen.length === 2);
  expect([seen, [...shown]]).toEqual([['p1', 'p2'], ['PersonDeactivated']]);
});

test('stopping lets a running job end; one that does not is run again at once, elsewhere, with no attempt used up', async () => {
  const attempts: number[] = [];
  const reactors = await start(look(async (_, { attempt, signal }) => {
    attempts.push(attempt);
    if (attempts.length === 1) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopping'))));
  }));
  await write('p1');
  await eventually(() => attempts.length === 1);
  await reactors.stop();
  expect((await db.pool.query(`select 1 from graphile_worker._private_jobs where locked_at is not null`)).rowCount).toBe(0);
  await start(look(async (_, { attempt }) => { attempts.push(attempt); }));
  await eventually(() => attempts.length === 2);
  expect(attempts).toEqual([1, 1]);
});

test('a checkpoint of another log refuses to start', async () => {
  await start(look(async () => undefined));
  const [first] = running.splice(0);
  await first!.reactors.stop();
  await first!.heartbeat.stop();
  await db.pool.query('update lectern.reactors set log_id = gen_random_uuid()::text');
  await expect(start(look(async () => undefined))).rejects.toMatchObject({ name: 'ReactorMisfit' });
  await running[0]!.reactors.moveToHead('people');
  const seen: string[] = [];
  await start(look(async (person) => { seen.push(person); }));
  await write('p1');
  await eventually(() => seen.length === 1);
});

test('jobs of a worker killed in the middle are run by another at once', async () => {
  await db.pool.query('create table done (person text, pid int)');
  const spawned = (mode: string) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./workerProcess.ts', import.meta.url)), db.url, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => { output += bytes.toString(); });
    return { child, saw: (text: string) => eventually(() => output.includes(text), { timeoutMs: 20_000 }) };
  };
  const victim = spawned('hang');
  await victim.saw('ready');
  await eventually(async () => (await db.pool.query(`select 1 from lectern.reactors where owner is not null`)).rowCount === 1);
  await write('p1', 'p2');
  await victim.saw('begin p1');
  await victim.saw('begin p2');
  const heir = spawned('work');
  await heir.saw('ready');
  victim.child.kill('SIGKILL');
  await once(victim.child, 'exit');
  const killedAt = Date.now();
  await eventually(async () => (await db.pool.query('select 1 from done')).rowCount === 2, { timeoutMs: 20_000 });
  expect(Date.now() - killedAt).toBeLessThan(10_000); // of 4 hours that graphile-worker would have waited
  expect((await db.pool.query<{ person: string }>('select person from done order by 1')).rows.map((row) => row.person)).toEqual(['p1', 'p2']);
  await write('p3'); // and the reactor itself has a new owner
  await eventually(async () => (await db.pool.query('select 1 from done')).rowCount === 3);
});
