-- One row per run of a scheduled job, kept 30 days. The node that inserts a tick's row runs it.
create table lectern.job_runs (
  run_id uuid primary key,
  job text collate "C" not null,
  -- The tick; null for a run that a person asked for, so that it never takes a tick away.
  tick timestamptz,
  scheduled_for timestamptz not null,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed')),
  triggered_by text not null,
  actor_role text not null,
  process text collate "C",
  queued_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  result jsonb,
  error text,
  -- A failed run is an event too; this says that the event is in the log.
  failure_recorded boolean not null default false,
  unique (job, tick)
);
create index job_runs_by_job on lectern.job_runs (job, queued_at desc);
create index job_runs_open on lectern.job_runs (status) where status in ('queued', 'running');
create index job_runs_unrecorded on lectern.job_runs (run_id) where status = 'failed' and not failure_recorded;

-- What outlives the 30 days: the last tick that was dealt with (missed ticks are counted from it) and how often the job ever ran.
create table lectern.jobs (
  name text collate "C" primary key,
  last_tick timestamptz not null,
  total_runs bigint not null default 0
);
