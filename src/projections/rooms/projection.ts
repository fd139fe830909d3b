import { roomEvents } from '../../domain/room/events.ts';
import { exists, type Participant, type Room, room as aggregate, type RoomEvent, type RoomState } from '../../domain/room/index.ts';
import type { Recorded } from '../../eventLog/recorded.ts';
import type { ReadModel, Sql } from '../engine/readModel.ts';
import { roomsSchema } from './schema.ts';

type RoomRecord = Recorded<RoomEvent>;
/** A room as it is in memory while a batch is folded: as it was in the tables, and as it is now. */
type Folded = { before: RoomState; now: RoomState; revision: number; created: { by: string; at: string }; taken: Map<string, SnapshotEvent>; removed: Set<string> };
type SnapshotEvent = Extract<RoomEvent, { type: 'SnapshotTaken' }>['data'];

/** What is kept in `rooms.state`. */
export type StoredRoom = Omit<Room, 'people' | 'snapshots'>;

/** Rooms, their people, and which versions of their boards are kept: the aggregate's own fold, written where it changed. */
export const rooms: ReadModel = {
  name: 'rooms',
  version: 1,
  types: Object.keys(roomEvents),
  schemaSql: roomsSchema,
  async project(events, db, schema) {
    const byRoom = new Map<string, RoomRecord[]>();
    for (const event of events) {
      if (!event.stream.startsWith('room-') || !Object.hasOwn(roomEvents, event.type)) continue;
      const record = event as RoomRecord;
      const { roomId } = record.data;
      const own = byRoom.get(roomId);
      if (own) own.push(record);
      else byRoom.set(roomId, [record]);
    }
    if (byRoom.size === 0) return;
    const known = await load([...byRoom].filter(([, [first]]) => first?.type !== 'RoomCreated').map(([roomId]) => roomId), db, schema);
    const folded = [...byRoom].map(([roomId, own]) => fold(known.get(roomId), own));
    await write(folded, db, schema);
  },
};

function fold(before: Folded | undefined, events: readonly RoomRecord[]): Folded {
  const folded: Folded = before ?? { before: aggregate.decider.initial, now: aggregate.decider.initial, revision: -1, created: { by: '', at: '' }, taken: new Map(), removed: new Set() };
  for (const event of events) {
    if (event.type === 'RoomCreated') folded.created = { by: event.data.by, at: event.data.at };
    if (event.type === 'SnapshotTaken') folded.taken.set(event.data.snapshotId, event.data);
    if (event.type === 'SnapshotsRemoved') {
      for (const snapshotId of event.data.snapshotIds) {
        folded.taken.delete(snapshotId);
        folded.removed.add(snapshotId);
      }
    }
    folded.now = aggregate.decider.evolve(folded.now, event);
    folded.revision = event.revision;
  }
  return folded;
}

async function load(roomIds: readonly string[], db: Sql, schema: string): Promise<Map<string, Folded>> {
  const found = new Map<string, Folded>();
  if (roomIds.length === 0) return found;
  const { rows } = await db.query<{ room_id: string; revision: number; created_by: string; state: StoredRoom; people: Record<string, Participant> | null }>(
    `select r.room_id, r.revision, r.created_by, r.state, (select jsonb_object_agg(p.person_id, p.state) from ${schema}.room_people p where p.room_id = r.room_id) as people
     from ${schema}.rooms r where r.room_id = any($1::text[])`,
    [roomIds],
  );
  for (const row of rows) {
    const state: Room = { ...row.state, people: Object.fromEntries(Object.entries(row.people ?? {}).map(([id, one]) => [id, withExceptions(one)])), snapshots: [] };
    found.set(row.room_id, { before: state, now: state, revision: row.revision, created: { by: row.created_by, at: '' }, taken: new Map(), removed: new Set() });
  }
  return found;
}

/** JSON has no undefined. */
export const withExceptions = (one: Participant): Participant => ({ ...one, exceptions: one.exceptions ?? undefined });

async function write(all: readonly Folded[], db: Sql, schema: string): Promise<void> {
  const rows: object[] = [];
  const people: object[] = [];
  const gone: { room_id: string; person_id: string }[] = [];
  const taken: object[] = [];
  const removed: { room_id: string; snapshot_id: string }[] = [];
  for (const { before, now, revision, created, taken: snapshots, removed: without } of all) {
    if (!exists(now)) continue; // its first event is not there: nothing to show
    const { people: everybody, snapshots: _, ...state } = now;
    const { roomId: room_id } = now;
    rows.push({
      room_id, revision, status: now.status, type: now.type, lesson_id: now.lessonId, host_id: now.hostId, starts_at: now.scheduledStart, ends_at: now.scheduledEnd,
      created_by: created.by, created_at: created.at === '' ? now.scheduledStart : created.at, state,
    });
    const were = exists(before) ? before.people : {};
    for (const one of Object.values(everybody)) if (were[one.personId] !== one) people.push({ room_id, person_id: one.personId, status: one.status, state: one });
    for (const person_id of Object.keys(were)) if (!Object.hasOwn(everybody, person_id)) gone.push({ room_id, person_id });
    for (const snapshot_id of without) removed.push({ room_id, snapshot_id });
    for (const one of snapshots.values()) {
      taken.push({
        room_id, snapshot_id: one.snapshotId, version: one.version, type: one.type, schema_version: one.schemaVersion, sha256: one.sha256, bytes: one.bytes, shapes: one.shapes,
        participants: one.participants, author_id: one.authorId, taken_at: one.at,
      });
    }
  }
  // When and by whom a room was made never changes.
  await upsert(db, `${schema}.rooms`, rows, 'room_id', ['revision', 'status', 'host_id', 'starts_at', 'ends_at', 'state']);
  await upsert(db, `${schema}.room_people`, people, 'room_id, person_id', ['status', 'state']);
  await upsert(db, `${schema}.room_snapshots`, taken, 'room_id, snapshot_id', ['taken_at']);
  await remove(db, `${schema}.room_people`, gone, 'person_id');
  await remove(db, `${schema}.room_snapshots`, removed, 'snapshot_id');
}

async function upsert(db: Sql, table: string, rows: readonly object[], key: string, changing: readonly string[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)
     on conflict (${key}) do update set ${changing.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    [JSON.stringify(rows)],
  );
}

async function remove(db: Sql, table: string, rows: readonly object[], column: string): Promise<void> {
  if (rows.length === 0) return;
  await db.query(`delete from ${table} t using jsonb_populate_recordset(null::${table}, $1::jsonb) k where t.room_id = k.room_id and t.${column} = k.${column}`, [JSON.stringify(rows)]);
}
