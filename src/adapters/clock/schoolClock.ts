import type pg from 'pg';
import type { Clock } from '../../ports/clock.ts';

/**
 * Real time plus an offset that an admin may set while every vendor is a sandbox. The offset is a row, so that it outlives a
 * restart and every process of the school sees the same time within `refresh()`'s interval.
 */
export type SchoolClock = Clock & {
  /** Moves the clock to an instant; it goes on ticking from there. It can go forwards only: the log's times must not run back. */
  moveTo(instant: Date): Promise<void>;
  /** Reads the offset again. */
  refresh(): Promise<void>;
  offsetMs(): number;
};

export class ClockRunsBack extends Error {
  override readonly name = 'ClockRunsBack';
}

export async function createSchoolClock(pool: pg.Pool): Promise<SchoolClock> {
  let offset = 0;
  const clock: SchoolClock = {
    now: () => new Date(Date.now() + offset),
    offsetMs: () => offset,
    async refresh() {
      const { rows } = await pool.query<{ offset_ms: string }>('select offset_ms from lectern.school_clock');
      offset = Number(rows[0]?.offset_ms ?? 0);
    },
    async moveTo(instant) {
      const wanted = instant.getTime() - Date.now();
      const { rows } = await pool.query<{ offset_ms: string }>(
        `insert into lectern.school_clock as c (one, offset_ms) values (true, greatest($1::bigint, 0))
         on conflict (one) do update set offset_ms = greatest(c.offset_ms, excluded.offset_ms) returning offset_ms`,
        [wanted],
      );
      offset = Number(rows[0]?.offset_ms ?? 0);
      if (offset > wanted) throw new ClockRunsBack('the school clock only moves forwards');
    },
  };
  await clock.refresh();
  return clock;
}
