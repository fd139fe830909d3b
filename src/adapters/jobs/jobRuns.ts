import type pg from 'pg';
import type { JobRun, JobRunStatus } from './jobDefinition.ts';

/** The rows of lectern.job_runs and lectern.jobs. */
type Db = Pick<pg.Pool, 'query'> | pg.PoolClient;

export type ClaimedRun = {
  runId: string; job: string; scheduledFor: Date;
  /** Who asked for it; undefined for a tick. Not told by a name, as a person may have any. */
  askedFor: { id: string; role: string } | undefined;
};
export type FailedRun = { runId: string; job: string; scheduledFor: string; error: string };

type RunRow = {
  run_id: string; job: string; tick: Date | null; status: JobRunStatus; scheduled_for: Date; triggered_by: string; actor_role: string; queued_at: Date;
  started_at: Date | null; finished_at: Date | null; result: Record<string, unknown> | null; error: string | null;
};

const claimed = (row: RunRow): ClaimedRun => ({
  runId: row.run_id, job: row.job, scheduledFor: row.scheduled_for, askedFor: row.tick === null ? { id: row.triggered_by, role: row.actor_role } : undefined,
});

/** A job that was never seen before counts its ticks from now. @returns the last tick that was dealt with, by job. */
export async function registerJobs(db: Db, names: readonly string[], now: Date): Promise<Map<string, Date>> {
  await db.query('insert into lectern.jobs (name, last_tick) select name, $2 from unnest($1::text[]) as t (name) on conflict do nothing', [names, now]);
  const { rows } = await db.query<{ name: string; last_tick: Date }>('select name, last_tick from lectern.jobs where name = any($1)', [names]);
  return new Map(rows.map((row) => [row.name, row.last_tick]));
}

/**
 * Takes a tick, in a transaction: whoever moves `last_tick` runs it, nobody else can. While a run of the job is going on the tick
 * is left as it is, and falls due together with the next.
 */
export async function claimTick(db: Db, job: string, tick: Date, runId: string, process: string): Promise<{ run: ClaimedRun | undefined; lastTick: Date | undefined }> {
  const { rows: [row] } = await db.query<{ last_tick: Date }>('select last_tick from lectern.jobs where name = $1 for update', [job]);
  if (!row || row.last_tick >= tick || await isRunning(db, job)) return { run: undefined, lastTick: row?.last_tick };
  await db.query('update lectern.jobs set last_tick = $2, total_runs = total_runs + 1 where name = $1', [job, tick]);
  const { rows: [inserted] } = await db.query<RunRow>(
    `insert into lectern.job_runs (run_id, job, tick, scheduled_for, status, triggered_by, actor_role, process, started_at)
     values ($1, $2, $3, $3, 'running', 'schedule', 'system', $4, now()) on conflict do nothing returning *`, [runId, job, tick, process]);
  return { run: inserted && claimed(inserted), lastTick: tick };
}

/** Takes the oldest run that waits (a person asked for it, or a process that stopped gave it back), unless its job is running. In a transaction. */
export async function claimQueued(db: Db, job: string, process: string): Promise<ClaimedRun | undefined> {
  await db.query('select 1 from lectern.jobs where name = $1 for update', [job]);
  if (await isRunning(db, job)) return undefined;
  const { rows: [row] } = await db.query<RunRow>(
    `update lectern.job_runs set status = 'running', process = $2, started_at = now()
      where run_id = (select run_id from lectern.job_runs where job = $1 and status = 'queued' order by queued_at, run_id limit 1 for update skip locked) returning *`, [job, process]);
  return row && claimed(row);
}

async function isRunning(db: Db, job: string): Promise<boolean> {
  const { rowCount } = await db.query(`select 1 from lectern.job_runs where job = $1 and status = 'running' limit 1`, [job]);
  return (rowCount ?? 0) > 0;
}

export async function queuedJobs(db: Db, names: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ job: string }>(`select distinct job from lectern.job_runs where status = 'queued' and job = any($1)`, [names]);
  return rows.map((row) => row.job);
}

export async function queueRun(db: Db, run: { runId: string; job: string; now: Date; actor: { id: string; role: string } }): Promise<void> {
  await db.query('insert into lectern.jobs (name, last_tick, total_runs) values ($1, $2, 1) on conflict (name) do update set total_runs = lectern.jobs.total_runs + 1', [run.job, run.now]);
  await db.query(
    `insert into lectern.job_runs (run_id, job, scheduled_for, status, triggered_by, actor_role) values ($1, $2, $3, 'queued', $4, $5)`,
    [run.runId, run.job, run.now, run.actor.id, run.actor.role]);
}

/** Of quiet runs the newest stays: this one. @returns false when the run is no longer this process's: it was given up for dead. */
export async function finishRun(db: Db, runId: string, process: string, end: { status: 'succeeded'; result: object; quiet: boolean } | { status: 'failed'; error: string } | { status: 'queued' }): Promise<boolean> {
  const { rowCount } = await db.query(
    `with ended as (
       update lectern.job_runs set status = $3, result = $4::jsonb, error = $5, quiet = $6,
              finished_at = case when $3 = 'queued' then null else now() end, process = case when $3 = 'queued' then null else process end
        where run_id = $1 and process = $2 and status = 'running' returning job, quiet),
     gone as (delete from lectern.job_runs r using ended where ended.quiet and r.quiet and r.job = ended.job and r.run_id <> $1)
     select from ended`,
    [runId, process, end.status, end.status === 'succeeded' ? JSON.stringify(end.result) : null, end.status === 'failed' ? end.error.slice(0, 2_000) : null, end.status === 'succeeded' && end.quiet]);
  return rowCount === 1;
}

/** Runs whose process has no heartbeat row any more. */
export async function failOrphans(db: Db): Promise<number> {
  const { rowCount } = await db.query(
    `update lectern.job_runs r set status = 'failed', finished_at = now(), error = 'The process that ran it died.'
      where r.status = 'running' and not exists (select 1 from lectern.processes p where p.process = r.process)`);
  return rowCount ?? 0;
}

export async function unrecordedFailures(db: Db, limit: number): Promise<FailedRun[]> {
  const { rows } = await db.query<RunRow>(`select * from lectern.job_runs where status = 'failed' and not failure_recorded order by finished_at limit $1`, [limit]);
  return rows.map((row) => ({ runId: row.run_id, job: row.job, scheduledFor: row.scheduled_for.toISOString(), error: row.error ?? '' }));
}

export async function markRecorded(db: Db, runId: string): Promise<void> {
  await db.query('update lectern.job_runs set failure_recorded = true where run_id = $1', [runId]);
}

export async function prune(db: Db, days: number): Promise<void> {
  await db.query(`delete from lectern.job_runs where queued_at < now() - $1 * interval '1 day' and status in ('succeeded', 'failed') and (status = 'succeeded' or failure_recorded)`, [days]);
}

export async function findRun(db: Db, runId: string): Promise<JobRun | undefined> {
  const { rows: [row] } = await db.query<RunRow>('select * from lectern.job_runs where run_id::text = $1', [runId]);
  return row && {
    runId: row.run_id, job: row.job, status: row.status, scheduledFor: row.scheduled_for.toISOString(), triggeredBy: row.triggered_by,
    queuedAt: row.queued_at.toISOString(), startedAt: row.started_at?.toISOString(), finishedAt: row.finished_at?.toISOString(),
    result: row.result ?? undefined, error: row.error ?? undefined,
  };
}

export type JobHistory = { totalRuns: number; lastRunAt: Date | undefined; lastStatus: JobRunStatus | undefined; lastResult: Record<string, unknown> | undefined; lastError: string | undefined };

export async function histories(db: Db, names: readonly string[]): Promise<Map<string, JobHistory>> {
  const { rows } = await db.query<{ name: string; total_runs: string; started_at: Date | null; status: JobRunStatus | null; result: Record<string, unknown> | null; error: string | null }>(
    `select j.name, j.total_runs, r.started_at, r.status, ended.result, ended.error from lectern.jobs j
       left join lateral (select started_at, status from lectern.job_runs where job = j.name and started_at is not null order by started_at desc limit 1) r on true
       left join lateral (select result, error from lectern.job_runs where job = j.name and finished_at is not null order by finished_at desc limit 1) ended on true
      where j.name = any($1)`, [names]);
  return new Map(rows.map((row) => [row.name, {
    totalRuns: Number(row.total_runs), lastRunAt: row.started_at ?? undefined, lastStatus: row.status ?? undefined, lastResult: row.result ?? undefined, lastError: row.error ?? undefined,
  }]));
}
