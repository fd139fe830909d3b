import { setImmediate as soon } from 'node:timers/promises';
import { excludeSystemEvents, type AllStreamResolvedEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { type Position, type RecordedEvent, type Subscription, type SubscriptionBatch } from '../../../ports/eventStore.ts';
import { leave, type ClientStream } from './chunks.ts';
import { decodePosition, encodePosition } from './positions.ts';
import { fetchSize, type Reads } from './reads.ts';
import { isSystemEvent, toRecordedEvent } from './recordedEvents.ts';
import { sleep } from './sleep.ts';

export type SubscriptionTimes = {
  /** A live subscription that is silent for so long is compared with the head of the log. Milliseconds. */
  stallMs: number;
  /** A consumer that is busy for so long while events wait leaves the live subscription, and pages through what it missed. */
  slowMs: number;
  /** Longest pause between attempts to come back. */
  maxBackOffMs: number;
};

type Deps = { client: EventStoreDBClient; reads: Reads; times: SubscriptionTimes };

/**
 * Modes: catching up (pages of `$all` from the last position, until one comes to the end) → live (the client's subscription,
 * from there on) → catching up again, when it is dropped, ends, stalls, or the consumer is too slow for it; after an error
 * with a pause first. In every mode the position is that of the last event handed over, so nothing is lost or doubled. The
 * server drops a slow consumer by itself, but holds up its other subscribers for seconds before it does: so we go first.
 *
 * Types are filtered here, not by the server: then the position handed over is always that of an event, never beyond
 * `head()`, and does not depend on when the server sees fit to report a checkpoint.
 */
export async function* supervise(deps: Deps, { after, types, signal, maxBatch = 1_000 }: Subscription): AsyncGenerator<SubscriptionBatch> {
  const wanted = types && new Set(types);
  const cursor: Cursor = { position: after, resume: after };
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const batch of modes(deps, cursor, maxBatch, signal)) {
        failures = 0;
        if (signal.aborted) return;
        const events = wanted ? batch.events.filter(({ type }) => wanted.has(type)) : batch.events;
        yield { events, position: cursor.position, caughtUp: batch.caughtUp };
      }
    } catch {
      // Whatever it was, the log is away: that it is shows in the lag, and is nothing a consumer could act on.
    }
    if (signal.aborted) return;
    // Full jitter: 100, 200, 400 … ms at most.
    await sleep(Math.random() * Math.min(deps.times.maxBackOffMs, 100 * 2 ** Math.min(failures, 16)), signal);
    failures += 1;
  }
}

/** `position`: of the last event handed over. `resume`: from where to read on; may be further, past system events. */
type Cursor = { position: Position; resume: Position };
type Batch = { events: RecordedEvent[]; caughtUp: boolean };

async function* modes(deps: Deps, cursor: Cursor, maxBatch: number, signal: AbortSignal): AsyncGenerator<Batch> {
  for (;;) {
    yield* catchUp(deps, cursor, maxBatch, signal);
    if (signal.aborted) return;
    yield* live(deps, cursor, maxBatch, signal);
    if (signal.aborted) return;
  }
}

async function* catchUp({ reads }: Deps, cursor: Cursor, maxBatch: number, signal: AbortSignal): AsyncGenerator<Batch> {
  for (;;) {
    const page = await reads.page(cursor.resume, 'forwards', Math.max(maxBatch, fetchSize));
    const events = page.events.filter(({ position }) => position > cursor.position);
    for (let at = 0; at < events.length && !signal.aborted; at += maxBatch) {
      const batch = events.slice(at, at + maxBatch);
      const isLast = at + maxBatch >= events.length;
      cursor.position = batch.at(-1)?.position ?? cursor.position;
      cursor.resume = isLast ? page.position : cursor.position;
      yield { events: batch, caughtUp: isLast && page.ended };
    }
    if (signal.aborted) return;
    if (events.length === 0) {
      cursor.resume = page.position;
      if (page.ended) yield { events, caughtUp: true };
    }
    if (page.ended || signal.aborted) return;
  }
}

async function* live({ client, reads, times }: Deps, cursor: Cursor, maxBatch: number, signal: AbortSignal): AsyncGenerator<Batch> {
  let failure: Error | undefined;
  let ended = false;
  let caughtUp = false;
  let wake = () => {};
  const from = decodePosition(cursor.resume);
  const stream = client.subscribeToAll({
    fromPosition: from ?? 'start',
    // Every 32 windows of 32 records: past statistics and links, too, the next resumption need not read far.
    filter: excludeSystemEvents({
      checkpointInterval: 32,
      checkpointReached: (_subscription, checkpoint) => {
        // `stream.readableLength` events before it still wait to be handed over: only when there are none does it count.
        if (stream.readableLength > 0) return;
        const reached = encodePosition(checkpoint);
        if (reached > cursor.resume) cursor.resume = reached;
      },
    }),
  }, { highWaterMark: Math.min(maxBatch, 256) }) as unknown as ClientStream<AllStreamResolvedEvent>;
  stream.on('caughtUp', () => (caughtUp = true));
  stream.on('fellBehind', () => (caughtUp = false));
  stream.on('readable', () => wake());
  const stop = (error?: Error) => {
    failure ??= error;
    ended = true;
    wake();
  };
  const aborted = () => stop();
  stream.on('end', () => stop());
  stream.on('error', stop);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    while (!signal.aborted) {
      const events: RecordedEvent[] = [];
      while (events.length < maxBatch) {
        const item = stream.read() as AllStreamResolvedEvent | null;
        if (item === null) break;
        const record = item.link ?? item.event;
        if (!record || isSystemEvent(record)) continue;
        const event = toRecordedEvent(record);
        if (event.position > cursor.position) events.push(event);
      }
      const last = events.at(-1);
      if (last) {
        cursor.position = last.position;
        if (last.position > cursor.resume) cursor.resume = last.position;
        const slow = setTimeout(() => {
          if (stream.readableLength >= stream.readableHighWaterMark) {
            ended = true;
            leave(stream);
          }
        }, times.slowMs);
        try {
          yield { events, caughtUp: caughtUp && stream.readableLength === 0 };
        } finally {
          clearTimeout(slow);
        }
        if (ended) break;
        continue;
      }
      if (ended) break;
      const isSilent = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), times.stallMs);
        wake = () => {
          clearTimeout(timer);
          resolve(false);
        };
      });
      // What arrived with it comes in one batch: to a projection, a batch is a transaction.
      await soon();
      if (isSilent && (await reads.head()) > cursor.position && stream.readableLength === 0) {
        // An event may have come while the head was being looked up: it has a moment to arrive.
        await sleep(1_000, signal);
        if (stream.readableLength === 0) break;
      }
    }
    if (failure && !signal.aborted) throw failure;
  } finally {
    signal.removeEventListener('abort', aborted);
    leave(stream);
  }
}

