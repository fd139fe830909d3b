import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import grpc from '@grpc/grpc-js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { indexOf, writeTo, type ReadCall } from './readCall.ts';
import type { StoredRecord, TransactionLog } from './transactionLog.ts';
import { grpcError, toReadEvent } from './wire.ts';

/** `committed`: records that just became visible. */
export type LiveFeed = EventEmitter<{ committed: [StoredRecord[]] }>;

/** MaxLiveEventBufferCount and ReadBatchSize in Enumerators.cs. */
const liveBuffer = 32;
const defaultWindow = 32;

/**
 * A subscription to `$all`: pages of what is there, `caughtUp`, then whatever is committed. Checkpoints come only with a filter,
 * after every checkpointInterval × window records considered; in a page without a match they are where the page began, with
 * prepare 0. Whoever does not take live events quickly enough is dropped.
 */
export async function subscribe(log: TransactionLog, feed: LiveFeed, call: ReadCall, options: ReadReq.Options): Promise<void> {
  const all = options.getAll();
  const filter = toFilter(options);
  const window = options.getFilter()?.getMax() || defaultWindow;
  const interval = (options.getFilter()?.getCheckpointintervalmultiplier() ?? 0) * window;
  let next = all?.hasEnd() ? log.count() : all?.hasPosition() ? indexOf(log, all.getPosition()) : 0;
  // Subscriptions are exclusive: the record at the position itself is skipped, whatever its prepare position.
  if (all?.hasPosition() && log.at(next)) next += 1;
  let considered = 0;

  const checkpoint = (commit: number, prepare: number) =>
    writeTo(call, new streams.ReadResp().setCheckpoint(new streams.ReadResp.Checkpoint().setCommitPosition(String(commit)).setPreparePosition(String(prepare))));

  if (!(await writeTo(call, new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID()))))) return;

  while (next < log.count()) {
    const start = log.at(next)?.position ?? 0;
    let lastMatch: number | undefined;
    let seen = 0;
    for (; seen < window && next < log.count(); seen += 1, next += 1) {
      const record = log.at(next);
      if (!record || !filter.matches(record)) continue;
      lastMatch = record.position;
      if (!(await writeTo(call, toReadEvent(record)))) return;
    }
    considered += seen;
    if (filter.reportsCheckpoints && considered >= interval && next < log.count()) {
      considered %= interval;
      if (!(await checkpoint(lastMatch ?? start, lastMatch ?? 0))) return;
    }
  }

  // From here on nothing is awaited between the look at the log and the listening: no record falls in between.
  const buffer: StoredRecord[] = [];
  let pumping = false;
  const stop = () => feed.off('committed', onCommitted);
  const pump = async () => {
    if (pumping) return;
    pumping = true;
    for (let record = buffer.shift(); record; record = buffer.shift()) {
      if (filter.matches(record) && !(await writeTo(call, toReadEvent(record)))) break;
      considered += 1;
      if (filter.reportsCheckpoints && considered >= interval) {
        considered = 0;
        if (!(await checkpoint(record.position, record.position))) break;
      }
    }
    pumping = false;
  };
  const onCommitted = (records: StoredRecord[]) => {
    for (const record of records) {
      buffer.push(record);
      void pump();
      if (buffer.length <= liveBuffer + records.length) continue;
      stop();
      call.emit('error', grpcError(grpc.status.ABORTED, 'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.'));
      return;
    }
  };
  feed.on('committed', onCommitted);
  call.on('cancelled', stop).on('close', stop);
  await writeTo(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
}

function toFilter(options: ReadReq.Options): { matches(record: StoredRecord): boolean; reportsCheckpoints: boolean } {
  const filter = options.getFilter();
  if (!filter) return { matches: () => true, reportsCheckpoints: false };
  const byType = filter.getEventType();
  const expression = byType ?? filter.getStreamIdentifier();
  if (!expression || (!filter.hasMax() && !filter.hasCount())) throw grpcError(grpc.status.INVALID_ARGUMENT, 'filter');
  if (filter.getCheckpointintervalmultiplier() === 0) throw grpcError(grpc.status.UNKNOWN, "Specified argument was out of the range of valid values. (Parameter 'checkpointIntervalMultiplier')");
  const regex = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex());
  const prefixes = expression.getPrefixList();
  return {
    reportsCheckpoints: true,
    matches: ({ type, stream }) => {
      const text = byType ? type : stream;
      return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix));
    },
  };
}
