import grpc from '@grpc/grpc-js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { indexOf, writeTo, type ReadCall } from './readCall.ts';
import { subscribe, type LiveFeed } from './subscriptions.ts';
import type { StoredRecord, TransactionLog } from './transactionLog.ts';
import { grpcError, streamDeleted, streamName, toIdentifier, toReadEvent } from './wire.ts';

/** Read: of a stream or of `$all`, forwards or backwards; and subscriptions to `$all`. */
export async function read(log: TransactionLog, feed: LiveFeed, call: ReadCall): Promise<void> {
  try {
    const options = call.request.getOptions();
    if (!options) throw grpcError(grpc.status.INVALID_ARGUMENT, 'options');
    if (!options.hasUuidOption()) throw grpcError(grpc.status.INVALID_ARGUMENT, 'uuid_option');
    if (options.hasSubscription()) {
      if (!options.hasAll() || options.getReadDirection() !== 0) throw grpcError(grpc.status.INVALID_ARGUMENT, 'The combination is invalid.');
      return await subscribe(log, feed, call, options);
    }
    if (!options.hasCount() || !options.hasNoFilter()) throw grpcError(grpc.status.INVALID_ARGUMENT, 'The combination is invalid.');
    const count = Number(options.getCount());
    if (count <= 0) throw grpcError(grpc.status.INVALID_ARGUMENT, `'${count}' is not a valid count`);
    const records = options.hasStream() ? ofStream(log, options, call) : ofAll(log, options);
    if (!records) return void call.end();
    let sent = 0;
    for (const record of records) {
      if (sent >= count) break;
      const written = writeTo(call, toReadEvent(record));
      if (!(written === true || (await written))) return;
      sent += 1;
    }
    call.end();
  } catch (error) {
    call.emit('error', error as Error);
  }
}

function ofStream(log: TransactionLog, options: ReadReq.Options, call: ReadCall): Iterable<StoredRecord> | undefined {
  const stream = options.getStream();
  const name = streamName(stream?.getStreamIdentifier());
  if (log.isTombstone(name)) throw streamDeleted(name);
  const visible = log.read(name);
  if (!visible) {
    call.write(new streams.ReadResp().setStreamNotFound(new streams.ReadResp.StreamNotFound().setStreamIdentifier(toIdentifier(name))));
    return undefined;
  }
  const forwards = options.getReadDirection() === 0;
  if (forwards) {
    if (stream?.hasEnd()) return [];
    const from = stream?.hasRevision() ? Number(stream.getRevision()) : 0;
    return visible.filter(({ revision }) => revision >= from);
  }
  if (stream?.hasStart()) return visible.slice(0, 1);
  const from = stream?.hasRevision() ? Number(stream.getRevision()) : Number.MAX_SAFE_INTEGER;
  return visible.filter(({ revision }) => revision <= from).reverse();
}

function* ofAll(log: TransactionLog, options: ReadReq.Options): Iterable<StoredRecord> {
  const all = options.getAll();
  const forwards = options.getReadDirection() === 0;
  const at = all?.hasPosition() ? indexOf(log, all.getPosition()) : undefined;
  if (forwards) {
    if (all?.hasEnd()) return;
    for (let i = at ?? 0; ; i += 1) {
      const record = log.at(i);
      if (!record) return;
      yield record;
    }
  }
  for (let i = (at ?? (all?.hasStart() ? 0 : log.count())) - 1; i >= 0; i -= 1) {
    const record = log.at(i);
    if (record) yield record;
  }
}
