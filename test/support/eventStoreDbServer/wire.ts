import grpc from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import emptyPb from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Message } from 'google-protobuf';
import shared, { type UUID } from '@eventstore/db-client/generated/shared_pb.js';
import statusPb from '@eventstore/db-client/generated/status_pb.js';
import streams, { type BatchAppendResp, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Expected, StoredRecord } from './transactionLog.ts';

/** Messages as the server builds them (Streams.BatchAppend.cs, Enumerators.cs, RpcExceptions.cs, Status.cs of its source). */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function readUuid(message: UUID | undefined): string {
  const text = message?.getString() ?? '';
  if (!uuid.test(text)) throw new Error('Guid should contain 32 digits with 4 dashes');
  return text.toLowerCase();
}

export const streamName = (identifier: shared.StreamIdentifier | undefined) => Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
export const toIdentifier = (name: string) => new shared.StreamIdentifier().setStreamName(Buffer.from(name));

type Options = { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean };
/** `revision`: the text of whichever field holds it. */
export function readExpected(options: Options, revision: string | undefined): Expected {
  if (options.hasNoStream()) return 'noStream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'streamExists';
  if (revision === undefined) throw grpcError(grpc.status.INVALID_ARGUMENT, `'None' is not a valid ExpectedStreamRevision`);
  return Number(revision);
}

export function toReadEvent(record: StoredRecord): ReadResp {
  const position = String(record.position);
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(toIdentifier(record.stream))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(record.data)
    .setCustomMetadata(record.metadata);
  recorded.getMetadataMap().set('type', record.type).set('created', String(BigInt(record.createdMs) * 10_000n))
    .set('content-type', record.isJson ? 'application/json' : 'application/octet-stream');
  return new streams.ReadResp().setEvent(new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position));
}

export const toSuccess = (revision: number, position: number | undefined): BatchAppendResp => {
  const success = new streams.BatchAppendResp.Success();
  if (revision < 0) success.setNoStream(new emptyPb.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new emptyPb.Empty());
  else success.setPosition(new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position)));
  return new streams.BatchAppendResp().setSuccess(success);
};

export function toWrongExpectedVersion(expected: Expected, current: number): BatchAppendResp {
  const details = new shared.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new emptyPb.Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expected === 'noStream') details.setExpectedNoStream(new emptyPb.Empty());
  else if (expected === 'any') details.setExpectedAny(new emptyPb.Empty());
  else if (expected === 'streamExists') details.setExpectedStreamExists(new emptyPb.Empty());
  else details.setExpectedStreamPosition(String(expected));
  return toFailure('WrongExpectedVersion', details, 6);
}

/** @param code of google.rpc.Code */
export function toFailure(name: string, details: Message, code: number, message = name): BatchAppendResp {
  const packed = new anyPb.Any();
  packed.pack(details.serializeBinary(), `event_store.client.${name}`);
  const status = new statusPb.Status().setMessage(message).setDetails(packed);
  status.setCode(code as Parameters<typeof status.setCode>[0]);
  return new streams.BatchAppendResp().setError(status);
}

export function grpcError(code: number, details: string, metadata: Record<string, string> = {}): Error & Partial<grpc.StatusObject> {
  const map = new grpc.Metadata();
  for (const [key, value] of Object.entries(metadata)) map.set(key, value);
  return Object.assign(new Error(details), { code, details, metadata: map });
}

export const streamDeleted = (stream: string) =>
  grpcError(grpc.status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, { exception: 'stream-deleted', 'stream-name': stream });
