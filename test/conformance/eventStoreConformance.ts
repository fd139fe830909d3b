import type { EventStore } from '../../src/ports/eventStore.ts';
import { describeAppending } from './appending.ts';
import { describeConcurrency } from './concurrency.ts';
import { describeFailures } from './failures.ts';
import type { LogUnderTest } from './logUnderTest.ts';
import { describeReading } from './reading.ts';
import { describeSubscribing } from './subscribing.ts';
import { openFrom, type Bench } from './support.ts';

/**
 * Holds a store to every sentence of src/ports/eventStore.ts. One log serves the whole suite, and it may be one that was used
 * before: every test has streams of its own.
 */
export function describeEventStore(name: string, factory: () => Promise<LogUnderTest>): void {
  describe(name, () => {
    let log: LogUnderTest;
    let store: EventStore;
    const opened: EventStore[] = [];
    const open = async (url = log.url) => {
      const one = await openFrom(log.storeModule, url);
      opened.push(one);
      return one;
    };
    beforeAll(async () => {
      log = await factory();
      store = await open();
    }, 60_000);
    afterAll(async () => {
      await Promise.all(opened.map((one) => one.close()));
      await log.close();
    }, 60_000);

    const bench: Bench = { log: () => log, store: () => store, open };
    describeAppending(bench);
    describeReading(bench);
    describeSubscribing(bench);
    describeConcurrency(bench);
    describeFailures(bench);
  });
}
