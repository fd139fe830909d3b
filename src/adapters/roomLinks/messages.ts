import type { CommandContext } from '../../commands/pipeline/context.ts';
import type { CloseCode } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Attached, Broadcast, ConnectionInfo, FromClient, Hello, Lane, Refused, RoomCommand, RoomCommandAnswer } from '../../commands/rooms/roomLink.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { EventStoreError, type EventStoreErrorCode } from '../../ports/eventStore.ts';

/*
 * What two nodes say to each other: JSON arrays, the kind first. `room` numbers a room that is open over this link, `call` a question; both are
 * chosen by the edge. Frames travel as the texts that they are for clients, a broadcast once for all sockets behind the link. A kind that a
 * node does not know is left alone, so that releases N and N + 1 can talk.
 */
export type FromEdge =
  | ['open', room: number, roomId: string]
  | ['attach', room: number, call: number, connection: ConnectionInfo, hello: Hello | null]
  | ['receive', room: number, connectionId: string, message: FromClient, bytes: number]
  | ['detach', room: number, connectionId: string]
  | ['close', room: number]
  | ['execute', call: number, roomId: string, command: RoomCommand, context: CommandContext, options: { ifMatch?: number }];

export type FromOwner =
  | ['opened', room: number]
  | ['notOpened', room: number, error: SentError]
  | ['attached', call: number, answer: Attached | Refused]
  | ['done', call: number, answer: RoomCommandAnswer]
  | ['failed', call: number, error: SentError]
  | ['toOne', room: number, connectionId: string, frame: string, lane: Lane]
  | ['toAll', room: number, broadcast: Broadcast]
  | ['shut', room: number, connectionId: string, code: CloseCode, detail: string | null]
  | ['hold', room: number, hold: boolean]
  | ['lost', room: number];

/** A refusal keeps its code and details on the way; what is no refusal of the school's is only told of. */
export type SentError =
  | { kind: 'domain'; code: string; message: string; details: Readonly<Record<string, unknown>> }
  | { kind: 'store'; code: EventStoreErrorCode; message: string }
  | { kind: 'other'; message: string };

export const errorToSend = (error: unknown): SentError => {
  if (error instanceof DomainError) return { kind: 'domain', code: error.code, message: error.message, details: error.details };
  if (error instanceof EventStoreError) return { kind: 'store', code: error.code, message: error.message };
  return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
};

export const errorThatCame = (sent: SentError): Error => {
  switch (sent.kind) {
    case 'domain': return new DomainError(sent.code, sent.message, sent.details);
    case 'store': return new EventStoreError(sent.code, sent.message);
    case 'other': return new Error(`the owner of the room failed: ${sent.message}`);
  }
};
