import type pg from 'pg';
import type { Clock } from '../../ports/clock.ts';

/** What a create is for: `ahead` leaves the reserve alone, `sameDay` (a lesson within 24 h) may use it. */
export type HostDayUse = 'ahead' | 'sameDay';

/**
 * Zoom allows a host 100 creates and updates a UTC day. We count what we send (a create that fails counts: Zoom counts it too),
 * keep 20 for changes of the same day, and stop at once when Zoom says that the day is over.
 */
export type HostDays = {
  /** Counts one create. False: none left for this use today. */
  take(accountId: string, use: HostDayUse): Promise<boolean>;
  /** Creates left today for this use. */
  left(accountId: string, use: HostDayUse): Promise<number>;
  /** A daily 429: nothing more today. */
  close(accountId: string): Promise<void>;
  /** Until the next UTC midnight of the school's clock. */
  msUntilReset(): number;
};

const perDay = 100;
const keptForSameDay = 20;
const allowance = (use: HostDayUse) => (use === 'sameDay' ? perDay : perDay - keptForSameDay);

export function createHostDays(pool: pg.Pool, clock: Clock): HostDays {
  const today = () => clock.now().toISOString().slice(0, 10);
  return {
    async take(accountId, use) {
      const { rowCount } = await pool.query(
        `insert into lectern.zoom_host_days as d (account_id, day, used) values ($1, $2, 1)
         on conflict (account_id, day) do update set used = d.used + 1 where d.used < $3 and not d.closed`,
        [accountId, today(), allowance(use)],
      );
      return rowCount === 1;
    },
    async left(accountId, use) {
      const { rows } = await pool.query<{ used: number; closed: boolean }>('select used, closed from lectern.zoom_host_days where account_id = $1 and day = $2', [accountId, today()]);
      const [row] = rows;
      return row?.closed ? 0 : Math.max(0, allowance(use) - (row?.used ?? 0));
    },
    async close(accountId) {
      await pool.query(
        `insert into lectern.zoom_host_days (account_id, day, closed) values ($1, $2, true) on conflict (account_id, day) do update set closed = true`,
        [accountId, today()],
      );
    },
    msUntilReset() {
      const now = clock.now();
      return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime();
    },
  };
}
