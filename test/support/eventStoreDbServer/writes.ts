import grpc from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type AppendReq, type AppendResp, type BatchAppendReq, type BatchAppendResp, type DeleteReq, type TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Faults } from './faults.ts';
import type { Committer } from './committer.ts';
import type { Expected, Proposed, Verdict } from './transactionLog.ts';
import { grpcError, readExpected, readUuid, streamDeleted, streamName, toFailure, toIdentifier, toSuccess, toWrongExpectedVersion } from './wire.ts';

export const maxAppendSize = 1024 * 1024;

type Message = BatchAppendReq.ProposedMessage | AppendReq.ProposedMessage;
type Pending = { stream: string; expected: Expected; events: Proposed[]; size: number };

const toProposed = (message: Message): Proposed => {
  const metadata = message.getMetadataMap();
  const type = metadata.get('type');
  const contentType = metadata.get('content-type');
  if (type === undefined || contentType === undefined) {
    throw grpcError(grpc.status.INVALID_ARGUMENT, `Required Metadata Property is missing`, { exception: 'missing-required-metadata-property', 'required-metadata-properties': 'type,content-type' });
  }
  return { id: readUuid(message.getId()), type, isJson: contentType === 'application/json', data: message.getData_asU8(), metadata: message.getCustomMetadata_asU8() };
};
const sizeOnDisk = ({ type, data, metadata }: Proposed) => data.length + metadata.length + 2 * type.length;

/** BatchAppend: many appends on one call, each in one or more messages under its correlation id, answered when committed. */
export function batchAppend(committer: Committer, faults: Faults, call: grpc.ServerDuplexStream<BatchAppendReq, BatchAppendResp>) {
  const pending = new Map<string, Pending>();
  call.on('data', (request: BatchAppendReq) => {
    const correlationId = request.getCorrelationId();
    const answer = (response: BatchAppendResp, stream: string) => {
      if (call.cancelled || faults.takeLostAnswer()) return;
      call.write(response.setCorrelationId(correlationId).setStreamIdentifier(toIdentifier(stream)));
    };
    try {
      const key = readUuid(correlationId);
      const options = request.getOptions();
      if (options) {
        const identifier = options.getStreamIdentifier();
        if (!identifier) return answer(toFailure('BadRequest', new shared.BadRequest().setMessage('Required field StreamIdentifier not set.'), 3), '');
        if (!pending.has(key)) {
          const expected = readExpected(options, options.hasStreamPosition() ? options.getStreamPosition() : undefined);
          pending.set(key, { stream: streamName(identifier), expected, events: [], size: 0 });
        }
      }
      const write = pending.get(key);
      if (!write) return;
      for (const message of request.getProposedMessagesList()) {
        const proposed = toProposed(message);
        write.events.push(proposed);
        write.size += sizeOnDisk(proposed);
      }
      if (write.size > maxAppendSize) {
        pending.delete(key);
        return answer(toFailure('MaximumAppendSizeExceeded', new shared.MaximumAppendSizeExceeded().setMaxappendsize(maxAppendSize), 3), write.stream);
      }
      if (!request.getIsFinal()) return;
      pending.delete(key);
      if (faults.takeNotReady()) return answer(toFailure('Empty', new shared.Empty(), 0, 'Server Is Not Ready'), write.stream);
      committer.submit({
        ...write,
        isCancelled: () => call.cancelled,
        done: (verdict) => answer(toResponse(verdict, write), write.stream),
        timedOut: () => answer(toFailure('Timeout', new shared.Timeout(), 4), write.stream),
      });
    } catch (error) {
      answer(toFailure('BadRequest', new shared.BadRequest().setMessage(String(error)), 3), '');
    }
  });
  call.on('end', () => call.end());
}

function toResponse(verdict: Verdict, { stream, expected }: Pending): BatchAppendResp {
  switch (verdict.kind) {
    case 'ok':
    case 'idempotent':
      return toSuccess(verdict.last, verdict.position);
    case 'wrongExpectedVersion':
      return toWrongExpectedVersion(expected, verdict.current);
    case 'deleted':
      return toFailure('StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(toIdentifier(stream)), 5);
    case 'idempotentNotReady':
      throw new Error('is answered by nobody');
  }
}

/** Append: one append per call, used by the client when credentials are given per call. */
export function append(committer: Committer, call: grpc.ServerReadableStream<AppendReq, AppendResp>, done: grpc.sendUnaryData<AppendResp>) {
  let write: Pending | undefined;
  call.on('data', (request: AppendReq) => {
    try {
      const options = request.getOptions();
      if (options) write = { stream: streamName(options.getStreamIdentifier()), expected: readExpected(options, options.hasRevision() ? options.getRevision() : undefined), events: [], size: 0 };
      const message = request.getProposedMessage();
      if (!message) return;
      if (!write) throw grpcError(grpc.status.INVALID_ARGUMENT, `'ProposedMessage' is not a valid ContentCase`);
      const proposed = toProposed(message);
      write.events.push(proposed);
      write.size += sizeOnDisk(proposed);
      if (write.size > maxAppendSize) {
        throw grpcError(grpc.status.INVALID_ARGUMENT, `Maximum Append Size of ${maxAppendSize} Exceeded.`, { exception: 'maximum-append-size-exceeded', 'maximum-append-size': String(maxAppendSize) });
      }
    } catch (error) {
      write = undefined;
      done(error as grpc.ServiceError);
    }
  });
  call.on('end', () => {
    if (!write) return;
    const { stream, expected } = write;
    committer.submit({
      ...write,
      isCancelled: () => call.cancelled,
      done: (verdict) => {
        if (verdict.kind === 'deleted') return done(streamDeleted(stream));
        const response = new streams.AppendResp();
        if (verdict.kind === 'wrongExpectedVersion') {
          const wrong = new streams.AppendResp.WrongExpectedVersion();
          if (verdict.current < 0) wrong.setCurrentNoStream(new shared.Empty());
          else wrong.setCurrentRevision(String(verdict.current));
          if (expected === 'noStream') wrong.setExpectedNoStream(new shared.Empty());
          else if (typeof expected === 'number') wrong.setExpectedRevision(String(expected));
          return done(null, response.setWrongExpectedVersion(wrong));
        }
        if (verdict.kind === 'idempotentNotReady') return;
        const success = new streams.AppendResp.Success().setCurrentRevision(String(verdict.last));
        if (verdict.position === undefined) success.setNoPosition(new shared.Empty());
        else success.setPosition(new streams.AppendResp.Position().setCommitPosition(String(verdict.position)).setPreparePosition(String(verdict.position)));
        done(null, response.setSuccess(success));
      },
      timedOut: () => done(grpcError(grpc.status.ABORTED, 'Operation timed out: Prepare phase timeout.')),
    });
  });
}

/** Delete (`soft`) and Tombstone. */
export function remove<Resp>(committer: Committer, how: 'soft' | 'tombstone', request: DeleteReq | TombstoneReq, respond: (position: number) => Resp, done: grpc.sendUnaryData<Resp>) {
  const options = request.getOptions();
  if (!options) return done(grpcError(grpc.status.INVALID_ARGUMENT, 'options'));
  const stream = streamName(options.getStreamIdentifier());
  const expected = readExpected(options, options.hasRevision() ? options.getRevision() : undefined);
  const verdict = committer.remove(stream, expected, how);
  if (verdict.kind === 'ok') return done(null, respond(verdict.position));
  if (verdict.kind === 'deleted') return done(streamDeleted(stream));
  const current = verdict.kind === 'wrongExpectedVersion' ? String(verdict.current) : '';
  done(grpcError(grpc.status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. Stream: ${stream}`, { exception: 'wrong-expected-version', 'stream-name': stream, 'expected-version': String(expected), 'actual-version': current }));
}
