import pg, { type Pool } from 'pg';
import { createOwnWrites, type OwnWrite } from './ownWrites.ts';

/** Others hear of a busy log this often. Milliseconds. */
const hintEveryMs = 50;

/**
 * Tells subscriptions that the log may have grown. A hint and no more: they look for themselves, and look now and then
 * even if nobody wakes them, so a notification that is lost (a broken connection, a pooler that swallows LISTEN) costs time, not events.
 */
export type WakeUp = {
  /** This process has written: its own subscriptions know at once, other processes' within `hintEveryMs`. */
  announce(write: OwnWrite): void;
  /**
   * Resolves when the log was said to reach beyond `seen`, after `pollMs` at the latest, or when `signal` aborts. A write of our own that holds none of
   * `types` is no reason to hurry if others wrote before it, or the last such write was passed over just now (`calm`): then
   * `hintEveryMs` later, so that many are taken at once.
   */
  beyond(seen: bigint, types: ReadonlySet<string> | undefined, signal: AbortSignal, calm?: boolean): Promise<void>;
  /** The head of the log, if nothing but writes of our own without any of `types` lies behind `seen`; undefined: read. */
  passable(seen: bigint, types: ReadonlySet<string>): bigint | undefined;
  close(): Promise<void>;
};

/**
 * The hint to others is not part of the append: NOTIFY would hold a lock of the whole server through each commit, and cost an
 * idle append a tenth. It is sent beside it, asynchronously committed, and many in one.
 */
export function createWakeUp(url: string, pool: Pool, { pollMs, log }: { pollMs: number; log: { warn(message: string): void } }): WakeUp {
  let newest = -1n;
  const own = createOwnWrites();
  const waiting = new Set<Waiting>();
  const wakeAll = () => {
    for (const { wake } of [...waiting]) wake();
  };
  const heard = (head: bigint) => {
    if (head <= newest) return;
    newest = head;
    wakeAll();
  };
  const passable = (seen: bigint, types: ReadonlySet<string>): bigint | undefined => {
    const end = newest > seen ? own.withoutAny(types, seen) : undefined;
    return end === newest ? end : undefined;
  };
  let hinted = -1n;
  let hinting: NodeJS.Timeout | undefined;
  const hint = () => {
    if (hinting || newest <= hinted) return;
    hinted = newest;
    hinting = setTimeout(() => {
      hinting = undefined;
      hint();
    }, hintEveryMs);
    hinting.unref();
    pool.query({ name: 'lectern_hint', text: `select set_config('synchronous_commit', 'off', true), pg_notify('lectern_log', $1)`, values: [String(newest)] }).catch(() => undefined);
  };
  let listener: Listener | undefined;

  return {
    announce(write) {
      own.add(write);
      if (write.to <= newest) return;
      newest = write.to;
      for (const one of [...waiting]) {
        if (!one.types?.isDisjointFrom(write.types) || (performance.now() >= one.calmUntil && passable(one.seen, one.types) !== undefined)) one.wake();
        else one.wakeLater();
      }
      hint();
    },
    passable,
    beyond(seen, types, signal, calm = false) {
      const isNew = newest > seen;
      if (signal.aborted || (isNew && !(calm && types && passable(seen, types) !== undefined))) return Promise.resolve();
      listener ??= listen(url, { heard, connected: wakeAll, log });
      return new Promise((resolve) => {
        let timer = setTimeout(() => one.wake(), pollMs);
        let late = false;
        const one: Waiting = {
          seen, types, calmUntil: calm ? performance.now() + hintEveryMs : 0,
          wake() {
            waiting.delete(one);
            signal.removeEventListener('abort', one.wake);
            clearTimeout(timer);
            resolve();
          },
          wakeLater() {
            if (late) return;
            late = true;
            clearTimeout(timer);
            timer = setTimeout(() => one.wake(), hintEveryMs);
          },
        };
        signal.addEventListener('abort', one.wake);
        waiting.add(one);
        if (isNew) one.wakeLater();
      });
    },
    async close() {
      clearTimeout(hinting);
      await listener?.close();
      wakeAll();
    },
  };
}

type Waiting = { seen: bigint; types: ReadonlySet<string> | undefined; calmUntil: number; wake(): void; wakeLater(): void };

type Listener = { close(): Promise<void> };

/** One connection that listens, made anew when it breaks, after 0.1 s, 0.2 s … 5 s. */
function listen(url: string, on: { heard(head: bigint): void; connected(): void; log: { warn(message: string): void } }): Listener {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let pause = 100;
  let closed = false;

  const connect = async () => {
    const mine = new pg.Client({ connectionString: url, application_name: 'lectern log listener', keepAlive: true, keepAliveInitialDelayMillis: 5_000, connectionTimeoutMillis: 5_000 });
    client = mine;
    let over = false;
    const again = (why: string) => {
      if (over || closed) return;
      over = true;
      on.log.warn(`The event log's listener lost its connection (${why}); it polls until it is back.`);
      void mine.end().catch(() => undefined);
      retry = setTimeout(() => void connect(), pause);
      pause = Math.min(pause * 2, 5_000);
    };
    mine.on('error', (error) => again(error.message));
    mine.on('end', () => again('closed'));
    mine.on('notification', ({ payload }) => {
      if (payload !== undefined && /^\d+$/.test(payload)) on.heard(BigInt(payload));
    });
    try {
      await mine.connect();
      await mine.query('listen lectern_log');
      pause = 100;
      on.connected();
    } catch (error) {
      again(error instanceof Error ? error.message : String(error));
    }
  };
  const first = connect();

  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await first;
      await client?.end().catch(() => undefined);
    },
  };
}
