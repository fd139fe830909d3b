-- One row per read model, code version and generation: its checkpoint, who feeds it, and what stopped it. The tables themselves
-- live in a schema per row, "rm_<name>_v<version>_g<generation>", which the projection engine makes and drops.
create table lectern.read_models (
  name text collate "C" not null,
  version integer not null,
  generation integer not null,
  state text not null check (state in ('building', 'live', 'retired')),
  schema_made boolean not null default false,
  log_id text,
  position text collate "C" not null default '',
  -- How many events went by, read model for read model: the log's length, for progress and ETA (positions cannot be subtracted).
  events bigint not null default 0,
  owner text,
  lease_until timestamptz,
  paused jsonb,
  created_at timestamptz not null default now(),
  live_since timestamptz,
  retired_at timestamptz,
  primary key (name, version, generation)
) with (fillfactor = 20);

create unique index read_models_one_live on lectern.read_models (name, version) where state = 'live';
create unique index read_models_one_building on lectern.read_models (name, version) where state = 'building';
