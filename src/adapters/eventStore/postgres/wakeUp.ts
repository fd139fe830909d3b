import pg, { type Pool } from 'pg';

/** Others hear of a busy log this often. Milliseconds. */
const hintEveryMs = 20;

/**
 * Tells subscriptions that the log may have grown. A hint and no more: they look for themselves, and look now and then
 * even if nobody wakes them, so a notification that is lost (a broken connection, a pooler that swallows LISTEN) costs time, not events.
 */
export type WakeUp = {
  /** This process has written up to here: its own subscriptions know at once, other processes' within `hintEveryMs`. */
  announce(head: bigint): void;
  /** Resolves when the log was said to reach beyond `seen`, after `pollMs` at the latest, or when `signal` aborts. */
  beyond(seen: bigint, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/**
 * The hint to others is not part of the append: NOTIFY would hold a lock of the whole server through each commit, and cost an
 * idle append a tenth. It is sent beside it, asynchronously committed, and many in one.
 */
export function createWakeUp(url: string, pool: Pool, { pollMs, log }: { pollMs: number; log: { warn(message: string): void } }): WakeUp {
  let newest = -1n;
  const waiting = new Set<() => void>();
  const wakeAll = () => {
    for (const wake of [...waiting]) wake();
  };
  const heard = (head: bigint) => {
    if (head <= newest) return;
    newest = head;
    wakeAll();
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
    announce(head) {
      heard(head);
      hint();
    },
    beyond(seen, signal) {
      if (newest > seen || signal.aborted) return Promise.resolve();
      listener ??= listen(url, { heard, connected: wakeAll, log });
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(wake, pollMs);
        signal.addEventListener('abort', wake);
        waiting.add(wake);
      });
    },
    async close() {
      clearTimeout(hinting);
      await listener?.close();
      wakeAll();
    },
  };
}

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
