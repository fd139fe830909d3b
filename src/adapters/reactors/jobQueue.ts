import type { JobRequest, ParkedJob } from './reactor.ts';

/**
 * What is asked of graphile-worker's tables in SQL. `add_jobs`, `reschedule_jobs`, `force_unlock_workers` and the view `jobs` are its
 * public interface; the tables `_private_*` are not, and are as of 0.17 (package.json pins the minor version).
 */
type Db = { query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }> };

export type JobSpec = JobRequest & { maxAttempts: number };

/** Waiting on a vendor's word (RetryLater): newer events may not make the job run sooner. */
const held = 'retryLater';
export const keyOf = (task: string, key: string): string => `${task}:${key}`;

/** One spec per task and key: the latest payload, the earliest time. */
export function mergeRequests(specs: readonly JobSpec[]): JobSpec[] {
  const merged = new Map<string, JobSpec>();
  for (const spec of specs) {
    const key = keyOf(spec.task, spec.key);
    const before = merged.get(key);
    const { runAt, ...rest } = spec;
    const earliest = before && (!runAt || !before.runAt || before.runAt < runAt) ? before.runAt : runAt;
    merged.set(key, earliest ? { ...rest, runAt: earliest } : rest);
  }
  return [...merged.values()];
}

/**
 * Upserts jobs, in the caller's transaction. A job that waits is replaced and runs now (or at its `runAt`); one that runs is
 * followed by another run; a parked one starts over. Keys are sorted, so that two writers do not deadlock.
 */
export async function addJobs(db: Db, specs: readonly JobSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const sorted = mergeRequests(specs).sort((a, b) => (keyOf(a.task, a.key) < keyOf(b.task, b.key) ? -1 : 1));
  await db.query(
    `with wanted as (
       select * from jsonb_to_recordset($1::jsonb) as w (identifier text, payload json, key text, run_at timestamptz, max_attempts int)
     ), placed as (
       select w.identifier, w.payload, w.key, w.max_attempts,
              case when h.id is null then w.run_at else greatest(h.run_at, coalesce(w.run_at, h.run_at)) end as run_at,
              case when h.id is null then null else array['${held}'] end as flags
         from wanted w
         left join graphile_worker.jobs h on h.key = w.key and h.flags ? '${held}' and h.run_at > now() and h.locked_at is null and h.attempts < h.max_attempts
     )
     select count(*) from graphile_worker.add_jobs((
       select array_agg((identifier, payload, key, run_at, max_attempts, key, 0, flags)::graphile_worker.job_spec order by key) from placed
     ))`,
    [JSON.stringify(sorted.map((spec) => ({
      identifier: spec.task, payload: spec.payload, key: keyOf(spec.task, spec.key),
      run_at: spec.runAt?.toISOString(), max_attempts: spec.maxAttempts,
    })))],
  );
}

/**
 * Has a running job run again at exactly `now + delayMs`, without using up an attempt. The running row is superseded (graphile-worker
 * deletes it when the task returns); if an event has superseded it already, the newer one waits instead. Runs in a transaction.
 */
export async function holdJob(db: Db, job: { id: string; key: string; attempts: number }, delayMs: number): Promise<void> {
  const { rows: [current] } = await db.query<{ id: string; locked: boolean }>(
    `select id::text, locked_at is not null as locked from graphile_worker._private_jobs where key = $1 for update`, [job.key]);
  if (!current) return;
  if (current.id !== job.id) {
    if (!current.locked) {
      await db.query(
        `update graphile_worker._private_jobs set run_at = greatest(run_at, now() + $2 * interval '1 millisecond'), flags = coalesce(flags, '{}') || '{"${held}": true}'
          where id = $1`, [current.id, delayMs]);
    }
    return;
  }
  const { rows: [added] } = await db.query<{ id: string }>(
    `select added.id::text from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = j.task_id,
     lateral graphile_worker.add_jobs(array[(t.identifier, j.payload, j.key, now() + $2 * interval '1 millisecond', j.max_attempts, j.key, j.priority, array['${held}'])::graphile_worker.job_spec]) added
      where j.id = $1`, [job.id, delayMs]);
  if (added) await db.query('select count(*) from graphile_worker.reschedule_jobs(array[$1::bigint], attempts => $2)', [added.id, Math.max(0, job.attempts - 1)]);
}

/** A job that cannot succeed however often it runs: this attempt is its last. */
export async function exhaust(db: Db, jobId: string): Promise<void> {
  await db.query('update graphile_worker._private_jobs set attempts = max_attempts where id = $1', [jobId]);
}

const parkedRows = `select j.id::text, t.identifier as task, substr(j.key, length(t.identifier) + 2) as key, j.payload, j.attempts,
       coalesce(j.last_error, '') as error, to_char(j.updated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "parkedAt"
  from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
 where j.attempts >= j.max_attempts and j.locked_at is null and j.key is not null`;

export async function selectParked(db: Db, limit: number): Promise<ParkedJob[]> {
  const { rows } = await db.query<ParkedJob>(`${parkedRows} order by j.id desc limit $1`, [limit]);
  return rows;
}

/** One parked job that was not reported yet, and marks it so: a second process waits for this transaction and then goes past it. */
export async function takeUnreported(db: Db): Promise<ParkedJob | undefined> {
  const { rows: [job] } = await db.query<ParkedJob>(`${parkedRows} and not exists (select 1 from lectern.reported_parkings r where r.job_id = j.id) order by j.id limit 1 for update of j skip locked`);
  if (!job) return undefined;
  const { rowCount } = await db.query('insert into lectern.reported_parkings (job_id) values ($1) on conflict do nothing', [job.id]);
  return rowCount === 1 ? job : undefined;
}

/** Gives parked jobs all their attempts back and runs them at once. @returns the ids that were parked. */
export async function unpark(db: Db, ids: readonly string[] | 'all'): Promise<string[]> {
  const parked = (await db.query<{ id: string }>(
    `select j.id::text from graphile_worker._private_jobs j
      where j.attempts >= j.max_attempts and j.locked_at is null and j.key is not null and ($1::bigint[] is null or j.id = any($1::bigint[])) for update`,
    [ids === 'all' ? null : ids])).rows.map((row) => row.id);
  await db.query('delete from lectern.reported_parkings where job_id = any($1::bigint[])', [parked]);
  await db.query(`select count(*) from graphile_worker.reschedule_jobs($1::bigint[], run_at => now(), attempts => 0)`, [parked]);
  await db.query(`select pg_notify('jobs:insert', '{"count":1}')`);
  return parked;
}

export async function unlockWorkers(db: Db, workers: readonly string[]): Promise<void> {
  await db.query('select graphile_worker.force_unlock_workers($1::text[])', [workers]);
}

/** Frees what a living worker holds, except these jobs. The grace is for a job that is on its way to it. */
export async function unlockExcept(db: Db, worker: string, jobIds: readonly string[], graceMs: number): Promise<void> {
  await db.query(
    `with freed as (
       update graphile_worker._private_jobs set locked_at = null, locked_by = null
        where locked_by = $1 and id <> all($2::bigint[]) and locked_at < now() - $3 * interval '1 millisecond' returning job_queue_id
     )
     update graphile_worker._private_job_queues q set locked_at = null, locked_by = null from freed where q.id = freed.job_queue_id and q.locked_by = $1`,
    [worker, jobIds, graceMs]);
}

/**
 * Frees what nobody will free: locks of workers that have no process (the grace is for one that has just started and not
 * announced itself yet), and queues left locked when a job was completed by a worker that had been given up for dead.
 * @returns how many jobs were freed
 */
export async function freeOrphans(db: Db, graceMs: number): Promise<number> {
  const { rows } = await db.query<{ worker: string; jobs: number }>(
    `select locked_by as worker, count(*)::int as jobs from graphile_worker._private_jobs
      where locked_by is not null and locked_at < now() - $1 * interval '1 millisecond'
        and not exists (select 1 from lectern.processes p where p.worker = locked_by)
      group by locked_by`, [graceMs]);
  if (rows.length > 0) await unlockWorkers(db, rows.map((row) => row.worker));
  await db.query(
    `update graphile_worker._private_job_queues q set locked_at = null, locked_by = null
      where locked_at < now() - $1 * interval '1 millisecond'
        and not exists (select 1 from graphile_worker._private_jobs j where j.job_queue_id = q.id and j.locked_at is not null)`, [graceMs]);
  return rows.reduce((sum, row) => sum + row.jobs, 0);
}

/** Superseded rows that failed, and reports of parkings that are over. */
export async function sweepLeftovers(db: Db): Promise<void> {
  await db.query(`delete from graphile_worker._private_jobs where key is null and attempts >= max_attempts and locked_at is null`);
  await db.query(`delete from lectern.reported_parkings r where not exists (select 1 from graphile_worker._private_jobs j where j.id = r.job_id)`);
}

/**
 * Removes queues without jobs: graphile-worker looks at every queue row for every job it fetches. Runs in a transaction; the table lock keeps out
 * an `add_jobs` that has found its queue and not written its job yet, and is given up at once when it is not to be had.
 */
export async function sweepQueues(db: Db): Promise<void> {
  await db.query(`set local lock_timeout = '100ms'`);
  await db.query('lock table graphile_worker._private_job_queues in share row exclusive mode');
  await db.query(
    `delete from graphile_worker._private_job_queues q where locked_at is null and not exists (select 1 from graphile_worker._private_jobs j where j.job_queue_id = q.id)`);
}
