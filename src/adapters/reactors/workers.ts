import { EventEmitter } from 'node:events';
import { type Job, Logger, runMigrations, runTaskList, type TaskList, type Worker, type WorkerEvents, type WorkerPool } from 'graphile-worker';
import type pg from 'pg';
import type { Heartbeat } from '../processes/heartbeat.ts';
import { exhaust, holdJob, unlockExcept, unlockWorkers } from './jobQueue.ts';
import { inTransaction } from '../processes/inTransaction.ts';
import type { Task } from './reactor.ts';
import { RetryLater } from './retryLater.ts';

/**
 * graphile-worker, kept running. Its pool is *up*; or *over* (it shuts itself down when it cannot write down what became of a job:
 * Postgres was away), then its running jobs are waited for, its locks are freed, and a new one begins; or *stopping*: no new
 * jobs, the running ones are told by their signal. Whether its shutdown ever ends is not relied on: after two failed statements
 * its count of what is pending goes below zero (0.17.3, `batch` in main.js), and it waits for ever. Nor is it on its getting
 * better: a pool whose first statement failed keeps that failure for ever (taskIdentifiers.js), so one that still cannot fetch
 * jobs when Postgres answers again is over, too.
 */
export type Workers = {
  /** Creates or upgrades graphile-worker's own schema: `add_jobs` needs it. @throws when Postgres is away */
  prepare(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** Frees jobs that are locked in this process's name although nobody here runs them: the answer that brought them was lost. */
  freeForgotten(): Promise<void>;
};

export type WorkersOptions = {
  /** A real pool: one of its connections listens. */
  pool: pg.Pool;
  tasks: readonly Task[];
  heartbeat: Heartbeat;
  logger: WorkerLog;
  /** Jobs at a time. */
  concurrency: number;
  /** How long a job that waits may be overdue before it is noticed. Milliseconds. */
  pollMs: number;
  /** Jobs that do not end within this after stop() are left to others. Milliseconds. */
  stopWithinMs: number;
  onExhausted(): void;
};

export type WorkerLog = { info(facts: object, message: string): void; warn(facts: object, message: string): void; error(facts: object, message: string): void };

export const defaultMaxAttempts = 12;
const forgottenAfterMs = 5_000;

export function createWorkers(options: WorkersOptions): Workers {
  const { pool, heartbeat, logger } = options;
  const stopping = new AbortController();
  const events: WorkerEvents = new EventEmitter();
  events.on('job:failed', () => options.onExhausted());
  /** Job id → when it ended, if it has: how it ended may still have to be written. */
  const jobs = new Map<string, { pool: string | null; endedAt: number | undefined }>();
  let workerPool: WorkerPool | undefined;
  let running: Promise<void> = Promise.resolve();

  const track = (task: Task) => async (payload: unknown, { job }: { job: Job }): Promise<void> => {
    const mine: { pool: string | null; endedAt: number | undefined } = { pool: job.locked_by, endedAt: undefined };
    jobs.set(String(job.id), mine);
    try {
      await runJob(task, payload, job);
    } finally {
      mine.endedAt = performance.now();
    }
  };
  const idle = async (pool: string, withinMs: number): Promise<void> => {
    const deadline = performance.now() + withinMs;
    while ([...jobs.values()].some((job) => job.pool === pool && job.endedAt === undefined) && performance.now() < deadline) await sleep(20);
  };

  async function runJob(task: Task, raw: unknown, job: Job): Promise<void> {
    let payload: unknown;
    try {
      payload = task.parse(raw);
    } catch (error) {
      await exhaust(pool, job.id);
      options.onExhausted();
      throw error;
    }
    try {
      await task.run(payload, { attempt: job.attempts, isLastAttempt: job.attempts >= job.max_attempts, signal: stopping.signal });
    } catch (error) {
      const delayMs = error instanceof RetryLater ? error.delayMs : stopping.signal.aborted ? 0 : undefined; // what we broke off ourselves did not fail
      if (delayMs === undefined || job.key === null) throw error;
      logger.info({ task: task.name, job: job.id, key: job.key, delayMs, reason: error instanceof Error ? error.message : String(error) }, 'a job waits before it runs again');
      const { id, key, attempts } = job;
      await inTransaction(pool, (db) => holdJob(db, { id: String(id), key, attempts }, delayMs));
    }
  }

  const taskList: TaskList = Object.fromEntries(options.tasks.map((task) => [task.name, track(task)]));

  /** Resolves when this pool shuts down of its own accord, or keeps failing to fetch jobs although Postgres answers. */
  function givesUp(current: WorkerPool): Promise<unknown> {
    return new Promise((resolve) => {
      let answersSince: number | undefined;
      let probing = false;
      const over = (error: unknown) => {
        events.off('pool:gracefulShutdown', onShutdown);
        events.off('worker:getJob:error', onError);
        events.off('worker:getJob:empty', onFetched);
        events.off('job:start', onFetched);
        resolve(error);
      };
      const onShutdown = (event: { workerPool: WorkerPool }) => { if (event.workerPool === current) over(undefined); };
      const onFetched = ({ worker }: { worker: Worker }) => { if (worker.workerPool === current) answersSince = undefined; };
      const onError = ({ worker, error }: { worker: Worker; error: unknown }) => {
        if (worker.workerPool !== current) return;
        if (answersSince !== undefined && performance.now() - answersSince > 2 * options.pollMs) return over(error);
        if (probing || answersSince !== undefined) return;
        probing = true;
        pool.query('select 1').then(() => { answersSince = performance.now(); }, () => undefined).finally(() => { probing = false; });
      };
      events.on('pool:gracefulShutdown', onShutdown);
      events.on('worker:getJob:error', onError);
      events.on('worker:getJob:empty', onFetched);
      events.on('job:start', onFetched);
    });
  }

  async function keepUp(): Promise<void> {
    let pause = 0;
    while (!stopping.signal.aborted) {
      const begun = performance.now();
      try {
        // Not awaited: a WorkerPool is itself a promise, of its end.
        const current = runTaskList({
          concurrency: options.concurrency,
          pollInterval: options.pollMs,
          noHandleSignals: true,
          events,
          logger: graphileLogger(logger),
          // Without batching, graphile-worker does not await the statement that writes down a job's outcome: Postgres away would end the process.
          preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
        }, taskList, pool);
        workerPool = current;
        // Asked for at once: a rejection that nobody has a hand on yet would count as unhandled.
        const ended = Promise.resolve(current.promise).then(() => undefined, (error: unknown) => error);
        const over = Promise.race([ended, givesUp(current)]);
        await heartbeat.announceWorker(current.id).catch((error: unknown) => logger.warn({ err: error }, 'the worker could not be announced yet'));
        const error = await over;
        if (stopping.signal.aborted) return;
        logger.warn({ err: error }, 'the worker pool ended and is begun anew');
        Promise.resolve(current.gracefulShutdown('begun anew')).catch(() => undefined);
        await idle(current.id, 60_000);
        await unlockWorkers(pool, [current.id]);
      } catch (error) {
        logger.warn({ err: error }, 'the worker pool could not be begun');
      }
      pause = performance.now() - begun > 10_000 ? 100 : Math.min(2_000, Math.max(100, pause * 2));
      await sleep(pause, stopping.signal);
    }
  }

  return {
    prepare: () => runMigrations({ pgPool: pool, noHandleSignals: true, logger: graphileLogger(logger) }),
    start() { running = keepUp(); },
    async stop() {
      stopping.abort();
      const current = workerPool;
      if (current) {
        const graceful = Promise.resolve(current.gracefulShutdown('Lectern stops')).catch(() => undefined);
        await idle(current.id, options.stopWithinMs);
        await Promise.race([graceful, sleep(1_000)]); // for what is still to be written down
        await unlockWorkers(pool, [current.id]).catch(() => undefined);
      }
      await running;
    },
    async freeForgotten() {
      for (const [id, job] of jobs) if (job.endedAt !== undefined && job.endedAt < performance.now() - forgottenAfterMs) jobs.delete(id);
      if (workerPool) await unlockExcept(pool, workerPool.id, [...jobs.keys()], forgottenAfterMs);
    },
  };
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (signal?.aborted) return resolve();
  const done = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', done);
    resolve();
  };
  const timer = setTimeout(done, ms);
  signal?.addEventListener('abort', done);
});

/** Its own words at debug level would be noise; a failed task is a warning here, because it is tried again. */
const graphileLogger = (logger: WorkerLog): Logger => new Logger(() => (level, message, meta) => {
  const text = (message.split('\n', 1)[0] ?? message).slice(0, 500);
  if (level === 'error') {
    const failed = meta?.failure === true;
    if (failed) logger.warn({ source: 'graphile-worker' }, text);
    else logger.error({ source: 'graphile-worker' }, text);
  } else if (level === 'warning') logger.warn({ source: 'graphile-worker' }, text);
});
