/**
 * `rooms`: one row per room; `state` is the aggregate's own fold but for its people and snapshots, which have rows of their own, so that a
 * join of one does not rewrite all. The columns beside it are what lists filter and sort by. `room_people.state` is a participant as
 * the aggregate has it.
 */
export const roomsSchema = (schema: string): string => `
  create table ${schema}.rooms (
    room_id text collate "C" primary key,
    revision int not null, status text not null, type text not null, lesson_id text, host_id text not null,
    starts_at timestamptz not null, ends_at timestamptz not null, created_by text not null, created_at timestamptz not null,
    state jsonb not null
  ) with (fillfactor = 70);
  create index on ${schema}.rooms (starts_at, room_id);
  create index on ${schema}.rooms (lesson_id) where lesson_id is not null;
  create index on ${schema}.rooms (ends_at) where status in ('scheduled', 'waiting', 'active', 'paused');
  create table ${schema}.room_people (
    room_id text collate "C" not null, person_id text collate "C" not null, status text not null, state jsonb not null,
    primary key (room_id, person_id)
  ) with (fillfactor = 70);
  create index on ${schema}.room_people (person_id);
  create table ${schema}.room_snapshots (
    room_id text collate "C" not null, snapshot_id text collate "C" not null,
    version int not null, type text not null, schema_version int not null, sha256 text not null, bytes int not null, shapes int not null,
    participants int not null, author_id text not null, taken_at timestamptz not null,
    primary key (room_id, snapshot_id)
  );
  create index on ${schema}.room_snapshots (room_id, version desc, snapshot_id desc);
`;
