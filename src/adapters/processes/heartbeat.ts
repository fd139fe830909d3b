import type pg from 'pg';
import type { ProcessIdentity } from './processIdentity.ts';

export type DeadProcess = { process: string; worker: string | undefined };

/**
 * A row per living process in lectern.processes, renewed every few seconds. Who has not renewed it for `staleMs`, or is known to be
 * gone from this host, is dead: its row is deleted and the listeners are told, so that what it held is freed.
 */
export type Heartbeat = {
  /** Beats once before it returns, if Postgres is there; then on its own. */
  start(): Promise<void>;
  /** Takes the row away: a process that says good-bye need not be found dead. */
  stop(): Promise<void>;
  /** Says which worker (graphile-worker's name in its locks) this process runs; undefined: none. */
  announceWorker(worker: string | undefined): Promise<void>;
  onDead(listener: (dead: readonly DeadProcess[]) => Promise<void>): void;
};

export type HeartbeatOptions = {
  pool: pg.Pool;
  process: ProcessIdentity;
  logger: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
  /** Default 3 s. */
  everyMs?: number;
  /** Default 12 s. */
  staleMs?: number;
};

export function createHeartbeat({ pool, process, logger, everyMs = 3_000, staleMs = 12_000 }: HeartbeatOptions): Heartbeat {
  const listeners: ((dead: readonly DeadProcess[]) => Promise<void>)[] = [];
  let worker: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> = Promise.resolve();
  let lastBeat: number | undefined;
  let steadySince = -Infinity;
  let failing = false;
  let stopped = false;

  async function write(): Promise<void> {
    await pool.query(
      `insert into lectern.processes (process, worker, beat_at) values ($1, $2, now())
       on conflict (process) do update set worker = excluded.worker, beat_at = excluded.beat_at`,
      [process.id, worker ?? null],
    );
  }

  /** After a time without Postgres everybody looks dead, to everybody. So whoever was cut off watches for a while before judging again. */
  function mayJudge(): boolean {
    const now = performance.now();
    if (lastBeat !== undefined && now - lastBeat > staleMs / 2) steadySince = now;
    lastBeat = now;
    return now - steadySince > staleMs;
  }

  async function bury(byAge: boolean): Promise<void> {
    const { rows } = await pool.query<{ process: string; stale: boolean }>(
      // A server that has just come up has heard nobody for a while either.
      `select process, beat_at < now() - $2 * interval '1 millisecond' and pg_postmaster_start_time() < now() - $2 * interval '1 millisecond' as stale
         from lectern.processes where process <> $1`,
      [process.id, staleMs],
    );
    const dead = rows.filter((row) => (byAge && row.stale) || process.isDead(row.process)).map((row) => row.process);
    if (dead.length === 0) return;
    // Asked again while deleting: a process that beat in between lives, unless its host says otherwise.
    const { rows: gone } = await pool.query<{ process: string; worker: string | null }>(
      `delete from lectern.processes where process = any($1) and (beat_at < now() - $2 * interval '1 millisecond' or process = any($3)) returning process, worker`,
      [dead, staleMs, dead.filter((id) => process.isDead(id))],
    );
    if (gone.length === 0) return;
    logger.warn({ processes: gone.map((row) => row.process) }, 'processes died; what they held is freed');
    for (const listener of listeners) await listener(gone.map((row) => ({ process: row.process, worker: row.worker ?? undefined })));
  }

  async function beat(): Promise<void> {
    try {
      await write();
      await bury(mayJudge());
      failing = false;
    } catch (error) {
      if (!failing) logger.warn({ err: error }, 'the heartbeat does not reach Postgres');
      failing = true;
    }
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => { beating = beat().then(schedule); }, everyMs);
  }

  return {
    async start() {
      await beat();
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await beating;
      await pool.query('delete from lectern.processes where process = $1', [process.id])
        .catch((error: unknown) => logger.info({ err: error }, 'left without saying good-bye: the others will notice'));
    },
    async announceWorker(name) {
      worker = name;
      await write();
    },
    onDead(listener) { listeners.push(listener); },
  };
}
