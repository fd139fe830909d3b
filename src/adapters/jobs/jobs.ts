import { randomUUID } from 'node:crypto';
import { schedule as scheduleBeat, type ScheduledTask } from 'node-cron';
import type pg from 'pg';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import { recordOnce } from '../../eventLog/recordOnce.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Heartbeat } from '../processes/heartbeat.ts';
import type { ProcessIdentity } from '../processes/processIdentity.ts';
import { inTransaction } from '../processes/inTransaction.ts';
import type { JobDefinition, Jobs } from './jobDefinition.ts';
import {
  claimQueued, claimTick, type ClaimedRun, failOrphans, findRun, finishRun, histories, markRecorded, prune, queuedJobs, queueRun, registerJobs, unrecordedFailures,
} from './jobRuns.ts';
import { createSchedule } from './schedule.ts';

export type JobsEngine = Jobs & {
  /** Begins to take ticks, if this process runs jobs. Postgres away: goes on trying. */
  start(): Promise<void>;
  /** Aborts the running jobs' signal and waits for them; a run that was broken off is queued again for another process. */
  stop(): Promise<void>;
};

export type JobsOptions = {
  pool: pg.Pool;
  log: EventLog;
  clock: Clock;
  /** Of the school: schedules without a zone of their own are read in it. */
  zone: string;
  jobs: readonly JobDefinition[];
  process: ProcessIdentity;
  /** Shared with the reactors; started by whoever builds it, before this. */
  heartbeat: Heartbeat;
  logger: { info(facts: object, message: string): void; warn(facts: object, message: string): void; error(facts: object, message: string): void };
  /** False: this process only answers and queues (role api). Default true. */
  runs?: boolean;
  /** As prom-client's Counter has it. Labels: job, outcome. */
  metrics?: { runs: { inc(labels: { job: string; outcome: 'succeeded' | 'failed' }): void } };
  /** A run that takes longer is failed and its signal aborted. Default 10 min. */
  timeoutMs?: number;
  /** Default 10 s. */
  stopWithinMs?: number;
};

const keptDays = 30;

/**
 * node-cron beats once a second; at each beat every job's schedule is asked, on the school's clock, for its last tick since
 * the one that was dealt with. So ticks missed while nobody ran (or while the job ran, or the clock was moved) become one run.
 */
export function createJobs(options: JobsOptions): JobsEngine {
  const { pool, log, clock, logger, process: self } = options;
  const jobs = new Map(options.jobs.map((job) => [job.name, { job, schedule: createSchedule(job.schedule, job.zone ?? options.zone) }]));
  if (jobs.size < options.jobs.length) throw new Error('two jobs have the same name');
  const names = [...jobs.keys()];
  const stopping = new AbortController();
  const runs = new Set<Promise<void>>();
  let lastTicks = new Map<string, Date>();
  let beat: ScheduledTask | undefined;
  let beating: Promise<void> | undefined;
  let beats = 0;
  let lastFailure: string | undefined;

  options.heartbeat.onDead(async () => { await failOrphans(pool); });

  async function onBeat(): Promise<void> {
    if (lastTicks.size < names.length) lastTicks = await registerJobs(pool, names, clock.now());
    for (const [name, { job, schedule }] of jobs) {
      if (job.enabled === false || stopping.signal.aborted) continue;
      const last = lastTicks.get(name);
      const due = last && schedule.lastIn(last, clock.now());
      if (!due) continue;
      const { run, lastTick } = await inTransaction(pool, (db) => claimTick(db, name, due, randomUUID(), self.id));
      if (lastTick) lastTicks.set(name, lastTick);
      if (run) begin(job, run);
    }
    for (const name of await queuedJobs(pool, names)) {
      const job = jobs.get(name)?.job;
      const run = job && !stopping.signal.aborted ? await inTransaction(pool, (db) => claimQueued(db, name, self.id)) : undefined;
      if (job && run) begin(job, run);
    }
    beats += 1;
    if (beats % 5 === 1) await tidy();
  }

  async function tidy(): Promise<void> {
    const orphans = await failOrphans(pool);
    if (orphans > 0) logger.error({ runs: orphans }, 'job runs were lost with their process');
    await recordFailures();
    if (beats % 3_600 === 1) await prune(pool, keptDays);
  }

  async function recordFailures(): Promise<void> {
    for (const { runId, job, scheduledFor, error } of await unrecordedFailures(pool, 20)) {
      await recordOnce(log, `job-${job}`, runId, { type: 'JobRunFailed', data: { job, runId, scheduledFor, error } }, { actor: { id: `job:${job}`, role: 'system' }, occurredAt: clock.now().toISOString() });
      await markRecorded(pool, runId);
    }
  }

  function begin(job: JobDefinition, run: ClaimedRun): void {
    const done = execute(job, run).finally(() => runs.delete(done));
    runs.add(done);
  }

  async function execute(job: JobDefinition, run: ClaimedRun): Promise<void> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 600_000);
    const signal = AbortSignal.any([stopping.signal, timeout]);
    const actor = run.askedFor ?? { id: `job:${job.name}`, role: 'system' };
    const commandContext = { commandId: run.runId, correlationId: run.runId, causationId: run.runId, actor };
    const overdue = new Promise<never>((_, reject) => { timeout.addEventListener('abort', () => reject(new Error('It took too long and was given up.'))); });
    overdue.catch(() => undefined);
    try {
      const result = await Promise.race([job.run({ runId: run.runId, scheduledFor: run.scheduledFor, commandContext, signal }), overdue]);
      await write(run, { status: 'succeeded', result, quiet: run.askedFor === undefined && (job.isQuiet?.(result) ?? false) });
    } catch (error) {
      if (stopping.signal.aborted) return await write(run, { status: 'queued' });
      logger.error({ job: job.name, runId: run.runId, err: error }, 'a job run failed');
      await write(run, { status: 'failed', error: error instanceof Error ? error.message : String(error) });
      await recordFailures().catch(() => undefined); // the log is away: a later beat records it
    }
  }

  /** The outcome is not lost to a moment without Postgres: written as soon as it is back, or (at the stop) left to be failed as an orphan. */
  async function write(run: ClaimedRun, end: Parameters<typeof finishRun>[3]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!await finishRun(pool, run.runId, self.id, end)) logger.warn({ job: run.job, runId: run.runId }, 'a job run ended after it had been given up for dead');
        if (end.status !== 'queued') options.metrics?.runs.inc({ job: run.job, outcome: end.status });
        return;
      } catch (error) {
        if (attempt === 0) logger.warn({ job: run.job, runId: run.runId, err: error }, 'the outcome of a job run cannot be written yet');
        if (stopping.signal.aborted && attempt >= 3) return;
        await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 100 * 2 ** attempt)));
      }
    }
  }

  async function beatSafely(): Promise<void> {
    try {
      await onBeat();
      lastFailure = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastFailure) logger.warn({ err: error }, 'the scheduler cannot look after its jobs and tries again');
      lastFailure = message;
    }
  }

  /** One beat at a time; a beat during a slow one is left out. */
  function strike(): void {
    if (stopping.signal.aborted || options.runs === false) return;
    beating ??= beatSafely().finally(() => { beating = undefined; });
  }

  return {
    async start() {
      if (options.runs === false) return;
      await beatSafely();
      beat = scheduleBeat('* * * * * *', strike, { suppressMissedWarning: true });
    },
    async stop() {
      stopping.abort();
      await beat?.destroy();
      await beating;
      const late = new Promise((resolve) => setTimeout(resolve, options.stopWithinMs ?? 10_000).unref());
      await Promise.race([Promise.all(runs), late]);
    },
    async trigger(name, actor) {
      if (!jobs.has(name)) throw new DomainError('unknownJob', `there is no job ${name}`, { known: names });
      const runId = randomUUID();
      await inTransaction(pool, (db) => queueRun(db, { runId, job: name, now: clock.now(), actor }));
      strike();
      return { runId };
    },
    async status() {
      const seen = await histories(pool, names);
      return [...jobs].map(([name, { job, schedule }]) => {
        const history = seen.get(name);
        const enabled = job.enabled !== false;
        return {
          name, schedule: job.schedule, enabled,
          lastRunAt: history?.lastRunAt?.toISOString(), totalRunCount: history?.totalRuns ?? 0, lastResult: history?.lastResult,
          lastStatus: history?.lastStatus, lastError: history?.lastError,
          nextRunAt: enabled ? schedule.next(clock.now())?.toISOString() : undefined,
        };
      });
    },
    run: (runId) => findRun(pool, runId),
  };
}
