import { randomUUID } from 'node:crypto';
import { EventStoreError, type AppendOutcome, type EventStore, type EventToAppend, type ExpectedRevision, type RecordedEvent, type Subscription, type SubscriptionBatch } from '../../src/ports/eventStore.ts';
import { eventually } from '../support/eventually.ts';
import type { LogUnderTest, OpenStore } from './logUnderTest.ts';

/** What every group of the suite works with. */
export type Bench = {
  log(): LogUnderTest;
  /** Shared by the tests of the suite. */
  store(): EventStore;
  /** Another one, closed after the suite. */
  open(url?: string): Promise<EventStore>;
};

export const openFrom = async (storeModule: string, url: string): Promise<EventStore> =>
  ((await import(storeModule)) as { openStore: OpenStore }).openStore(url);

/** A stream that no other test, and no earlier run on the same server, has used. */
export const newStream = (about = 'stream'): string => `${about}-${randomUUID()}`;

export const newEvent = (data: unknown = { n: 1 }, type = 'NoteTaken'): EventToAppend => ({
  id: randomUUID(), type, schemaVersion: 2, data,
  metadata: { commandId: randomUUID(), correlationId: 'correlation-1', causationId: 'causation-1', actor: { id: 'person-1', role: 'manager' }, occurredAt: '2026-11-20T10:00:00.000Z' },
});
export const newEvents = (count: number, type?: string) => Array.from({ length: count }, (_, n) => newEvent({ n }, type));

type Appended = Extract<AppendOutcome, { outcome: 'appended' }>;
/** @throws unless it was appended */
export async function appended(store: EventStore, stream: string, events: readonly EventToAppend[], expectedRevision: ExpectedRevision): Promise<Appended> {
  const outcome = await store.append(stream, events, { expectedRevision });
  if (outcome.outcome !== 'appended') throw new Error(`${stream} at ${expectedRevision}: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** As the port asks of callers: an append of unknown outcome is repeated as it was. */
export async function appendUntilKnown(store: EventStore, stream: string, events: readonly EventToAppend[], expectedRevision: ExpectedRevision): Promise<AppendOutcome> {
  return eventually(async () => {
    try {
      return await store.append(stream, events, { expectedRevision });
    } catch (error) {
      if (error instanceof EventStoreError && (error.code === 'unknownOutcome' || error.code === 'unavailable')) return undefined;
      throw error;
    }
  }, { timeoutMs: 60_000 });
}

export const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);

export async function allOf(pages: AsyncIterable<RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) events.push(...page);
  return events;
}

/** A subscription that is followed in the background until it is stopped. */
export function follow(store: EventStore, options: Omit<Subscription, 'signal'>) {
  const abort = new AbortController();
  const events: RecordedEvent[] = [];
  const batches: SubscriptionBatch[] = [];
  const done = (async () => {
    for await (const batch of store.subscribeAll({ ...options, signal: abort.signal })) {
      batches.push(batch);
      events.push(...batch.events);
    }
  })();
  done.catch(() => undefined);
  return {
    events,
    batches,
    caughtUp: () => eventually(() => batches.some(({ caughtUp }) => caughtUp), { timeoutMs: 20_000 }),
    sees: (ids: readonly string[]) => eventually(() => {
      const seen = new Set(idsOf(events));
      return ids.every((id) => seen.has(id));
    }, { timeoutMs: 30_000 }),
    async stop() {
      abort.abort();
      await done;
    },
  };
}

/** Each position above the one before it. */
export function expectRising(events: readonly { position: string }[]): void {
  for (let i = 1; i < events.length; i += 1) {
    if (events[i]!.position <= events[i - 1]!.position) throw new Error(`position ${i} is not above the one before it: ${events[i - 1]!.position}, ${events[i]!.position}`);
  }
}
