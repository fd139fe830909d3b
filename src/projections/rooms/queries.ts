import type { Participant, Room, RoomStatus, RoomType, SnapshotType } from '../../domain/room/index.ts';
import type { ReadModels, Sql } from '../engine/readModel.ts';
import { utc } from '../instant.ts';
import { type StoredRoom, withExceptions } from './projection.ts';

export type RoomRow = { roomId: string; revision: number; createdBy: string; createdAt: string; room: StoredRoom };
export type RoomWithPeople = RoomRow & { people: Readonly<Record<string, Participant>> };
export type SnapshotView = {
  snapshotId: string; version: number; type: SnapshotType; schemaVersion: number; sha256: string; bytes: number; shapes: number; participants: number; authorId: string; takenAt: string;
};
export type RoomFilter = { status?: RoomStatus; type?: RoomType; lesson?: string; host?: string; from?: string; to?: string };
/** The sort key of the last room shown: its scheduled start and id. */
export type RoomPage = { after: readonly [string, string] | undefined; limit: number };

type Row = { room_id: string; revision: number; created_by: string; created_at: string; state: StoredRoom };
const viewOf = ({ room_id, revision, created_by, created_at, state }: Row): RoomRow => ({ roomId: room_id, revision, createdBy: created_by, createdAt: utc(created_at), room: state });

export type RoomQueries = ReturnType<typeof createRoomQueries>;

/** Reads of the read model `rooms`. */
export function createRoomQueries(db: Sql, readModels: Pick<ReadModels, 'schema'>) {
  const columns = `r.room_id, r.revision, r.created_by, to_json(r.created_at)#>>'{}' as created_at, r.state`;

  async function list(where: readonly string[], values: unknown[], { after, limit }: RoomPage): Promise<RoomRow[]> {
    const schema = await readModels.schema('rooms');
    const put = (value: unknown) => `$${values.push(value)}`;
    const all = [...where.map((one) => one.replaceAll('$schema', schema))];
    if (after) all.push(`(r.starts_at, r.room_id) < (${put(after[0])}::timestamptz, ${put(after[1])})`);
    const { rows } = await db.query<Row>(`select ${columns} from ${schema}.rooms r where ${all.join(' and ') || 'true'} order by r.starts_at desc, r.room_id desc limit ${put(limit)}`, values);
    return rows.map(viewOf);
  }

  const filtered = (filter: RoomFilter, values: unknown[]): string[] => {
    const put = (value: unknown) => `$${values.push(value)}`;
    return [
      ...(filter.status === undefined ? [] : [`r.status = ${put(filter.status)}`]),
      ...(filter.type === undefined ? [] : [`r.type = ${put(filter.type)}`]),
      ...(filter.lesson === undefined ? [] : [`r.lesson_id = ${put(filter.lesson)}`]),
      ...(filter.host === undefined ? [] : [`r.host_id = ${put(filter.host)}`]),
      ...(filter.from === undefined ? [] : [`r.ends_at > ${put(filter.from)}::timestamptz`]),
      ...(filter.to === undefined ? [] : [`r.starts_at < ${put(filter.to)}::timestamptz`]),
    ];
  };

  return {
    /** Undefined: there is no such room. */
    async room(roomId: string): Promise<RoomWithPeople | undefined> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<Row & { people: Record<string, Participant> | null }>(
        `select ${columns}, (select jsonb_object_agg(p.person_id, p.state) from ${schema}.room_people p where p.room_id = r.room_id) as people from ${schema}.rooms r where r.room_id = $1`,
        [roomId],
      );
      const row = rows[0];
      return row && { ...viewOf(row), people: Object.fromEntries(Object.entries(row.people ?? {}).map(([id, one]) => [id, withExceptions(one)])) };
    },

    /** All, latest start first. */
    rooms(filter: RoomFilter, page: RoomPage): Promise<RoomRow[]> {
      const values: unknown[] = [];
      return list(filtered(filter, values), values, page);
    },

    /** Those that a person hosts, takes or took part in, or is invited to, or that are their groups' lessons'; not those they were thrown out of. */
    roomsOf(personId: string, groups: readonly string[], filter: RoomFilter, page: RoomPage): Promise<RoomRow[]> {
      return readModels.schema('lessons').then((lessons) => {
        const values: unknown[] = [];
        const where = filtered(filter, values);
        const person = `$${values.push(personId)}`;
        const theirs = `$${values.push(groups)}::text[]`;
        where.push(
          `not exists (select from $schema.room_people p where p.room_id = r.room_id and p.person_id = ${person} and p.status = 'kicked')`,
          `(exists (select from $schema.room_people p where p.room_id = r.room_id and p.person_id = ${person})
            or exists (select from ${lessons}.lessons l where l.lesson_id = r.lesson_id and l.group_id = any(${theirs})))`,
        );
        return list(where, values, page);
      });
    },

    /** Newest version first. `before`: version and id of the last one shown. */
    async snapshots(roomId: string, page: { before: readonly [number, string] | undefined; limit: number }): Promise<SnapshotView[]> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<{
        snapshot_id: string; version: number; type: SnapshotType; schema_version: number; sha256: string; bytes: number; shapes: number; participants: number; author_id: string; taken_at: string;
      }>(
        `select snapshot_id, version, type, schema_version, sha256, bytes, shapes, participants, author_id, to_json(taken_at)#>>'{}' as taken_at from ${schema}.room_snapshots
         where room_id = $1 and ($2::int is null or (version, snapshot_id) < ($2::int, $3)) order by version desc, snapshot_id desc limit $4`,
        [roomId, page.before?.[0] ?? null, page.before?.[1] ?? '', page.limit],
      );
      return rows.map((row) => ({
        snapshotId: row.snapshot_id, version: row.version, type: row.type, schemaVersion: row.schema_version, sha256: row.sha256, bytes: row.bytes, shapes: row.shapes,
        participants: row.participants, authorId: row.author_id, takenAt: utc(row.taken_at),
      }));
    },

    async snapshotCounts(roomId: string): Promise<{ snapshots: number; versions: number; shapes: number }> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<{ snapshots: number; versions: number; shapes: number }>(
        `select count(*)::int as snapshots, coalesce(max(version), 0)::int as versions, coalesce((array_agg(shapes order by version desc))[1], 0)::int as shapes
         from ${schema}.room_snapshots where room_id = $1`,
        [roomId],
      );
      return rows[0] ?? { snapshots: 0, versions: 0, shapes: 0 };
    },

    /** Open rooms whose end is past at that moment, oldest first; for the job, which asks the streams before it acts. */
    async openAndOver(before: string, limit: number): Promise<string[]> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<{ room_id: string }>(
        `select room_id from ${schema}.rooms where status in ('scheduled', 'waiting', 'active', 'paused') and ends_at <= $1::timestamptz order by ends_at, room_id limit $2`, [before, limit]);
      return rows.map(({ room_id }) => room_id);
    },

    /** Lesson → its newest room; lessons without one are left out. */
    async newestOfLessons(lessonIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<{ lesson_id: string; room_id: string }>(
        `select distinct on (lesson_id) lesson_id, room_id from ${schema}.rooms where lesson_id = any($1::text[]) order by lesson_id, created_at desc`, [lessonIds]);
      return new Map(rows.map(({ lesson_id, room_id }) => [lesson_id, room_id]));
    },

    /**
     * Lessons to come or live that have no room: they were scheduled before there were rooms, or word of them was lost; or whose rooms all
     * expired before they were moved. Soonest first.
     */
    async lessonsWithoutRoom(now: string, limit: number): Promise<string[]> {
      const [rooms, lessons] = await Promise.all([readModels.schema('rooms'), readModels.schema('lessons')]);
      const { rows } = await db.query<{ lesson_id: string }>(
        `select l.lesson_id from ${lessons}.lessons l where l.status in ('scheduled', 'live') and l.ends_at > $1::timestamptz and l.starts_at > $1::timestamptz - interval '1 day'
           and not exists (select from ${rooms}.rooms r where r.lesson_id = l.lesson_id and (r.status <> 'expired' or l.status = 'live'))
         order by l.starts_at, l.lesson_id limit $2`,
        [now, limit],
      );
      return rows.map(({ lesson_id }) => lesson_id);
    },

    /** Rooms that somebody has come to and that have not ended, in order of id. */
    async begun(after: string, limit: number): Promise<string[]> {
      const schema = await readModels.schema('rooms');
      const { rows } = await db.query<{ room_id: string }>(`select room_id from ${schema}.rooms where status in ('waiting', 'active', 'paused') and room_id > $1 order by room_id limit $2`, [after, limit]);
      return rows.map(({ room_id }) => room_id);
    },
  };
}

/** As the domain's functions want it. */
export const asRoom = ({ room, people }: RoomWithPeople): Room => ({ ...room, people, snapshots: [] });
