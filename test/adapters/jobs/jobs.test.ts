import { randomUUID } from 'node:crypto';
import type { JobDefinition } from '../../../src/adapters/jobs/jobDefinition.ts';
import { createJobs, type JobsEngine, type JobsOptions } from '../../../src/adapters/jobs/jobs.ts';
import { createHeartbeat, type Heartbeat } from '../../../src/adapters/processes/heartbeat.ts';
import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { openTestLog, quiet, type TestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let db: TestDatabase;
let log: TestLog;
let now: Date;
let running: { jobs: JobsEngine; heartbeat: Heartbeat }[];

beforeEach(async () => {
  db = await createTestDatabase();
  log = openTestLog(db.url);
  now = new Date('2026-03-02T10:00:30Z');
  running = [];
});
afterEach(async () => {
  for (const node of running) await stop(node);
  await log.store.close();
  await db.drop();
});

const stop = async ({ jobs, heartbeat }: { jobs: JobsEngine; heartbeat: Heartbeat }) => {
  await jobs.stop();
  await heartbeat.stop();
};
async function start(jobs: readonly JobDefinition[], more: Partial<JobsOptions> = {}): Promise<JobsEngine> {
  const self = createProcessIdentity();
  const heartbeat = createHeartbeat({ pool: db.pool, process: self, logger: quiet, everyMs: 200 });
  const engine = createJobs({ pool: db.pool, log, clock: { now: () => now }, zone: 'Europe/Berlin', jobs, process: self, heartbeat, logger: quiet, ...more });
  running.push({ jobs: engine, heartbeat });
  await heartbeat.start();
  await engine.start();
  return engine;
}
const anna = { id: 'anna', role: 'admin' };
const minutely = (run: JobDefinition['run']): JobDefinition => ({ name: 'release', schedule: '* * * * *', run });
const rows = async () => (await db.pool.query<{ status: string; scheduled_for: Date }>('select status, scheduled_for from lectern.job_runs order by queued_at')).rows;
const go = (text: string) => { now = new Date(text); };

test('runs at its ticks, with the tick as its command, and shows what came of it', async () => {
  const seen: string[] = [];
  const jobs = await start([minutely(async ({ scheduledFor, runId, commandContext }) => {
    seen.push(scheduledFor.toISOString());
    expect(commandContext).toMatchObject({ commandId: runId, actor: { id: 'job:release' } });
    return { released: 2 };
  })]);
  expect(await jobs.status()).toMatchObject([{ name: 'release', schedule: '* * * * *', enabled: true, totalRunCount: 0, lastRunAt: undefined, nextRunAt: '2026-03-02T10:01:00.000Z' }]);
  go('2026-03-02T10:01:00Z');
  await eventually(async () => (await jobs.status())[0]?.lastResult);
  go('2026-03-02T10:02:10Z');
  await eventually(async () => (await jobs.status())[0]?.totalRunCount === 2);
  expect(seen).toEqual(['2026-03-02T10:01:00.000Z', '2026-03-02T10:02:00.000Z']);
  expect((await jobs.status())[0]).toMatchObject({ lastResult: { released: 2 }, lastRunAt: expect.any(String) });
});

test('ticks that nobody was there for become one run', async () => {
  const seen: string[] = [];
  const job = minutely(async ({ scheduledFor }) => { seen.push(scheduledFor.toISOString()); return {}; });
  await start([job]);
  await stop(running.pop()!);
  go('2026-03-02T12:34:56Z');
  await start([job]);
  await eventually(() => seen.length > 0);
  await stop(running.pop()!);
  expect(seen).toEqual(['2026-03-02T12:34:00.000Z']);
});

test('of the runs at ticks that changed nothing the newest is kept, and still tells when it was; those that changed something, failed or were asked for all are', async () => {
  const results = [{ saved: 0 }, { saved: 0 }, { saved: 2 }, { saved: 0 }, new Error('away'), { saved: 0 }, { saved: 0 }];
  let runs = 0;
  const job: JobDefinition = {
    name: 'autosave', schedule: '*/10 * * * * *', isQuiet: ({ saved }) => saved === 0,
    run: async () => {
      const result = results[runs];
      runs += 1;
      if (result instanceof Error) throw result;
      return result ?? { saved: 0 };
    },
  };
  const jobs = await start([job]);
  for (let tick = 1; tick <= results.length; tick += 1) {
    go(`2026-03-02T10:01:${String((tick - 1) * 10 % 60).padStart(2, '0')}Z`);
    if (tick === 7) go('2026-03-02T10:02:00Z');
    await eventually(() => runs === tick);
    await eventually(async () => (await rows()).every((row) => row.status !== 'running'));
  }
  const { runId } = await jobs.trigger('autosave', anna);
  await eventually(async () => (await jobs.run(runId))?.status === 'succeeded');
  go('2026-03-02T10:02:10Z');
  await eventually(async () => (await jobs.status())[0]?.totalRunCount === 9);
  await eventually(async () => (await rows()).every((row) => row.status !== 'running'));
  const kept = (await db.pool.query<{ status: string; at: Date }>('select status, scheduled_for as at from lectern.job_runs where tick is not null order by tick')).rows;
  expect(kept.map(({ status, at }) => [status, at.toISOString().slice(11, 19)])).toEqual([['succeeded', '10:01:20'], ['failed', '10:01:40'], ['succeeded', '10:02:10']]);
  expect(await jobs.run(runId)).toMatchObject({ status: 'succeeded', result: { saved: 0 } });
  const newest = (await db.pool.query<{ at: Date }>(`select started_at as at from lectern.job_runs where tick = '2026-03-02T10:02:10Z'`)).rows[0];
  expect((await jobs.status())[0]).toMatchObject({ lastRunAt: newest?.at.toISOString(), lastResult: { saved: 0 }, lastStatus: 'succeeded', totalRunCount: 9 });
});

test('two nodes: each tick is run by one of them', async () => {
  const seen: string[] = [];
  const job = (node: number): JobDefinition => minutely(async ({ scheduledFor }) => { seen.push(scheduledFor.toISOString()); return { node }; });
  await Promise.all([start([job(1)]), start([job(2)]), start([job(3)])]);
  for (let minute = 1; minute <= 5; minute += 1) {
    go(`2026-03-02T10:0${minute}:00Z`);
    await eventually(() => seen.length >= minute);
  }
  await Promise.all(running.map(stop));
  running = [];
  expect(seen).toEqual([1, 2, 3, 4, 5].map((minute) => `2026-03-02T10:0${minute}:00.000Z`));
  expect((await rows()).map((row) => row.status)).toEqual(Array(5).fill('succeeded'));
});

test('a tick that falls due while the job runs waits for it', async () => {
  let atOnce = 0;
  let most = 0;
  let runs = 0;
  let release: () => void = () => undefined;
  const other: JobDefinition = { name: 'other', schedule: '0 3 * * *', run: async () => ({}) };
  const jobs = await start([minutely(async () => {
    runs += 1;
    most = Math.max(most, (atOnce += 1));
    if (runs === 1) await new Promise<void>((resolve) => { release = resolve; });
    atOnce -= 1;
    return {};
  }), other]);
  go('2026-03-02T10:01:00Z');
  await eventually(() => runs === 1);
  go('2026-03-02T10:04:00Z');
  const { runId } = await jobs.trigger('other', anna); // ticks are looked at before what is queued: once it has run, the tick was seen
  await eventually(async () => (await jobs.run(runId))?.status === 'succeeded');
  expect(runs).toBe(1);
  release();
  await eventually(() => runs === 2);
  await eventually(async () => (await rows()).every((row) => row.status === 'succeeded'));
  expect(most).toBe(1);
  const ticks = await db.pool.query<{ tick: Date }>(`select tick from lectern.job_runs where job = 'release' order by tick`);
  expect(ticks.rows.map((row) => row.tick.toISOString())).toEqual(['2026-03-02T10:01:00.000Z', '2026-03-02T10:04:00.000Z']);
});

test('a person who is called as the scheduler calls itself still runs a job as themselves', async () => {
  const actors: object[] = [];
  const jobs = await start([minutely(async ({ commandContext }) => { actors.push(commandContext.actor); return {}; })]);
  await jobs.trigger('release', { id: 'schedule', role: 'teacher' });
  await eventually(() => actors.length === 1);
  await eventually(async () => (await rows()).every((row) => row.status === 'succeeded'));
  go('2026-03-02T10:01:00Z');
  await eventually(() => actors.length === 2);
  expect(actors).toEqual([{ id: 'schedule', role: 'teacher' }, { id: 'job:release', role: 'system' }]);
});

test('a person may ask for a run; any node that runs jobs takes it', async () => {
  const job: JobDefinition = { name: 'sweep', schedule: '0 3 * * *', enabled: false, run: async ({ commandContext }) => ({ by: commandContext.actor.id }) };
  const asking = await start([job], { runs: false });
  const { runId } = await asking.trigger('sweep', anna);
  expect(await asking.run(runId)).toMatchObject({ status: 'queued', job: 'sweep', triggeredBy: 'anna' });
  await start([job]);
  const run = await eventually(async () => { const one = await asking.run(runId); return one?.status === 'succeeded' ? one : undefined; });
  expect(run).toMatchObject({ result: { by: 'anna' }, startedAt: expect.any(String), finishedAt: expect.any(String) });
  expect((await asking.status())[0]).toMatchObject({ enabled: false, totalRunCount: 1, nextRunAt: undefined });
  expect(await asking.run(randomUUID())).toBeUndefined();
  expect(await asking.run('nonsense')).toBeUndefined();
  await expect(asking.trigger('dance', anna)).rejects.toMatchObject({ code: 'unknownJob' });
});

test('a run that fails is shown, and is an event once', async () => {
  const jobs = await start([minutely(async () => { throw new Error('Zoom is down'); })]);
  const { runId } = await jobs.trigger('release', anna);
  await eventually(async () => (await log.readStream('job-release')).length > 0);
  expect(await jobs.run(runId)).toMatchObject({ status: 'failed', error: 'Zoom is down' });
  expect((await jobs.status())[0]).toMatchObject({ lastError: 'Zoom is down', lastStatus: 'failed' });
  await eventually(async () => (await db.pool.query('select 1 from lectern.job_runs where failure_recorded')).rowCount === 1);
  await db.pool.query('update lectern.job_runs set failure_recorded = false'); // as if it had died in between
  await eventually(async () => (await db.pool.query('select 1 from lectern.job_runs where failure_recorded')).rowCount === 1, { timeoutMs: 15_000 });
  expect((await log.readStream('job-release')).map((one) => one.ok && [one.event.type, one.event.data])).toEqual([['JobRunFailed', { job: 'release', runId, scheduledFor: now.toISOString(), error: 'Zoom is down' }]]);
});

test('a run that takes too long is failed and told to stop', async () => {
  let aborted = false;
  const jobs = await start([minutely(({ signal }) => new Promise(() => { signal.addEventListener('abort', () => { aborted = true; }); }))], { timeoutMs: 300 });
  const { runId } = await jobs.trigger('release', anna);
  await eventually(async () => (await jobs.run(runId))?.status === 'failed');
  expect(aborted).toBe(true);
});

test('a run whose node died is failed, visibly; the job goes on', async () => {
  const runId = randomUUID();
  const jobs = await start([minutely(async () => ({}))]);
  await db.pool.query(`insert into lectern.job_runs (run_id, job, tick, scheduled_for, status, triggered_by, actor_role, process, started_at)
    values ($1, 'release', '2026-03-02T10:00:00Z', '2026-03-02T10:00:00Z', 'running', 'schedule', 'system', 'nobody.1.t1.x', now())`, [runId]);
  await eventually(async () => (await jobs.run(runId))?.status === 'failed', { timeoutMs: 15_000 });
  expect(await jobs.run(runId)).toMatchObject({ error: 'The process that ran it died.' });
  await eventually(async () => (await log.readStream('job-release')).length === 1);
  go('2026-03-02T10:01:00Z');
  await eventually(async () => (await rows()).some((row) => row.status === 'succeeded'));
});

test('a run that is broken off by a stop is done by another node', async () => {
  const job = (hang: boolean): JobDefinition => minutely(({ signal }) => (hang ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))) : Promise.resolve({ done: true })));
  const first = await start([job(true)]);
  const { runId } = await first.trigger('release', anna);
  await eventually(async () => (await first.run(runId))?.status === 'running');
  await stop(running.pop()!);
  const second = await start([job(false)]);
  await eventually(async () => (await second.run(runId))?.status === 'succeeded');
});
