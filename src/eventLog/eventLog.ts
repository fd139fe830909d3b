import type { AppendOutcome, EventStore, EventToAppend, ExpectedRevision, Position, ReadAllOptions, ReadStreamOptions, Subscription } from '../ports/eventStore.ts';
import type { Codec } from './codec.ts';
import type { Decoded } from './recorded.ts';

/** The event store as the rest of the house sees it: the same reads, decoded. */
export type EventLog = {
  codec: Codec;
  append(stream: string, events: readonly EventToAppend[], options: { expectedRevision: ExpectedRevision }): Promise<AppendOutcome>;
  readStream(stream: string, options?: ReadStreamOptions): Promise<Decoded[]>;
  readAll(options?: ReadAllOptions): AsyncIterable<Decoded[]>;
  subscribeAll(subscription: Subscription): AsyncIterable<{ events: Decoded[]; position: Position; caughtUp: boolean }>;
  head(): Promise<Position>;
  logId(): Promise<string>;
};

export function createEventLog(store: EventStore, codec: Codec): EventLog {
  return {
    codec,
    append: (stream, events, options) => store.append(stream, events, options),
    readStream: async (stream, options) => codec.decode(await store.readStream(stream, options)),
    async *readAll(options) {
      for await (const page of store.readAll(options)) yield await codec.decode(page);
    },
    async *subscribeAll(subscription) {
      for await (const { events, position, caughtUp } of store.subscribeAll(subscription)) {
        yield { events: await codec.decode(events), position, caughtUp };
      }
    },
    head: () => store.head(),
    logId: () => store.logId(),
  };
}
