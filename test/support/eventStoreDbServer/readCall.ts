import grpc from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { TransactionLog } from './transactionLog.ts';
import { grpcError } from './wire.ts';

export type ReadCall = grpc.ServerWritableStream<ReadReq, ReadResp>;

/** The server writes no faster than the caller reads. Resolves false when the call is over. */
export function writeTo(call: ReadCall, response: ReadResp): boolean | Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(response)) return true;
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('close', done).off('cancelled', done);
      resolve(!call.cancelled && !call.destroyed);
    };
    call.on('drain', done).on('close', done).on('cancelled', done);
  });
}

/** @throws UNKNOWN for an offset that is no record's: positions cannot be invented */
export function indexOf(log: TransactionLog, position: ReadReq.Options.Position | undefined): number {
  const commit = Number(position?.getCommitPosition());
  const prepare = Number(position?.getPreparePosition());
  const found = prepare === commit || prepare === 0 ? log.find(commit) : undefined;
  if (found === undefined) throw grpcError(grpc.status.UNKNOWN, 'Unexpected ReadAllResult: Error');
  return found;
}
