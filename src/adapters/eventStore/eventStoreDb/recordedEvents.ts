import type { AllStreamRecordedEvent, RecordedEvent as ClientEvent } from '@eventstore/db-client';
import type { EventToAppend, Metadata, Position, RecordedEvent } from '../../../ports/eventStore.ts';
import { encodePosition } from './positions.ts';

/** Holds one event that names the log (logId.ts). Not a system stream: writing those takes an administrator. */
export const logStream = 'lecternLog';

/** What EventStoreDB itself writes into `$all` (metadata, deletions, links, statistics), and our own mark: no reader sees them. */
export const isSystemEvent = ({ type, streamId }: { type: string; streamId: string }): boolean =>
  type.startsWith('$') || streamId.startsWith('$') || streamId === logStream;

/** The event's metadata as stored. `$correlationId` and `$causationId` are EventStoreDB's own names (docs: "Event metadata reserved names"). */
export const toStoredMetadata = ({ schemaVersion, metadata }: EventToAppend) => ({
  $correlationId: metadata.correlationId,
  $causationId: metadata.causationId,
  commandId: metadata.commandId,
  actor: metadata.actor,
  occurredAt: metadata.occurredAt,
  schemaVersion,
});

/**
 * An event of `$all` or of a stream. One that something else wrote may lack our metadata; it gets empty ones, and the codec,
 * which does not know its type, leaves it alone. Malformed JSON arrives as a string, which the codec refuses.
 */
export function toRecordedEvent(event: ClientEvent | AllStreamRecordedEvent, position = positionOf(event)): RecordedEvent {
  const stored = (isObject(event.metadata) ? event.metadata : {}) as Partial<ReturnType<typeof toStoredMetadata>>;
  const metadata: Metadata = {
    commandId: stored.commandId ?? '',
    correlationId: stored.$correlationId ?? '',
    causationId: stored.$causationId ?? '',
    actor: stored.actor ?? { id: '', role: '' },
    occurredAt: stored.occurredAt ?? event.created.toISOString(),
  };
  return {
    id: event.id,
    type: event.type,
    schemaVersion: stored.schemaVersion ?? 1,
    data: event.data,
    metadata,
    stream: event.streamId,
    revision: Number(event.revision),
    position,
  };
}

function positionOf({ id, position }: ClientEvent | AllStreamRecordedEvent): Position {
  if (!position) throw new Error(`Event ${id} came without a position: the server is older than 22.6.`);
  return encodePosition(position);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
