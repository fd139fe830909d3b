import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import type { EventStore } from '../../../../src/ports/eventStore.ts';

export const openStore = (url: string): Promise<EventStore> => Promise.resolve(createPostgresEventStore({ url }));
