import { randomUUID } from 'node:crypto';
import type pg from 'pg';

export type SyncLease = {
  /** Before each step at the vendor. @returns false when another worker has taken over: stop */
  renew(): Promise<boolean>;
  release(): Promise<void>;
};

/** At most one worker brings a lesson's meeting in line; rows, not session locks, so poolers and restarts do no harm. */
export type SyncLeases = {
  /** Undefined while another holds it. */
  take(lessonId: string): Promise<SyncLease | undefined>;
};

/** Longer than the longest step between two renewals (one vendor call with its retries). */
const seconds = 60;

export function createSyncLeases(pool: pg.Pool): SyncLeases {
  return {
    async take(lessonId) {
      const holder = randomUUID();
      const { rowCount } = await pool.query(
        `insert into lectern.zoom_sync_leases as l (lesson_id, holder, expires_at) values ($1, $2, clock_timestamp() + make_interval(secs => $3))
         on conflict (lesson_id) do update set holder = excluded.holder, expires_at = excluded.expires_at where l.expires_at < clock_timestamp()`,
        [lessonId, holder, seconds],
      );
      if (rowCount !== 1) return undefined;
      return {
        async renew() {
          const renewed = await pool.query(`update lectern.zoom_sync_leases set expires_at = clock_timestamp() + make_interval(secs => $3) where lesson_id = $1 and holder = $2`, [lessonId, holder, seconds]);
          return renewed.rowCount === 1;
        },
        async release() {
          await pool.query('delete from lectern.zoom_sync_leases where lesson_id = $1 and holder = $2', [lessonId, holder]);
        },
      };
    },
  };
}
