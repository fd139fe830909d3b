import type pg from 'pg';
import type { Acquired, RoomLease, RoomOwners } from '../../../ports/roomOwners.ts';
import type { DeadProcess } from '../../processes/heartbeat.ts';
import type { ProcessIdentity } from '../../processes/processIdentity.ts';

export type PostgresRoomOwners = RoomOwners & {
  /** For the heartbeat: whoever died owns nothing any more. */
  bury(dead: readonly DeadProcess[]): Promise<void>;
};

/**
 * Leases are rows of lectern.room_owners, taken by compare-and-set and timed by the database's clock. A dead process is known in three ways:
 * by its host (asked at once), by the heartbeat (`bury`), and by its lease, which runs out.
 * @param nodeUrl where other nodes reach this process
 */
export function createPostgresRoomOwners({ pool, process, nodeUrl, leaseMs = 15_000 }: { pool: pg.Pool; process: ProcessIdentity; nodeUrl: string; leaseMs?: number }): PostgresRoomOwners {
  const lease = `now() + $4 * interval '1 millisecond'`;

  async function take(roomId: string): Promise<{ epoch: number; tookOver: boolean } | undefined> {
    const { rows: [row] } = await pool.query<{ epoch: string; took_over: boolean }>(
      `with before as (select process, epoch from lectern.room_owners where room = $1)
       insert into lectern.room_owners as o (room, process, node_url, epoch, lease_until)
       values ($1, $2, $3, nextval('lectern.room_epochs'), ${lease})
       on conflict (room) do update set process = excluded.process, node_url = excluded.node_url, epoch = excluded.epoch, lease_until = excluded.lease_until
       where o.lease_until < now() or o.process = $2
       returning epoch, exists (select from before where process <> $2) as took_over`,
      [roomId, process.id, nodeUrl, leaseMs],
    );
    return row && { epoch: Number(row.epoch), tookOver: row.took_over };
  }

  const expire = (roomId: string, of: string) => pool.query(`update lectern.room_owners set lease_until = '-infinity' where room = $1 and process = $2`, [roomId, of]);

  return {
    leaseMs,

    async acquire(roomId): Promise<Acquired> {
      for (;;) {
        const taken = await take(roomId);
        if (taken) return { outcome: 'owned', lease: { roomId, epoch: taken.epoch }, tookOver: taken.tookOver };
        const { rows: [owner] } = await pool.query<{ process: string; node_url: string }>('select process, node_url from lectern.room_owners where room = $1', [roomId]);
        if (!owner) continue; // let go of in this very moment
        if (!process.isDead(owner.process)) return { outcome: 'elsewhere', process: owner.process, nodeUrl: owner.node_url };
        await expire(roomId, owner.process);
      }
    },

    async renew(leases) {
      if (leases.length === 0) return new Set();
      const { rows } = await pool.query<{ room: string }>(
        `update lectern.room_owners o set lease_until = now() + $4 * interval '1 millisecond'
         from unnest($1::text[], $2::bigint[]) as mine(room, epoch)
         where o.room = mine.room and o.epoch = mine.epoch and o.process = $3 returning o.room`,
        [leases.map(({ roomId }) => roomId), leases.map(({ epoch }) => epoch), process.id, leaseMs],
      );
      return new Set(rows.map(({ room }) => room));
    },

    async release(leases) {
      if (leases.length === 0) return;
      await pool.query(
        `delete from lectern.room_owners o using unnest($1::text[], $2::bigint[]) as mine(room, epoch)
         where o.room = mine.room and o.epoch = mine.epoch and o.process = $3`,
        [leases.map(({ roomId }: RoomLease) => roomId), leases.map(({ epoch }) => epoch), process.id],
      );
    },

    async owned() {
      const { rows } = await pool.query<{ room: string }>('select room from lectern.room_owners where lease_until >= now() order by room');
      return rows.map(({ room }) => room);
    },

    async ownerless(roomIds) {
      if (roomIds.length === 0) return [];
      const { rows } = await pool.query<{ room: string; process: string }>('select room, process from lectern.room_owners where room = any($1) and lease_until >= now()', [[...roomIds]]);
      const owned = new Set(rows.filter((row) => !process.isDead(row.process)).map(({ room }) => room));
      return roomIds.filter((roomId) => !owned.has(roomId));
    },

    async bury(dead) {
      await pool.query(`update lectern.room_owners set lease_until = '-infinity' where process = any($1)`, [dead.map((one) => one.process)]);
    },
  };
}
