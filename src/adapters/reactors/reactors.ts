import type pg from 'pg';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Heartbeat } from '../processes/heartbeat.ts';
import type { ProcessIdentity } from '../processes/processIdentity.ts';
import { followLog, ReactorMisfit } from './followLog.ts';
import { inTransaction } from '../processes/inTransaction.ts';
import { addJobs, freeOrphans, selectParked, sweepLeftovers, sweepQueues, takeUnreported, unlockWorkers, unpark } from './jobQueue.ts';
import type { JobRequest, ParkedJob, Reactor, Task } from './reactor.ts';
import { beginAt, putCheckpoint, readCheckpoint, releaseReactors } from './reactorCheckpoint.ts';
import { createWorkers, defaultMaxAttempts, type WorkerLog } from './workers.ts';

export type ReactorStatus = {
  name: string;
  position: string;
  owner: string | undefined;
  /** Events that could not be read, ever. */
  unreadable: number;
  error: string | undefined;
};

export type Reactors = {
  /** Prepares graphile-worker's schema if Postgres is there, then follows the log and runs jobs. Every event after it returned is seen. @throws ReactorMisfit */
  start(): Promise<void>;
  /** Takes no new jobs, aborts the signal of the running ones and waits for them, gives up ownership. */
  stop(): Promise<void>;
  /** Asks for a job outside of any event, e.g. from a reconciliation. */
  request(requests: readonly JobRequest[]): Promise<void>;
  /** Newest first. */
  listParked(limit?: number): Promise<ParkedJob[]>;
  /** @returns the ids of those that were parked and now run again. */
  retryParked(ids: readonly string[] | 'all'): Promise<string[]>;
  status(): Promise<ReactorStatus[]>;
  /** After the log was replaced by another: everything in it counts as seen. By hand only. */
  moveToHead(name: string): Promise<void>;
};

export type ReactorsOptions = {
  log: EventLog;
  /** A real pg.Pool: one connection listens, each running job may take one for its own bookkeeping. */
  pool: pg.Pool;
  reactors: readonly Reactor[];
  /** Empty: this process runs no jobs, it only asks for them, and lists and retries parked ones. */
  tasks: readonly Task[];
  process: ProcessIdentity;
  /** Shared with the jobs engine; started and stopped by whoever builds it. */
  heartbeat: Heartbeat;
  logger: WorkerLog;
  /** Told once per parking, besides the log; throwing leaves it to be told again. */
  onParked?: (job: ParkedJob) => Promise<void>;
  /** Jobs at a time. Default 5. */
  concurrency?: number;
  /** How late a delayed job may be noticed. Default 500 ms. */
  pollMs?: number;
  /** Default 10 s. */
  leaseMs?: number;
  /** How long a reactor's checkpoint may stay behind while no event asks for a job. Default 1 s. */
  storeEveryMs?: number;
  /** How often orphans and parked jobs are looked for. Default 2 s. */
  sweepMs?: number;
  /** start() returns after this even when the log or Postgres hangs. Default 5 s. */
  startWithinMs?: number;
  /** Default 10 s. */
  stopWithinMs?: number;
};

export function createReactors(options: ReactorsOptions): Reactors {
  const { log, pool, process: self, heartbeat, logger } = options;
  const leaseMs = options.leaseMs ?? 10_000;
  const maxAttempts = new Map(options.tasks.map((task) => [task.name, task.maxAttempts ?? defaultMaxAttempts]));
  const errors = new Map<string, string>();
  const stopping = new AbortController();
  let loops: Promise<void>[] = [];
  let wakeSweep: (() => void) | undefined;
  let prepared = false;
  let preparing: Promise<void> | undefined;

  const workers = createWorkers({
    pool, heartbeat, logger, tasks: options.tasks, concurrency: options.concurrency ?? 5, pollMs: options.pollMs ?? 500,
    stopWithinMs: options.stopWithinMs ?? 10_000, onExhausted: () => wakeSweep?.(),
  });
  // Until graphile-worker's tables are there, nobody holds anything.
  heartbeat.onDead(async (dead) => { if (prepared) await unlockWorkers(pool, dead.flatMap(({ worker }) => worker ?? [])); });

  function prepare(): Promise<void> {
    preparing ??= workers.prepare().then(() => { prepared = true; }).finally(() => { if (!prepared) preparing = undefined; });
    return preparing;
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => {
    if (stopping.signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stopping.signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.signal.addEventListener('abort', done);
  });

  async function followLoop(reactor: Reactor): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const begun = performance.now();
      try {
        await followLog({ log, pool, process: self, reactor, maxAttempts, leaseMs, storeEveryMs: options.storeEveryMs ?? 1_000, logger, onJobs: () => undefined }, stopping.signal);
        failures = 0;
        errors.delete(reactor.name);
      } catch (error) {
        failures = performance.now() - begun > 10_000 ? 1 : failures + 1;
        const message = error instanceof Error ? error.message : String(error);
        if (errors.get(reactor.name) !== message) logger.warn({ reactor: reactor.name, err: error }, 'a reactor failed and will go on from its checkpoint');
        errors.set(reactor.name, message);
      }
      await pause(failures === 0 ? 1_000 : Math.min(2_000, 100 * 2 ** failures));
    }
  }

  async function sweepLoop(): Promise<void> {
    let turn = 0;
    while (!stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        wakeSweep = resolve;
        void pause(options.sweepMs ?? 2_000).then(resolve);
      });
      wakeSweep = undefined;
      if (stopping.signal.aborted) return;
      try {
        await workers.freeForgotten();
        const freed = await freeOrphans(pool, 5_000);
        if (freed > 0) logger.warn({ jobs: freed }, 'jobs of workers that are gone were freed');
        await reportParked();
        turn += 1;
        if (turn % 5 === 0) {
          await sweepLeftovers(pool);
          await inTransaction(pool, sweepQueues).catch(() => undefined); // busy: the next turn will do
        }
      } catch (error) {
        logger.warn({ err: error }, 'sweeping after the jobs failed and is tried again');
      }
    }
  }

  async function reportParked(): Promise<void> {
    while (!stopping.signal.aborted) {
      const more = await inTransaction(pool, async (db) => {
        const job = await takeUnreported(db);
        if (!job) return false;
        logger.error({ task: job.task, key: job.key, job: job.id, error: job.error }, 'a job used up its attempts and is parked');
        await options.onParked?.(job);
        return true;
      });
      if (!more) return;
    }
  }

  /** Without Postgres there is nothing to prepare yet: everything else waits for it. */
  async function prepareLoop(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted && !prepared; failures += 1) {
      try {
        await prepare();
      } catch (error) {
        if (failures === 0) logger.warn({ err: error }, 'the job queue cannot be prepared yet');
        await pause(Math.min(2_000, 100 * 2 ** failures));
      }
    }
  }

  /** A new reactor's beginning is fixed here, so that no event after start() passes it by. */
  async function checkFit(): Promise<void> {
    const logId = await log.logId();
    for (const reactor of options.reactors) {
      const checkpoint = await readCheckpoint(pool, reactor.name);
      if (!checkpoint) await beginAt(pool, reactor.name, logId, await log.head());
      if (checkpoint && checkpoint.logId !== logId) throw new ReactorMisfit(`Reactor ${reactor.name}: its checkpoint was taken on log ${checkpoint.logId}, but this is log ${logId}`);
      if (checkpoint && checkpoint.position > await log.head()) throw new ReactorMisfit(`Reactor ${reactor.name}: its checkpoint ${checkpoint.position} lies beyond the log's head`);
    }
  }

  return {
    async start() {
      const ready = Promise.all([
        checkFit().catch((error: unknown) => { if (error instanceof ReactorMisfit) throw error; }), // away: found out later
        prepare().catch(() => undefined),
      ]);
      ready.catch(() => undefined);
      await Promise.race([ready, pause(options.startWithinMs ?? 5_000)]); // a log that hangs does not hold up the start
      loops = [prepareLoop().then(async () => {
        if (stopping.signal.aborted) return;
        if (options.tasks.length > 0) workers.start();
        await Promise.all([sweepLoop(), ...options.reactors.map(followLoop)]);
      })];
    },
    async stop() {
      stopping.abort();
      wakeSweep?.();
      await workers.stop();
      await Promise.all(loops);
      await releaseReactors(pool, self.id).catch(() => undefined);
    },
    async request(requests) {
      await prepare();
      await addJobs(pool, requests.map((request) => ({ ...request, maxAttempts: maxAttempts.get(request.task) ?? defaultMaxAttempts })));
    },
    async listParked(limit = 200) {
      await prepare();
      return await selectParked(pool, limit);
    },
    async retryParked(ids) {
      await prepare();
      return await inTransaction(pool, (db) => unpark(db, ids));
    },
    async status() {
      return await Promise.all(options.reactors.map(async ({ name }) => {
        const checkpoint = await readCheckpoint(pool, name);
        return { name, position: checkpoint?.position ?? '', owner: checkpoint?.leased === true ? checkpoint.owner : undefined, unreadable: checkpoint?.unreadableCount ?? 0, error: errors.get(name) };
      }));
    },
    moveToHead: async (name) => putCheckpoint(pool, name, await log.logId(), await log.head()),
  };
}
