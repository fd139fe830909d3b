import { START } from '../../src/ports/eventStore.ts';
import { allOf, appended, expectRising, idsOf, newEvents, newStream, type Bench } from './support.ts';

export function describeReading({ log, store, open }: Bench): void {
  describe('reading a stream', () => {
    it('has no events when the stream is unknown', async () => {
      const stream = newStream();
      expect(await store().readStream(stream)).toEqual([]);
      expect(await store().readStream(stream, { direction: 'backwards' })).toEqual([]);
      expect(await store().readStream(stream, { from: 5 })).toEqual([]);
    });

    it('goes forwards and backwards, from a revision (inclusive), up to a limit', async () => {
      const stream = newStream();
      await appended(store(), stream, newEvents(6), 'noStream');
      await appended(store(), stream, newEvents(4), 5);
      const revisions = async (options?: Parameters<ReturnType<typeof store>['readStream']>[1]) =>
        (await store().readStream(stream, options)).map(({ revision }) => revision);
      expect(await revisions()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(await revisions({ from: 7 })).toEqual([7, 8, 9]);
      expect(await revisions({ from: 4, limit: 3 })).toEqual([4, 5, 6]);
      expect(await revisions({ limit: 2 })).toEqual([0, 1]);
      expect(await revisions({ from: 10 })).toEqual([]);
      expect(await revisions({ direction: 'backwards' })).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      expect(await revisions({ direction: 'backwards', limit: 2 })).toEqual([9, 8]);
      expect(await revisions({ direction: 'backwards', from: 3, limit: 2 })).toEqual([3, 2]);
      expect(await revisions({ direction: 'backwards', from: 0 })).toEqual([0]);
      expect(await revisions({ direction: 'backwards', from: 100, limit: 1 })).toEqual([9]);
      expect(await revisions({ limit: 0 })).toEqual([]);
    });

    it('sees an append as soon as it was answered, whoever reads', async () => {
      const stream = newStream();
      const other = await open();
      for (let i = 0; i < 20; i += 1) {
        await appended(store(), stream, newEvents(1), i === 0 ? 'noStream' : i - 1);
        expect(await other.readStream(stream)).toHaveLength(i + 1);
      }
    });
  });

  describe('reading the whole log', () => {
    it('goes forwards after a position, in rising order, in pages, up to a limit', async () => {
      const before = await store().head();
      const events = newEvents(25);
      const [one, two] = [newStream(), newStream()];
      await appended(store(), one, events.slice(0, 10), 'noStream');
      await appended(store(), two, events.slice(10, 20), 'noStream');
      await appended(store(), one, events.slice(20), 9);

      const all = await allOf(store().readAll({ after: before }));
      expect(idsOf(all)).toEqual(idsOf(events));
      expectRising(all);
      const pages: number[] = [];
      for await (const page of store().readAll({ after: before, pageSize: 10 })) pages.push(page.length);
      expect(pages).toEqual([10, 10, 5]);
      expect(idsOf(await allOf(store().readAll({ after: before, limit: 12, pageSize: 5 })))).toEqual(idsOf(events.slice(0, 12)));
      expect(idsOf(await allOf(store().readAll({ after: all[9]!.position })))).toEqual(idsOf(events.slice(10)));
      expect(await allOf(store().readAll({ after: all.at(-1)!.position }))).toEqual([]);
    });

    it('goes backwards from the end, or from before a position', async () => {
      const events = newEvents(12);
      await appended(store(), newStream(), events, 'noStream');
      const backwards = await allOf(store().readAll({ direction: 'backwards', limit: 12, pageSize: 5 }));
      expect(idsOf(backwards)).toEqual(idsOf(events).reverse());
      const next = await allOf(store().readAll({ direction: 'backwards', after: backwards[3]!.position, limit: 4 }));
      expect(idsOf(next)).toEqual(idsOf(backwards.slice(4, 8)));
      expect(await allOf(store().readAll({ direction: 'backwards', after: START }))).toEqual([]);
    });

    it('ends at what was the head when it began, though others go on writing', async () => {
      const before = await store().head();
      const stream = newStream();
      await appended(store(), stream, newEvents(50), 'noStream');
      let revision = 49;
      let seen = 0;
      for await (const page of store().readAll({ after: before, pageSize: 5 })) {
        seen += page.length;
        ({ revision } = await appended(store(), stream, newEvents(5), revision));
      }
      expect(seen).toBe(50);
    });

    it('may be left in the middle of a page', async () => {
      const before = await store().head();
      await appended(store(), newStream(), newEvents(30), 'noStream');
      for await (const page of store().readAll({ after: before, pageSize: 10 })) {
        expect(page).toHaveLength(10);
        break;
      }
      expect(await allOf(store().readAll({ after: before }))).toHaveLength(30);
    });

    it('shows nothing but what was appended, from START on', async () => {
      await store().logId();
      for await (const page of store().readAll()) {
        for (const { type, stream } of page) expect([type.startsWith('$'), stream.startsWith('$')]).toEqual([false, false]);
      }
    });
  });

  describe('the head and the name of the log', () => {
    it('has the position of the last event as its head', async () => {
      const outcome = await appended(store(), newStream(), newEvents(3), 'noStream');
      expect(await store().head()).toBe(outcome.position);
    });

    it('has positions of one width', async () => {
      const outcome = await appended(store(), newStream(), newEvents(1), 'noStream');
      expect(outcome.position).toHaveLength((await store().head()).length);
    });

    it('has one name, whoever asks', async () => {
      const others = await Promise.all([open(), open(), open()]);
      const names = await Promise.all([store(), ...others].map((one) => one.logId()));
      expect(new Set(names).size).toBe(1);
      expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
      const head = await store().head();
      expect(await allOf(store().readAll({ after: head }))).toEqual([]);
    });
  });

  describe('deleted streams', () => {
    const deletable = () => log().deleteStream !== undefined;

    it('have no events, and their revisions go on when they come back', async () => {
      if (!deletable()) return;
      const stream = newStream();
      await appended(store(), stream, newEvents(3), 'noStream');
      await log().deleteStream!(stream, 'soft');
      expect(await store().readStream(stream)).toEqual([]);
      expect(await store().readStream(stream, { direction: 'backwards', limit: 1 })).toEqual([]);
      const events = newEvents(2);
      const back = await appended(store(), stream, events, 'noStream');
      expect(back.revision).toBe(4);
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf(events));
      expect(await appended(store(), stream, newEvents(1), 4)).toMatchObject({ revision: 5 });
      expect(await appended(store(), stream, events, 'noStream')).toEqual(back);
      expect(await store().append(stream, newEvents(1), { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 5 });
    });

    it('take no more events once they are deleted for ever', async () => {
      if (!deletable()) return;
      const stream = newStream();
      await appended(store(), stream, newEvents(3), 'noStream');
      await log().deleteStream!(stream, 'tombstone');
      expect(await store().readStream(stream)).toEqual([]);
      await expect(store().append(stream, newEvents(1), { expectedRevision: 2 })).rejects.toMatchObject({ code: 'streamDeleted' });
      await expect(store().append(stream, newEvents(1), { expectedRevision: 'noStream' })).rejects.toMatchObject({ code: 'streamDeleted' });
    });

    it('leave nothing of their deletion in the log that readers see', async () => {
      if (!deletable()) return;
      const head = await store().head();
      const stream = newStream();
      const events = newEvents(2);
      await appended(store(), stream, events, 'noStream');
      await log().deleteStream!(stream, 'soft');
      const all = await allOf(store().readAll({ after: head }));
      expect(idsOf(all)).toEqual(idsOf(events));
      expect(await store().head()).toBe(all.at(-1)!.position);
    });
  });
}
