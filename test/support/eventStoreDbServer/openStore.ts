import { createEventStoreDb } from '../../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import type { OpenStore } from '../../conformance/logUnderTest.ts';

export const openStore: OpenStore = (url) => Promise.resolve(createEventStoreDb({ url, appendTotalMs: 8_000 }));
