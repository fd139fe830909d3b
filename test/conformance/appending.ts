import { START } from '../../src/ports/eventStore.ts';
import { appended, idsOf, newEvent, newEvents, newStream, type Bench } from './support.ts';

export function describeAppending({ store, open }: Bench): void {
  describe('appending', () => {
    it('takes a new stream at noStream and answers with revision and position of the last event', async () => {
      const stream = newStream();
      const events = newEvents(3);
      const outcome = await appended(store(), stream, events, 'noStream');
      expect(outcome.revision).toBe(2);
      const read = await store().readStream(stream);
      expect(read.at(-1)!.position).toBe(outcome.position);
      expect(outcome.position > START).toBe(true);
    });

    it('gives back every field of what was appended', async () => {
      const stream = newStream();
      const event = newEvent({ text: 'Zoë, 日本, "quoted"\n', deep: { list: [1, -2.5, true, null, {}], empty: [] } });
      const { position } = await appended(store(), stream, [event], 'noStream');
      expect(await store().readStream(stream)).toEqual([{ ...event, stream, revision: 0, position }]);
    });

    it('stores the text that the codec made as it is, and does not look at the value again', async () => {
      const stream = newStream();
      const event = newEvent('not this');
      const { position } = await appended(store(), stream, [{ ...event, dataJson: '{"text":"Zoë, 日本, \\"quoted\\"\\n","deep":[1,-2.5,{}]}' }], 'noStream');
      expect(await store().readStream(stream)).toEqual([{ ...event, data: { text: 'Zoë, 日本, "quoted"\n', deep: [1, -2.5, {}] }, stream, revision: 0, position }]);
    });

    it('goes on at the exact revision', async () => {
      const stream = newStream();
      await appended(store(), stream, newEvents(2), 'noStream');
      const outcome = await appended(store(), stream, newEvents(3), 1);
      expect(outcome.revision).toBe(4);
      expect((await store().readStream(stream)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
    });

    it('tells the loser the revision that the stream has, and writes nothing', async () => {
      const stream = newStream();
      const fresh = newStream();
      const winner = newEvents(2);
      await appended(store(), stream, winner, 'noStream');
      expect(await store().append(stream, [newEvent()], { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 1 });
      expect(await store().append(stream, [newEvent()], { expectedRevision: 0 })).toEqual({ outcome: 'conflict', actualRevision: 1 });
      expect(await store().append(stream, [newEvent()], { expectedRevision: 7 })).toEqual({ outcome: 'conflict', actualRevision: 1 });
      expect(await store().append(fresh, [newEvent()], { expectedRevision: 0 })).toEqual({ outcome: 'conflict', actualRevision: 'noStream' });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf(winner));
      expect(await store().readStream(fresh)).toEqual([]);
    });

    it('lets one of many win a race for a revision', async () => {
      const stream = newStream();
      const others = await Promise.all([open(), open()]);
      const outcomes = await Promise.all([store(), ...others].flatMap((one) => Array.from({ length: 8 }, () => one.append(stream, [newEvent()], { expectedRevision: 'noStream' }))));
      expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
      expect(await store().readStream(stream)).toHaveLength(1);
    });

    it('takes two appends to one stream that arrive together, the second at the revision that the first leaves', async () => {
      const stream = newStream();
      const [a, b] = await Promise.all([
        store().append(stream, newEvents(2), { expectedRevision: 'noStream' }),
        store().append(stream, newEvents(2), { expectedRevision: 1 }),
      ]);
      expect(a).toMatchObject({ outcome: 'appended', revision: 1 });
      expect(b).toMatchObject({ outcome: 'appended', revision: 3 });
    });

    it('gives one of two equal claims that arrive together a conflict', async () => {
      const stream = newStream();
      const outcomes = await Promise.all([1, 2, 3].map(() => store().append(stream, [newEvent()], { expectedRevision: 'noStream' })));
      expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['appended', 'conflict', 'conflict']);
    });

    it('does not let a loser disturb its neighbours', async () => {
      const taken = newStream();
      await appended(store(), taken, [newEvent()], 'noStream');
      const streams = Array.from({ length: 20 }, () => newStream());
      const outcomes = await Promise.allSettled(streams.flatMap((stream, i) => [
        store().append(stream, newEvents(2), { expectedRevision: 'noStream' }),
        store().append(taken, [newEvent()], { expectedRevision: 'noStream' }),
        store().append(stream, [newEvent(i % 2 ? 10n : () => 1)], { expectedRevision: 1 }),
      ]));
      expect(outcomes.filter((one) => one.status === 'rejected')).toHaveLength(20);
      expect(outcomes.filter((one) => one.status === 'fulfilled' && one.value.outcome === 'conflict')).toHaveLength(20);
      for (const stream of streams) expect(await store().readStream(stream)).toHaveLength(2);
      expect(await store().readStream(taken)).toHaveLength(1);
    });

    it.each([
      ['a bigint', { amount: 1n }],
      ['undefined', undefined],
      ['a function', () => 1],
      ['a function inside', { call: () => 1 }],
      ['a symbol', Symbol('x')],
      ['a ring', (() => { const ring: { self?: unknown } = {}; ring.self = ring; return ring; })()],
      ['NaN', { n: Number.NaN }],
    ])('refuses %s, which JSON cannot carry, before anything is sent', async (_what, data) => {
      const stream = newStream();
      await expect(store().append(stream, [newEvent(), { ...newEvent(), data }], { expectedRevision: 'noStream' })).rejects.toMatchObject({ name: 'EventStoreError', code: 'invalid' });
      expect(await store().readStream(stream)).toEqual([]);
    });

    it('refuses no events, and more than 1,000', async () => {
      await expect(store().append(newStream(), [], { expectedRevision: 'noStream' })).rejects.toMatchObject({ code: 'invalid' });
      await expect(store().append(newStream(), newEvents(1_001), { expectedRevision: 'noStream' })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('takes 1,000 events in one append', async () => {
      const stream = newStream();
      const events = newEvents(1_000);
      expect(await appended(store(), stream, events, 'noStream')).toMatchObject({ revision: 999 });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf(events));
    });

    it('takes an event of 1 MB, and refuses an append over 1 MiB as tooLarge', async () => {
      const stream = newStream();
      const large = newEvent({ text: 'x'.repeat(1_000_000) });
      await appended(store(), stream, [large], 'noStream');
      expect((await store().readStream(stream))[0]!.data).toEqual(large.data);
      await expect(store().append(stream, [newEvent({ text: 'x'.repeat(1_100_000) })], { expectedRevision: 0 })).rejects.toMatchObject({ code: 'tooLarge' });
      const halves = [newEvent({ text: 'é'.repeat(270_000) }), newEvent({ text: 'é'.repeat(270_000) })];
      await expect(store().append(stream, halves, { expectedRevision: 0 })).rejects.toMatchObject({ code: 'tooLarge' });
      expect(await appended(store(), stream, [newEvent()], 0)).toMatchObject({ revision: 1 });
    });
  });

  describe('the same append again', () => {
    it.each(['noStream', 'exact'] as const)('answers as the first time and writes nothing (%s)', async (kind) => {
      const stream = newStream();
      if (kind === 'exact') await appended(store(), stream, newEvents(3), 'noStream');
      const expected = kind === 'exact' ? 2 : 'noStream';
      const events = newEvents(3);
      const first = await appended(store(), stream, events, expected);
      expect(await appended(store(), stream, events, expected)).toEqual(first);
      await appended(store(), stream, newEvents(2), first.revision);
      expect(await appended(store(), stream, events, expected)).toEqual(first);
      expect(await store().readStream(stream)).toHaveLength(first.revision + 3);
    });

    it('answers another store, and at the same moment, alike', async () => {
      const stream = newStream();
      const other = await open();
      const events = newEvents(2);
      const outcomes = await Promise.all([store(), other, store(), other].map((one) => appended(one, stream, events, 'noStream')));
      expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
      expect(await store().readStream(stream)).toHaveLength(2);
    });

    it('is not what merely shares ids with it: another order, or an old id and a new one, conflict; a leading part writes nothing', async () => {
      const stream = newStream();
      const [a, b, c] = newEvents(3) as [ReturnType<typeof newEvent>, ReturnType<typeof newEvent>, ReturnType<typeof newEvent>];
      await appended(store(), stream, [a, b, c], 'noStream');
      expect(await store().append(stream, [b, a, c], { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 2 });
      expect(await store().append(stream, [a, b, c, newEvent()], { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 2 });
      expect(await store().append(stream, [a, newEvent()], { expectedRevision: 'noStream' })).toEqual({ outcome: 'conflict', actualRevision: 2 });
      await store().append(stream, [a, b], { expectedRevision: 'noStream' });
      expect(idsOf(await store().readStream(stream))).toEqual(idsOf([a, b, c]));
    });
  });
}
