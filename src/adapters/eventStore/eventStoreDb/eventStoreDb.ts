import { EventStoreError, type EventStore } from '../../../ports/eventStore.ts';
import { appendSurely } from './append.ts';
import { createAppendCall } from './appendCall.ts';
import { prepareAppend, type PreparedAppend } from './appendRequest.ts';
import { connect } from './connection.ts';
import { nameOfLog } from './logId.ts';
import { createReads } from './reads.ts';
import { supervise } from './subscription.ts';

export type EventStoreDbOptions = {
  /** As the client takes it: `esdb://user:password@host:port[,host:port…]?tls=true`. Server 22.6 or newer (23.10 for `caughtUp`). */
  url: string;
  /** Milliseconds; see AppendTimes. Defaults 3,000 and 12,000. */
  appendAttemptMs?: number;
  appendTotalMs?: number;
  /** A read that hears nothing for so long fails. Default 10,000. */
  readIdleMs?: number;
  /** See SubscriptionTimes. Defaults 15,000, 500 and 5,000. */
  stallMs?: number;
  slowMs?: number;
  maxBackOffMs?: number;
};

/**
 * The event store on EventStoreDB. Nothing is sent until it is used, so a log that is away does not stop the start. Several may
 * live in one process; they share nothing.
 */
export function createEventStoreDb(options: EventStoreDbOptions): EventStore {
  const connection = connect(options.url);
  const call = createAppendCall(connection);
  const reads = createReads(connection.client, options.readIdleMs ?? 10_000);
  const closing = new AbortController();
  const appendTimes = { attemptMs: options.appendAttemptMs ?? 3_000, totalMs: options.appendTotalMs ?? 12_000 };
  const times = { stallMs: options.stallMs ?? 15_000, slowMs: options.slowMs ?? 500, maxBackOffMs: options.maxBackOffMs ?? 5_000 };
  const append = (prepared: PreparedAppend) => {
    if (closing.signal.aborted) throw new EventStoreError('unavailable', 'The event store was closed.');
    return appendSurely({ attempt: call.attempt, readStream: reads.readStream, times: appendTimes }, prepared);
  };
  let named: Promise<string> | undefined;

  return {
    append: async (stream, events, { expectedRevision }) => append(prepareAppend(stream, events, expectedRevision)),
    readStream: reads.readStream,
    readAll: reads.readAll,
    subscribeAll: (subscription) =>
      supervise({ client: connection.client, reads, times }, { ...subscription, signal: AbortSignal.any([subscription.signal, closing.signal]) }),
    head: reads.head,
    async logId() {
      named ??= nameOfLog({ append, readStream: reads.readStream });
      try {
        return await named;
      } catch (error) {
        named = undefined;
        throw error;
      }
    },
    async close() {
      closing.abort();
      await call.close();
      await connection.close();
    },
  };
}
