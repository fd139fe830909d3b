import { toJson } from '../../../eventLog/jsonSafety.ts';
import { EventStoreError, type AppendOutcome, type EventToAppend, type ExpectedRevision } from '../../../ports/eventStore.ts';

/** An event as the statements take it: JSON already text. */
export type SerialisedEvent = { id: string; type: string; schemaVersion: number; data: string; metadata: string };

/** One append on its way into the log. */
export type PendingAppend = {
  stream: string;
  /** -1 = the stream must not exist. */
  expected: number;
  events: readonly SerialisedEvent[];
  bytes: number;
  /** performance.now() when it was asked for. */
  since: number;
  /** True once a statement with it was sent: from then on only the log knows whether it was written. */
  sent: boolean;
  resolve(outcome: AppendOutcome): void;
  reject(error: EventStoreError): void;
};

const maxEvents = 1_000;
const maxBytes = 1_048_576;
const maxRevision = 2_147_483_647 - maxEvents;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function toExpected(revision: ExpectedRevision): number {
  if (revision === 'noStream') return -1;
  if (!Number.isInteger(revision) || revision < 0 || revision > maxRevision) throw invalid(`expected revision ${revision}`);
  return revision;
}

/** Checks what the statements could choke on, before a batch with others' appends depends on it. @throws EventStoreError `invalid`, `tooLarge`. */
export function serialise(stream: string, events: readonly EventToAppend[]): { events: SerialisedEvent[]; bytes: number } {
  if (!isName(stream)) throw invalid('stream name');
  if (events.length === 0) throw invalid('an append of no events');
  if (events.length > maxEvents) throw invalid(`an append of more than ${maxEvents} events`);
  let bytes = 0;
  const serialised = events.map((event) => {
    if (!uuid.test(event.id)) throw invalid(`event id of ${event.type}`);
    if (!isName(event.type)) throw invalid('event type');
    if (!Number.isInteger(event.schemaVersion) || event.schemaVersion < 0 || event.schemaVersion > 32_767) throw invalid(`schema version of ${event.type}`);
    const data = event.dataJson ?? toJson(event.data, (why) => invalid(`data of ${event.type}${why}`));
    const metadata = toJson(event.metadata, (why) => invalid(`metadata of ${event.type}${why}`));
    bytes += Buffer.byteLength(data) + Buffer.byteLength(metadata) + event.type.length;
    return { id: event.id, type: event.type, schemaVersion: event.schemaVersion, data, metadata };
  });
  if (bytes > maxBytes) throw new EventStoreError('tooLarge', `An append holds at most ${maxBytes} bytes, not ${bytes}.`);
  return { events: serialised, bytes };
}

function isName(name: string): boolean {
  return name.length > 0 && name.length <= 500 && !name.includes('\0') && name.isWellFormed();
}

function invalid(what: string): EventStoreError {
  return new EventStoreError('invalid', `Cannot be stored: ${what}.`);
}
