import { setImmediate as soon } from 'node:timers/promises';
import { START } from '../../src/ports/eventStore.ts';
import { eventually } from '../support/eventually.ts';
import { appended, expectRising, follow, idsOf, newEvent, newEvents, newStream, type Bench } from './support.ts';

export function describeSubscribing({ store, open }: Bench): void {
  describe('subscribing', () => {
    it('says at once that it caught up when there is nothing newer', async () => {
      const head = await store().head();
      const subscriber = follow(store(), { after: head });
      await subscriber.caughtUp();
      expect(subscriber.batches[0]).toEqual({ events: [], position: head, caughtUp: true });
      await subscriber.stop();
    });

    it('catches up in batches, then goes on live, with the position of the last event of each batch', async () => {
      const after = await store().head();
      const stream = newStream();
      const old = newEvents(25);
      await appended(store(), stream, old, 'noStream');
      const subscriber = follow(store(), { after, maxBatch: 10 });
      await subscriber.caughtUp();
      expect(idsOf(subscriber.events)).toEqual(idsOf(old));
      const fresh = newEvents(5);
      await appended(store(), stream, fresh, 24);
      await subscriber.sees(idsOf(fresh));
      await eventually(() => subscriber.batches.at(-1)?.caughtUp);
      await subscriber.stop();
      expect(idsOf(subscriber.events)).toEqual(idsOf([...old, ...fresh]));
      for (const { events, position } of subscriber.batches) {
        expect(events.length).toBeLessThanOrEqual(10);
        if (events.length > 0) expect(position).toBe(events.at(-1)!.position);
      }
      expect(subscriber.batches.at(-1)!.position).toBe(await store().head());
    });

    it('hands over from catching up to live without losing or doubling an event, while others write', async () => {
      const after = await store().head();
      const streams = Array.from({ length: 4 }, () => newStream());
      const written: string[] = [];
      let writing = true;
      const writers = streams.map(async (stream) => {
        for (let revision = -1; writing; ) {
          const events = newEvents(3);
          ({ revision } = await appended(store(), stream, events, revision < 0 ? 'noStream' : revision));
          written.push(...idsOf(events));
        }
      });
      const other = await open();
      const subscribers: ReturnType<typeof follow>[] = [];
      try {
        await eventually(() => written.length > 100);
        subscribers.push(...[store(), other, store()].map((one, i) => follow(one, { after, maxBatch: [100, 300, 1_000][i]! })));
        await Promise.all(subscribers.map((one) => one.caughtUp()));
        const atHandOver = written.length;
        await eventually(() => written.length > atHandOver + 300);
      } finally {
        writing = false;
        await Promise.all(writers);
      }
      for (const subscriber of subscribers) {
        await subscriber.sees(written);
        await subscriber.stop();
        expect(subscriber.events).toHaveLength(written.length);
        expect(new Set(idsOf(subscriber.events)).size).toBe(written.length);
        expectRising(subscriber.events);
      }
      expect(idsOf(subscribers[1]!.events)).toEqual(idsOf(subscribers[0]!.events));
    });

    it('delivers only the types asked for, and its position goes on past the others', async () => {
      const after = await store().head();
      const stream = newStream();
      const wanted = [newEvent({ n: 1 }, 'Wanted'), newEvent({ n: 2 }, 'AlsoWanted')];
      await appended(store(), stream, [...newEvents(150), wanted[0]!, ...newEvents(150)], 'noStream');
      const subscriber = follow(store(), { after, types: ['Wanted', 'AlsoWanted'], maxBatch: 20 });
      await subscriber.caughtUp();
      expect(subscriber.batches.at(-1)!.position).toBe(await store().head());
      await appended(store(), stream, newEvents(3), 300);
      await appended(store(), stream, [wanted[1]!], 303);
      const last = await appended(store(), stream, newEvents(3), 304);
      await eventually(() => subscriber.batches.at(-1)?.position === last.position);
      await subscriber.stop();
      expect(idsOf(subscriber.events)).toEqual(idsOf(wanted));
    });

    it('never hands out a position beyond the head', async () => {
      const subscriber = follow(store(), { after: START, types: ['NeverWritten'] });
      await subscriber.caughtUp();
      await appended(store(), newStream(), newEvents(40), 'noStream');
      const head = await store().head();
      await eventually(() => subscriber.batches.at(-1)?.position === head);
      await subscriber.stop();
      for (const { position } of subscriber.batches) expect(position <= head).toBe(true);
    });

    it('goes on after any batch as if it had never stopped', async () => {
      const after = await store().head();
      const events = newEvents(40);
      await appended(store(), newStream(), events, 'noStream');
      const seen: string[] = [];
      let position = after;
      while (seen.length < events.length) {
        for await (const batch of store().subscribeAll({ after: position, maxBatch: 7, signal: new AbortController().signal })) {
          seen.push(...idsOf(batch.events));
          position = batch.position;
          break;
        }
      }
      expect(seen).toEqual(idsOf(events));
    });

    it('fetches the next batch only when the last was consumed, and a slow consumer neither loses events nor slows others', async () => {
      const after = await store().head();
      const stream = newStream();
      const abort = new AbortController();
      const slow = store().subscribeAll({ after, maxBatch: 5, signal: abort.signal })[Symbol.asyncIterator]();
      const quick = follow(await open(), { after });
      await quick.caughtUp();
      const written: string[] = [];
      const seen: string[] = [];
      let revision = -1;
      const write = async () => {
        const events = Array.from({ length: 10 }, () => newEvent({ text: 'x'.repeat(5_000) }));
        ({ revision } = await appended(store(), stream, events, revision < 0 ? 'noStream' : revision));
        written.push(...idsOf(events));
      };
      await write();
      const first = await slow.next();
      if (!first.done) seen.push(...idsOf(first.value.events));
      // Live by now or not: it is asked for nothing while this much is written.
      for (let i = 0; i < 150; i += 1) await write();
      await quick.sees(written);
      expect(quick.events).toHaveLength(written.length);
      while (seen.length < written.length) {
        const batch = await slow.next();
        if (batch.done) break;
        expect(batch.value.events.length).toBeLessThanOrEqual(5);
        seen.push(...idsOf(batch.value.events));
      }
      abort.abort();
      await slow.return?.(undefined);
      await quick.stop();
      expect(seen).toEqual(written);
    });

    it('takes no more memory the longer the log is', async () => {
      const after = await store().head();
      const stream = newStream();
      const text = 'x'.repeat(100_000);
      let revision = -1;
      for (let i = 0; i < 60; i += 1) {
        const events = Array.from({ length: 10 }, () => newEvent({ text }));
        ({ revision } = await appended(store(), stream, events, revision < 0 ? 'noStream' : revision));
      }
      const before = process.memoryUsage();
      let most = 0;
      let seen = 0;
      const abort = new AbortController();
      for await (const { events, caughtUp } of store().subscribeAll({ after, signal: abort.signal, maxBatch: 20 })) {
        seen += events.length;
        await soon();
        const now = process.memoryUsage();
        most = Math.max(most, now.heapUsed + now.external - before.heapUsed - before.external);
        if (caughtUp) abort.abort();
      }
      expect(seen).toBe(600);
      // 60 MB passed through; garbage included, much less of it was ever held.
      expect(most).toBeLessThan(300 * 1024 * 1024);
    });

    it('ends when the signal aborts, without an error, live or before it began', async () => {
      const live = follow(store(), { after: await store().head() });
      await live.caughtUp();
      await live.stop();
      const never = new AbortController();
      never.abort();
      for await (const batch of store().subscribeAll({ after: START, signal: never.signal })) throw new Error(`handed over ${batch.events.length}`);
    });

    it('ends when its store is closed', async () => {
      const own = await open();
      const subscriber = follow(own, { after: await own.head() });
      await subscriber.caughtUp();
      await own.close();
      await subscriber.stop();
    });
  });
}
