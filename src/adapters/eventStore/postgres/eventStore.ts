import type { EventStore } from '../../../ports/eventStore.ts';
import { createPool } from '../../postgres/pool.ts';
import { createAppender, defaultLimits, type AppenderLimits, type BatchReport } from './appender.ts';
import { serialise, toExpected } from './pendingAppend.ts';
import { readAll, readHead, readLogId, readStream } from './readEvents.ts';
import { subscribeAll } from './subscribe.ts';
import { createWakeUp } from './wakeUp.ts';
import { createWriter } from './writer.ts';

export type PostgresEventStoreSettings = {
  /** Of a migrated database. */
  url: string;
  /** Connections for reads; appends have one of their own, and so has the listener. Default 6. */
  readers?: number;
  /** How often a subscription at the head looks for itself. Milliseconds; default 500. */
  pollMs?: number;
  limits?: Partial<AppenderLimits>;
  /** Called after each batch, for metrics. */
  onBatch?(report: BatchReport): void;
  log?: { warn(message: string): void };
};

const silent = { warn: () => undefined };

/** The event store on PostgreSQL. Safe for any number of processes on one database, and behind a transaction pooler. */
export function createPostgresEventStore(settings: PostgresEventStoreSettings): EventStore {
  const { url, readers = 6, pollMs = 500, log = silent } = settings;
  const writing = createPool({ url, applicationName: 'lectern log writer', max: 1, statementTimeoutMs: 4_000, watchesItself: true, idleMs: 0, log });
  const reading = createPool({ url, applicationName: 'lectern log reader', max: readers, log });
  const wakeUp = createWakeUp(url, reading, { pollMs, log });
  const appender = createAppender(createWriter(writing), { ...defaultLimits, ...settings.limits }, { written: wakeUp.announce, batch: (report) => settings.onBatch?.(report) });
  const closing = new AbortController();
  let logId: Promise<string> | undefined;
  let closed: Promise<void> | undefined;

  const close = async () => {
    closing.abort();
    await Promise.all([appender.close(), wakeUp.close()]);
    await Promise.all([writing.end(), reading.end()]);
  };

  return {
    async append(stream, events, { expectedRevision }) {
      return appender.append({ stream, expected: toExpected(expectedRevision), ...serialise(stream, events) });
    },
    readStream: (stream, options) => readStream(reading, stream, options),
    readAll: (options) => readAll(reading, options),
    subscribeAll: (subscription) =>
      subscribeAll(reading, wakeUp, { ...subscription, signal: AbortSignal.any([subscription.signal, closing.signal]) }, log),
    head: () => readHead(reading),
    async logId() {
      logId ??= readLogId(reading);
      try {
        return await logId;
      } catch (error) {
        logId = undefined;
        throw error;
      }
    },
    close: () => (closed ??= close()),
  };
}
