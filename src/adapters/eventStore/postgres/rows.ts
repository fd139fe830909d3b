import type { EventToAppend, RecordedEvent } from '../../../ports/eventStore.ts';
import { toPosition } from './position.ts';

export const columns = 'e.position, e.stream, e.revision, e.id, e.type, e.schema_version, e.data, e.metadata';

/** A row of `columns` as an array: an object per row, by column name, would cost a third of a read. */
export type EventRow = [position: string, stream: string, revision: number, id: string, type: string, schemaVersion: number, data: unknown, metadata: EventToAppend['metadata']];

export function toRecorded([position, stream, revision, id, type, schemaVersion, data, metadata]: EventRow): RecordedEvent {
  return { id, type, schemaVersion, data, metadata, stream, revision, position: toPosition(position) };
}
