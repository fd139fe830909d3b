-- Who owns a lesson room: the one process that writes its two streams. Epochs come from one sequence, so that a lease that was let go
-- and taken again is never mistaken for the one before.
create sequence lectern.room_epochs;
create table lectern.room_owners (
  room text collate "C" primary key,
  process text collate "C" not null,
  -- Where other nodes reach this process.
  node_url text collate "C" not null,
  epoch bigint not null,
  lease_until timestamptz not null
) with (fillfactor = 20);
create index room_owners_by_process on lectern.room_owners (process);

-- Boards folded at a version, so that nobody has to fold them from the start. A convenience, like every read model: the log has
-- it all. One per room and version; rows that people see (who saved it, and why) are events of the room that point here.
create table lectern.board_snapshots (
  room text collate "C" not null,
  -- Op groups folded into it.
  version integer not null,
  schema_version integer not null,
  -- gzip of src/domain/board/snapshotFormat.ts: what clients get, and what only servers need beside it.
  doc bytea not null,
  memory bytea not null,
  -- Of doc, hex: its ETag.
  sha256 text collate "C" not null,
  shapes integer not null,
  created_at timestamptz not null default now(),
  primary key (room, version)
);
-- It is compressed already; without a second compression slices of it are read without reading the whole.
alter table lectern.board_snapshots alter column doc set storage external, alter column memory set storage external;

-- Boards that a restore (or a fork) refers to, by hash. Never changed, never cleaned: the log needs them to be folded.
create table lectern.board_blobs (
  sha256 text collate "C" primary key,
  doc bytea not null,
  created_at timestamptz not null default now()
);
alter table lectern.board_blobs alter column doc set storage external;
