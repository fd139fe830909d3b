-- The append-only log. `data` and `metadata` are json, not jsonb: the text stays byte for byte what was appended, so that a
-- seal over it can be checked for ever. Positions are gapless and are handed out under the lock of the one row of log_head.
create table lectern.events (
  position bigint primary key,
  stream text collate "C" not null,
  revision integer not null,
  id uuid not null,
  type text collate "C" not null,
  schema_version integer not null,
  data json not null,
  metadata json not null,
  unique (stream, revision)
);

create table lectern.log_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null,
  log_id uuid not null
) with (fillfactor = 10);

insert into lectern.log_head (position, log_id) values (0, gen_random_uuid());
