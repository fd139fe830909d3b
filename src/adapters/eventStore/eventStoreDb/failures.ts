import { ErrorType, isCommandError } from '@eventstore/db-client';
import { EventStoreError } from '../../../ports/eventStore.ts';

/** gRPC status codes (grpc.io/docs/guides/status-codes). */
const grpcUnavailable = 14;

/** The call failed before a connection stood: what it carried never left this process. */
export const wasNeverSent = (error: unknown): boolean =>
  codeOf(error) === grpcUnavailable && /No connection established|ECONNREFUSED|Failed to discover|Name resolution failed/.test(messageOf(error));

export const isNoSuchStream = (error: unknown): boolean =>
  error instanceof Error && isCommandError(error) && (error.type === ErrorType.STREAM_NOT_FOUND || error.type === ErrorType.STREAM_DELETED);

/** A read can only fail in one way: the log is not there, or does not let us in. */
export function toReadError(error: unknown): EventStoreError {
  if (error instanceof EventStoreError) return error;
  return new EventStoreError('unavailable', `The event log cannot be read: ${messageOf(error)}`, { cause: error });
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined);
