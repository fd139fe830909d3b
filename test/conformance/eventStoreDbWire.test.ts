import { randomUUID } from 'node:crypto';
import {
  ANY, BACKWARDS, END, EventStoreDBClient, FORWARDS, NO_STREAM, START, STREAM_EXISTS, eventTypeFilter, excludeSystemEvents, jsonEvent,
  type AllStreamSubscription, type Position,
} from '@eventstore/db-client';
import { eventually } from '../support/eventually.ts';
import { startEventStoreDbServer, type EventStoreDbServer } from '../support/eventStoreDbServer/server.ts';

/**
 * What the client itself sees of the server, adapter left out: each of these was first seen on a real 23.10.6, and holds there
 * (EVENTSTORE_URL) as it does in the server that the tests otherwise use. A difference here makes every other test worth less.
 */
describe(process.env.EVENTSTORE_URL ? 'the server at EVENTSTORE_URL' : 'the server in this process', () => {
  let server: EventStoreDbServer | undefined;
  let client: EventStoreDBClient;
  beforeAll(async () => {
    server = process.env.EVENTSTORE_URL ? undefined : await startEventStoreDbServer();
    client = EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL ?? server?.url ?? '');
  });
  afterAll(async () => {
    await client.dispose();
    await server?.close();
  });

  const newStream = () => `wire-${randomUUID()}`;
  const event = (id: string = randomUUID(), type = 'Happened') => jsonEvent({ id, type, data: { n: 1 } });
  const append = (stream: string, ids: readonly string[], expectedRevision: bigint | typeof ANY | typeof NO_STREAM | typeof STREAM_EXISTS) =>
    client.appendToStream(stream, ids.map((id) => event(id)), { expectedRevision });
  const idsIn = async (stream: string) => {
    const ids: string[] = [];
    for await (const { event } of client.readStream(stream)) if (event) ids.push(event.id);
    return ids;
  };
  const conflict = (actualVersion: bigint | 'no_stream') => ({ type: 'wrong-expected-version', actualVersion, message: '' });

  describe('recognises an append by stream, expected revision and ids in order', () => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
    const stream = newStream();
    let position: Position | undefined;

    it('the same one, and a leading part of it', async () => {
      position = (await append(stream, [a, b, c], NO_STREAM)).position;
      expect(await append(stream, [a, b, c], NO_STREAM)).toMatchObject({ success: true, nextExpectedRevision: 2n, position });
      expect(await append(stream, [a, b], NO_STREAM)).toMatchObject({ success: true, nextExpectedRevision: 1n });
      expect(await idsIn(stream)).toEqual([a, b, c]);
    });

    it('but not another order, an old id with a new one, or the middle of it', async () => {
      await expect(append(stream, [b, a, c], NO_STREAM)).rejects.toMatchObject(conflict(2n));
      await expect(append(stream, [a, b, c, randomUUID()], NO_STREAM)).rejects.toMatchObject(conflict(2n));
      await expect(append(stream, [b, c], NO_STREAM)).rejects.toMatchObject(conflict(2n));
    });

    it('and writes an id again when the expected revision is the current one, or the stream another', async () => {
      expect(await append(stream, [a], 2n)).toMatchObject({ nextExpectedRevision: 3n });
      expect(await idsIn(stream)).toEqual([a, b, c, a]);
      const other = newStream();
      await append(other, [a, a], NO_STREAM);
      expect(await idsIn(other)).toEqual([a, a]);
    });

    it('and says what the revision is when it is not the expected one', async () => {
      const fresh = newStream();
      await expect(append(fresh, [a], 3n)).rejects.toMatchObject(conflict('no_stream'));
      await expect(append(fresh, [a], STREAM_EXISTS)).rejects.toMatchObject(conflict('no_stream'));
      await expect(append(stream, [randomUUID()], 1n)).rejects.toMatchObject(conflict(3n));
      await expect(append(stream, [randomUUID()], 40n)).rejects.toMatchObject(conflict(3n));
    });

    it('says so on the single append, too, which is used with credentials', async () => {
      const single = (ids: string[], expectedRevision: bigint | typeof NO_STREAM) =>
        client.appendToStream(stream, ids.map((id) => event(id)), { expectedRevision, credentials: { username: 'admin', password: 'changeit' } });
      expect(await single([a, b, c], NO_STREAM)).toMatchObject({ nextExpectedRevision: 2n, position });
      await expect(single([randomUUID()], NO_STREAM)).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 3n });
    });
  });

  it('takes an append of nothing to a new stream, and makes no stream of it', async () => {
    const stream = newStream();
    expect(await append(stream, [], NO_STREAM)).toMatchObject({ success: true });
    await expect(idsIn(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('takes up to 1 MiB an append', async () => {
    const large = (length: number) => client.appendToStream(newStream(), jsonEvent({ type: 'Large', data: { text: 'x'.repeat(length) } }), { expectedRevision: NO_STREAM });
    await expect(large(1024 * 1024 - 500)).resolves.toMatchObject({ success: true });
    await expect(large(1024 * 1024)).rejects.toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 });
  });

  it('forgets a soft-deleted stream for readers, and goes on counting; a tombstone is for ever', async () => {
    const stream = newStream();
    const first = randomUUID();
    await append(stream, [first, randomUUID()], NO_STREAM);
    await client.deleteStream(stream);
    await expect(idsIn(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
    const again = [randomUUID(), randomUUID()];
    expect(await append(stream, again, NO_STREAM)).toMatchObject({ nextExpectedRevision: 3n });
    expect(await idsIn(stream)).toEqual(again);
    // The repeat of that is not recognised: the adapter has to look.
    await expect(append(stream, again, NO_STREAM)).rejects.toMatchObject(conflict(3n));
    await client.tombstoneStream(stream);
    await expect(idsIn(stream)).rejects.toMatchObject({ type: 'stream-deleted' });
    await expect(append(stream, again, NO_STREAM)).rejects.toMatchObject({ type: 'stream-deleted' });
    await expect(append(stream, again, ANY)).rejects.toMatchObject({ type: 'stream-deleted' });
  });

  it('gives each event a position of its own, prepare equal to commit, with gaps; the answer has the last one\'s', async () => {
    const stream = newStream();
    const { position } = await append(stream, [randomUUID(), randomUUID(), randomUUID()], NO_STREAM);
    const positions: Position[] = [];
    for await (const { event } of client.readStream(stream)) if (event?.position) positions.push(event.position);
    expect(positions).toHaveLength(3);
    for (const { commit, prepare } of positions) expect(prepare).toBe(commit);
    expect(positions[1]!.commit - positions[0]!.commit).toBeGreaterThan(1n);
    expect(positions[2]).toEqual(position);
  });

  it('reads $all inclusively forwards and exclusively backwards, system events and all, and refuses invented positions', async () => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const stream = newStream();
    await append(stream, ids, NO_STREAM);
    const last: { id: string; position: Position }[] = [];
    for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 })) if (event) last.unshift({ id: event.id, position: event.position });
    expect(last.map(({ id }) => id)).toEqual(ids);
    const read = async (direction: typeof FORWARDS | typeof BACKWARDS, fromPosition: Position, maxCount: number) => {
      const found: string[] = [];
      for await (const { event } of client.readAll({ direction, fromPosition, maxCount })) if (event) found.push(event.id);
      return found;
    };
    const { position } = last[1]!;
    expect(await read(FORWARDS, position, 10)).toEqual(ids.slice(1));
    expect(await read(FORWARDS, { ...position, prepare: 0n }, 10)).toEqual(ids.slice(1));
    expect(await read(BACKWARDS, position, 1)).toEqual(ids.slice(0, 1));
    await expect(read(FORWARDS, { commit: position.commit + 5n, prepare: position.prepare + 5n }, 1)).rejects.toMatchObject({ type: 'unknown' });
    const types: string[] = [];
    for await (const { event } of client.readAll({ fromPosition: START, maxCount: 1 })) if (event) types.push(event.type, event.streamId);
    expect(types[0]).toMatch(/^\$/);
  });

  describe('a subscription', () => {
    function watch(subscription: AllStreamSubscription) {
      const ids: string[] = [];
      let caughtUp = 0;
      let failure: unknown;
      subscription.on('data', ({ event }) => void (event && ids.push(event.id)));
      subscription.on('caughtUp', () => (caughtUp += 1));
      subscription.on('error', (error) => (failure = error));
      return { ids, caughtUp: () => caughtUp, failure: () => failure };
    }

    it('begins after its position, says that it caught up, and goes on live', async () => {
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      const { position } = await append(newStream(), ids.slice(0, 1), NO_STREAM);
      await append(newStream(), ids.slice(1, 2), NO_STREAM);
      const subscription = client.subscribeToAll({ fromPosition: position!, filter: excludeSystemEvents() });
      const seen = watch(subscription);
      await eventually(() => seen.caughtUp() === 1);
      await append(newStream(), ids.slice(2), NO_STREAM);
      await eventually(() => seen.ids.length === 2);
      expect(seen.ids).toEqual(ids.slice(1));
      await subscription.unsubscribe();
    });

    it('filters at the server, and reports checkpoints on the way, of records that were passed over', async () => {
      const { position } = await append(newStream(), [randomUUID()], NO_STREAM);
      await client.appendToStream(newStream(), Array.from({ length: 400 }, () => event()), { expectedRevision: NO_STREAM });
      const wanted = event(undefined, `Wanted${randomUUID()}`);
      await client.appendToStream(newStream(), wanted, { expectedRevision: NO_STREAM });
      const checkpoints: Position[] = [];
      const filter = eventTypeFilter({ prefixes: [wanted.type], checkpointInterval: 2, checkpointReached: (_, at) => void checkpoints.push(at) });
      const subscription = client.subscribeToAll({ fromPosition: position!, filter });
      const seen = watch(subscription);
      await eventually(() => seen.caughtUp() === 1 && seen.ids.length === 1);
      await subscription.unsubscribe();
      expect(seen.ids).toEqual([wanted.id]);
      expect(checkpoints.length).toBeGreaterThan(2);
      expect(checkpoints.some(({ prepare }) => prepare === 0n)).toBe(true);
      for (const [i, { commit }] of checkpoints.entries()) if (i > 0) expect(commit > checkpoints[i - 1]!.commit).toBe(true);
    });

    it('is dropped when its consumer is too slow while live', async () => {
      const subscription = client.subscribeToAll({ fromPosition: END, filter: excludeSystemEvents() });
      let failure: { message?: string } | undefined;
      subscription.on('error', (error) => (failure = error));
      await new Promise((resolve) => subscription.once('caughtUp', resolve).resume());
      subscription.pause();
      const text = 'x'.repeat(20_000);
      for (let i = 0; i < 40 && !failure; i += 1) {
        await client.appendToStream(newStream(), Array.from({ length: 40 }, () => jsonEvent({ type: 'Happened', data: { text } })), { expectedRevision: NO_STREAM });
      }
      subscription.resume();
      await eventually(() => failure, { timeoutMs: 20_000 });
      expect(failure?.message).toMatch(/too slow/i);
      await subscription.unsubscribe();
    });
  });
});
