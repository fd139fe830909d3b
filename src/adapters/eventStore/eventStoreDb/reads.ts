import { BACKWARDS, END, FORWARDS, START as FIRST, type AllStreamResolvedEvent, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client';
import { EventStoreError, START, type Position, type ReadAllOptions, type ReadStreamOptions, type RecordedEvent } from '../../../ports/eventStore.ts';
import { chunks, type ClientStream } from './chunks.ts';
import { isNoSuchStream, toReadError } from './failures.ts';
import { decodePosition, encodePosition } from './positions.ts';
import { isSystemEvent, toRecordedEvent } from './recordedEvents.ts';
import { sleep } from './sleep.ts';

/** Items that the client parses ahead of us: enough to keep it busy, few enough to hold when each is 1 MiB. */
const readAhead = { highWaterMark: 64 };
/** A page ends here even when it could hold more events, so that pages of large events do not add up. */
const maxPageBytes = 8 * 1024 * 1024;
/** Events fetched in a call; smaller pages and batches are cut from it, for a call of its own for each would halve the speed. */
export const fetchSize = 4_000;

/** Part of `$all` as it is, system events included. */
export type RawPage = {
  events: RecordedEvent[];
  /** Of the last record read, whatever it was; `from` when there was none. */
  position: Position;
  /** The read came to the end of the log. */
  ended: boolean;
};

export function createReads(client: EventStoreDBClient, idleMs: number) {
  const readStream = (stream: string, options: ReadStreamOptions = {}) => onceMore(() => readStreamOnce(stream, options));
  /** The next records after (before) a position, exclusive: at most `most` that are events of ours. */
  const page = (from: Position | 'end', direction: 'forwards' | 'backwards', most: number) => onceMore(() => pageOnce(from, direction, most));

  async function readStreamOnce(stream: string, { from, direction = 'forwards', limit = Number.MAX_SAFE_INTEGER }: ReadStreamOptions): Promise<RecordedEvent[]> {
    if (limit <= 0 || (from !== undefined && from < 0)) return [];
    const forwards = direction === 'forwards';
    const call = client.readStream(stream, {
      direction: forwards ? FORWARDS : BACKWARDS,
      fromRevision: from === undefined ? (forwards ? FIRST : END) : BigInt(from),
      maxCount: limit,
    }, readAhead) as unknown as ClientStream<ResolvedEvent>;
    const events: RecordedEvent[] = [];
    try {
      for await (const chunk of chunks(call, 1_000, idleMs)) {
        for (const { event } of chunk) if (event) events.push(toRecordedEvent(event));
      }
      return events;
    } catch (error) {
      if (isNoSuchStream(error)) return [];
      throw toReadError(error);
    }
  }

  async function pageOnce(from: Position | 'end', direction: 'forwards' | 'backwards', most: number): Promise<RawPage> {
    const at = from === 'end' ? undefined : decodePosition(from);
    const forwards = direction === 'forwards';
    if (!forwards && from === START) return { events: [], position: START, ended: true };
    // Forwards $all is read inclusively, so one record more; backwards exclusively.
    const maxCount = most + 1;
    const call = client.readAll({ direction: forwards ? FORWARDS : BACKWARDS, fromPosition: at ?? (forwards ? FIRST : END), maxCount }, readAhead) as unknown as ClientStream<AllStreamResolvedEvent>;
    const events: RecordedEvent[] = [];
    let position: Position = from === 'end' ? START : from;
    let records = 0;
    let bytes = 0;
    try {
      for await (const chunk of chunks(call, 256, idleMs)) {
        for (const resolved of chunk) {
          const record = resolved.link ?? resolved.event;
          if (!record) continue;
          records += 1;
          const here = encodePosition(record.position);
          if (here === from) continue;
          position = here;
          if (!isSystemEvent(record)) {
            events.push(toRecordedEvent(record, here));
            bytes += roughSize(record.data);
          }
          if (events.length >= most || bytes >= maxPageBytes) return { events, position, ended: false };
        }
      }
      return { events, position, ended: records < maxCount };
    } catch (error) {
      throw toReadError(error);
    }
  }

  /** Position of the last event of ours; START when there is none. */
  async function head(): Promise<Position> {
    let from: Position | 'end' = 'end';
    for (let most = 8; ; most = Math.min(most * 4, 2_000)) {
      const { events, position, ended } = await page(from, 'backwards', most);
      const last = events[0];
      if (last) return last.position;
      if (ended) return START;
      from = position;
    }
  }

  async function* readAll({ after, direction = 'forwards', limit = Number.MAX_SAFE_INTEGER, pageSize = 1_000 }: ReadAllOptions = {}): AsyncGenerator<RecordedEvent[]> {
    const forwards = direction === 'forwards';
    const end = forwards ? await head() : START;
    let from: Position | 'end' = after ?? (forwards ? START : 'end');
    let left = limit;
    while (left > 0) {
      const { events, position, ended } = await page(from, direction, Math.min(Math.max(pageSize, fetchSize), left));
      const wanted = forwards ? events.filter((event) => event.position <= end) : events;
      for (let at = 0; at < wanted.length; at += pageSize) yield wanted.slice(at, at + pageSize);
      if (ended || wanted.length < events.length || (forwards && position >= end)) return;
      left -= wanted.length;
      from = position;
    }
  }

  return { readStream, readAll, page, head };
}

export type Reads = ReturnType<typeof createReads>;

/** A connection that breaks takes the reads on it along; the client opens another for the next. A silent one is not asked twice. */
async function onceMore<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof EventStoreError && error.code === 'unavailable' && error.cause !== undefined)) throw error;
    await sleep(Math.random() * 50);
    return read();
  }
}

/** Of an event's data, without serialising it again: enough to tell a kilobyte from a megabyte. */
function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 16;
  for (const item of Object.values(value)) size += roughSize(item);
  return size;
}
