import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { createEventStoreDb } from '../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import { toStoredMetadata } from '../../src/adapters/eventStore/eventStoreDb/recordedEvents.ts';
import type { Contestant } from '../load.ts';
import { benchEvent } from './event.ts';

/** Our adapter. */
export function lecternOnEventStoreDb(url: string): Contestant {
  const store = createEventStoreDb({ url });
  return {
    name: 'Lectern',
    async append(stream, nth) {
      const result = await store.append(stream, [benchEvent()], { expectedRevision: nth === 0 ? 'noStream' : nth - 1 });
      if (result.outcome !== 'appended') throw new Error(`${stream} ${nth}: ${JSON.stringify(result)}`);
    },
    close: () => store.close(),
  };
}

/** The client as it is, the same event with the same metadata, at the same expected revision. */
export function bareEventStoreDbClient(url: string): Contestant {
  const client = EventStoreDBClient.connectionString(url);
  return {
    name: 'bare client',
    async append(stream, nth) {
      const event = benchEvent();
      const { id, type, data } = event;
      await client.appendToStream(stream, jsonEvent({ id, type, data: data as Record<string, unknown>, metadata: toStoredMetadata(event) }), {
        expectedRevision: nth === 0 ? NO_STREAM : BigInt(nth - 1),
      });
    },
    close: () => client.dispose(),
  };
}
