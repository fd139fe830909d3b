import type { Recorded } from './recorded.ts';

/** How events leave the house as text, one a line. */
export const exportFormats = ['ndjson', 'csv', 'cloudevents'] as const;
export type ExportFormat = (typeof exportFormats)[number];

const columns = ['position', 'stream', 'revision', 'type', 'schemaVersion', 'occurredAt', 'actorId', 'actorRole', 'commandId', 'id', 'data'] as const;

/** The first line, if the format has one. */
export const exportHeading = (format: ExportFormat): string | undefined => (format === 'csv' ? columns.join(',') : undefined);

export function exportLine(event: Recorded, format: ExportFormat): string {
  switch (format) {
    case 'ndjson':
      return JSON.stringify(event);
    case 'cloudevents':
      return JSON.stringify(cloudEvent(event));
    case 'csv': {
      const { metadata } = event;
      return [
        event.position, event.stream, event.revision, event.type, event.schemaVersion, metadata.occurredAt, metadata.actor.id, metadata.actor.role,
        metadata.commandId, event.id, JSON.stringify(event.data),
      ].map(csvCell).join(',');
    }
  }
}

/** CloudEvents 1.0, structured JSON; our own facts travel as extension attributes (lower case, as section "Naming" wants). */
const cloudEvent = (event: Recorded): object => ({
  specversion: '1.0', id: event.id, source: '/lectern', type: `lectern.${event.type}.v${event.schemaVersion}`, subject: event.stream,
  time: event.metadata.occurredAt, datacontenttype: 'application/json', data: event.data,
  position: event.position, revision: event.revision, correlationid: event.metadata.correlationId, causationid: event.metadata.causationId,
  commandid: event.metadata.commandId, actorid: event.metadata.actor.id, actorrole: event.metadata.actor.role,
});

/** RFC 4180; a cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection). */
function csvCell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
