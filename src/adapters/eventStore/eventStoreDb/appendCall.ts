import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { toRequest, type PreparedAppend } from './appendRequest.ts';
import type { BatchAppendCall, Connection } from './connection.ts';
import { messageOf, wasNeverSent } from './failures.ts';
import { encodePosition } from './positions.ts';

/** What one attempt came to. */
export type Attempt =
  /** `position` is absent when the server answers a repeat from an index that does not have it at hand. */
  | { kind: 'appended'; revision: number; position: string | undefined }
  | { kind: 'conflict'; actualRevision: number | 'noStream' }
  | { kind: 'refused'; code: 'tooLarge' | 'invalid' | 'streamDeleted' | 'unavailable'; message: string }
  /** Nothing was written; asking again may help. */
  | { kind: 'notSent'; message: string }
  /** It may have been written, or may yet be. */
  | { kind: 'unknown'; message: string };

type OpenCall = { call: BatchAppendCall; pending: Map<string, (attempt: Attempt) => void>; closed: boolean };

/**
 * All appends of the process share one duplex call: requests go out as they come, the server answers each when it is on disk.
 * Modes: none → opening (whoever comes waits for it) → open → closed by an error or an end, which settles what is pending on
 * it as unknown (or as not sent, when no connection ever stood); the next append opens a new one.
 */
export function createAppendCall(connection: Connection, maxPendingBytes = 64 * 1024 * 1024) {
  let current: Promise<OpenCall> | undefined;
  let pendingBytes = 0;

  function open(): Promise<OpenCall> {
    if (current) return current;
    const opening: Promise<OpenCall> = connection.openBatchAppend().then((call) => {
      const self: OpenCall = { call, pending: new Map(), closed: false };
      const close = (attempt: Attempt) => {
        self.closed = true;
        if (current === opening) current = undefined;
        for (const settle of [...self.pending.values()]) settle(attempt);
      };
      call
        .on('data', (response) => self.pending.get(response.getCorrelationId()?.getString() ?? '')?.(toAttempt(response)))
        .on('error', (error) => close({ kind: wasNeverSent(error) ? 'notSent' : 'unknown', message: messageOf(error) }))
        .on('end', () => close({ kind: 'unknown', message: 'the server ended the call' }));
      return self;
    });
    current = opening;
    opening.catch(() => {
      if (current === opening) current = undefined;
    });
    return opening;
  }

  return {
    /** One attempt with a deadline of its own, in milliseconds: the client's has none on this call. Never rejects. */
    async attempt(append: PreparedAppend, deadlineMs: number): Promise<Attempt> {
      if (pendingBytes + append.bytes > maxPendingBytes) return { kind: 'notSent', message: `more than ${maxPendingBytes} bytes wait to be appended` };
      pendingBytes += append.bytes;
      try {
        const { call, pending, closed } = await open();
        if (closed) return { kind: 'notSent', message: 'the call was closed' };
        return await new Promise<Attempt>((resolve) => {
          const id = randomUUID();
          const settle = (attempt: Attempt) => {
            clearTimeout(timer);
            pending.delete(id);
            resolve(attempt);
          };
          const timer = setTimeout(() => settle({ kind: 'unknown', message: `no answer within ${deadlineMs} ms` }), deadlineMs);
          pending.set(id, settle);
          call.write(toRequest(append, id));
        });
      } catch (error) {
        return { kind: 'notSent', message: messageOf(error) };
      } finally {
        pendingBytes -= append.bytes;
      }
    },
    async close(): Promise<void> {
      (await current?.catch(() => undefined))?.call.cancel();
    },
  };
}

/** What the server says: `google.rpc.Status` with one of its own messages in `details` (Status.Helpers in its source). */
function toAttempt(response: BatchAppendResp): Attempt {
  const success = response.getSuccess();
  if (success) {
    const position = success.getPosition();
    return {
      kind: 'appended',
      revision: Number(success.getCurrentRevision()),
      position: position && encodePosition({ commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) }),
    };
  }
  const error = response.getError();
  const message = error?.getMessage() ?? 'an answer without a result';
  const details = error?.getDetails();
  const type = details?.getTypeName() ?? '';
  switch (type.slice(type.lastIndexOf('.') + 1)) {
    case 'WrongExpectedVersion': {
      const found = details?.unpack((bytes) => shared.WrongExpectedVersion.deserializeBinary(bytes), type);
      return { kind: 'conflict', actualRevision: found?.hasCurrentStreamRevision() ? Number(found.getCurrentStreamRevision()) : 'noStream' };
    }
    case 'StreamDeleted':
      return { kind: 'refused', code: 'streamDeleted', message: 'The stream was deleted for ever.' };
    case 'MaximumAppendSizeExceeded':
      return { kind: 'refused', code: 'tooLarge', message: 'The append is larger than the server takes.' };
    case 'AccessDenied':
      return { kind: 'refused', code: 'unavailable', message: 'The event log denies access.' };
    case 'BadRequest':
      return { kind: 'refused', code: 'invalid', message };
    default:
      // "Server Is Not Ready", "Server Is Busy": refused at the door. Time-outs and all else may still be written.
      return /Not Ready|Is Busy|No leader info/.test(message) ? { kind: 'notSent', message } : { kind: 'unknown', message };
  }
}
