import { eventually } from '../support/eventually.ts';
import { startCuttingProxy } from '../support/cuttingProxy.ts';
import { allOf, appendUntilKnown, appended, expectRising, follow, idsOf, newEvent, newEvents, newStream, type Bench } from './support.ts';

/**
 * A test that restarts the server would disturb others on the same one, so the tests of a suite run one after the other, as
 * jest does within a file.
 */
export function describeFailures({ log, store, open }: Bench): void {
  describe('an append whose answer was lost', () => {
    /** Appends through a proxy that swallows the answer, waits until the append is in the log, then breaks the connection. */
    async function loseAnswer(stream: string, expected: number | 'noStream', meanwhile: (revision: number) => Promise<unknown>) {
      const proxy = await startCuttingProxy(log().url);
      try {
        const behind = await open(proxy.url);
        await appended(behind, newStream(), newEvents(1), 'noStream'); // connected, and for writing too
        const events = newEvents(3);
        proxy.mute();
        const answer = appendUntilKnown(behind, stream, events, expected);
        const written = await eventually(async () => (await store().readStream(stream)).filter(({ id }) => id === events[2]!.id)[0]);
        await meanwhile(written.revision);
        proxy.cut();
        return { events, written, answer: await answer };
      } finally {
        await proxy.close();
      }
    }

    it('is in the log once when it is repeated before others wrote, and answers as it would have', async () => {
      const stream = newStream();
      const { events, written, answer } = await loseAnswer(stream, 'noStream', async () => undefined);
      expect(answer).toEqual({ outcome: 'appended', revision: written.revision, position: written.position });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf(events));
    }, 60_000);

    it('is in the log once when it is repeated after others wrote', async () => {
      const stream = newStream();
      const [before, after] = [newEvents(2), newEvents(2)];
      await appended(store(), stream, before, 'noStream');
      const { events, written, answer } = await loseAnswer(stream, 1, (revision) => appended(store(), stream, after, revision));
      expect(answer).toEqual({ outcome: 'appended', revision: written.revision, position: written.position });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf([...before, ...events, ...after]));
    }, 60_000);

    it('that others overtook before it was written is a conflict', async () => {
      const stream = newStream();
      const proxy = await startCuttingProxy(log().url);
      const behind = await open(proxy.url);
      await behind.readStream(stream);
      proxy.freeze();
      const answer = appendUntilKnown(behind, stream, newEvents(1), 'noStream');
      const winner = newEvents(2);
      await appended(store(), stream, winner, 'noStream');
      proxy.cut();
      proxy.thaw();
      expect(await answer).toEqual({ outcome: 'conflict', actualRevision: 1 });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf(winner));
      await proxy.close();
    }, 60_000);

    it('does not hang and does not pass for written when the server is silent', async () => {
      const proxy = await startCuttingProxy(log().url);
      const behind = await open(proxy.url);
      const stream = newStream();
      await behind.readStream(stream);
      proxy.freeze();
      await expect(behind.append(stream, newEvents(1), { expectedRevision: 'noStream' })).rejects.toMatchObject({ name: 'EventStoreError', code: expect.stringMatching(/^(unknownOutcome|unavailable)$/) as string });
      proxy.cut();
      proxy.thaw();
      await proxy.close();
    }, 60_000);
  });

  describe('connections that break', () => {
    it('do not end, double or reorder a subscription', async () => {
      const proxy = await startCuttingProxy(log().url);
      const behind = await open(proxy.url);
      const after = await store().head();
      const subscriber = follow(behind, { after, maxBatch: 10 });
      await subscriber.caughtUp();
      const stream = newStream();
      const written: string[] = [];
      let revision = -1;
      for (let i = 0; i < 60; i += 1) {
        const events = newEvents(2);
        ({ revision } = await appended(store(), stream, events, revision < 0 ? 'noStream' : revision));
        written.push(...idsOf(events));
        if (i % 20 === 10) proxy.cut();
      }
      await subscriber.sees(written);
      await subscriber.stop();
      await proxy.close();
      expect(idsOf(subscriber.events)).toEqual(written);
    }, 60_000);
  });

  describe('a server that is killed and comes back', () => {
    const killable = () => log().restart !== undefined;

    it('keeps whatever was acknowledged, doubles nothing, and the store goes on by itself', async () => {
      if (!killable()) return;
      const own = await open();
      const name = await own.logId();
      const after = await own.head();
      const subscriber = follow(own, { after, maxBatch: 50 });
      await subscriber.caughtUp();
      const acknowledged: string[] = [];
      let writing = true;
      const writers = Array.from({ length: 8 }, async () => {
        const stream = newStream();
        for (let revision = -1; writing; ) {
          const events = newEvents(2);
          const outcome = await appendUntilKnown(own, stream, events, revision < 0 ? 'noStream' : revision);
          if (outcome.outcome !== 'appended') throw new Error(`the only writer of ${stream} was told ${JSON.stringify(outcome)}`);
          revision = outcome.revision;
          acknowledged.push(...idsOf(events));
        }
      });
      try {
        for (let kill = 0; kill < 3; kill += 1) {
          const before = acknowledged.length;
          await eventually(() => acknowledged.length > before + 100, { timeoutMs: 60_000 });
          if (kill < 2) await log().restart!();
        }
      } finally {
        writing = false;
        await Promise.all(writers);
      }
      await subscriber.sees(acknowledged);
      await subscriber.stop();

      const all = await allOf(own.readAll({ after }));
      expectRising(all);
      expect(idsOf(all).sort()).toEqual([...acknowledged].sort());
      expect(idsOf(subscriber.events)).toEqual(idsOf(all));
      expect(await own.logId()).toBe(name);
      expect(await (await open()).logId()).toBe(name);
    }, 300_000);

    it('recognises after it an append from before it', async () => {
      if (!killable()) return;
      const stream = newStream();
      const events = newEvents(2);
      const first = await appended(store(), stream, events, 'noStream');
      await log().restart!();
      expect(await appendUntilKnown(store(), stream, events, 'noStream')).toEqual(first);
      expect(await appendUntilKnown(store(), stream, [newEvent()], 1)).toMatchObject({ outcome: 'appended', revision: 2 });
      expect(await appendUntilKnown(store(), stream, events, 'noStream')).toEqual(first);
    }, 180_000);
  });
}
