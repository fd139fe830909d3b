-- A reactor's checkpoint moves in the transaction that upserts its jobs (graphile-worker's own schema holds those).
create table lectern.reactors (
  name text collate "C" primary key,
  log_id text not null,
  position text collate "C" not null,
  owner text,
  lease_until timestamptz,
  unreadable_count bigint not null default 0,
  last_unreadable jsonb,
  created_at timestamptz not null default now()
) with (fillfactor = 20);

-- Who is alive. `process` names host, process and incarnation; `worker` is what graphile-worker writes into its locks.
create table lectern.processes (
  process text collate "C" primary key,
  worker text unique,
  beat_at timestamptz not null default now()
) with (fillfactor = 20);

-- Parked jobs whose parking was reported, so that each is reported once.
create table lectern.reported_parkings (
  job_id bigint primary key,
  reported_at timestamptz not null default now()
);
