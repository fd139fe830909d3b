import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createOwnWrites } from '../../../../src/adapters/eventStore/postgres/ownWrites.ts';
import type { EventStore } from '../../../../src/ports/eventStore.ts';
import { eventually } from '../../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';

const write = (from: number, to: number, ...types: string[]) => ({ from: BigInt(from), to: BigInt(to), types: new Set(types) });

describe('the stretch that this process wrote alone', () => {
  it('is passed over as far as nothing wanted is in it', () => {
    const own = createOwnWrites();
    own.add(write(10, 12, 'A'));
    own.add(write(12, 15, 'B'));
    expect(own.withoutAny(new Set(['C']), 10n)).toBe(15n);
    expect(own.withoutAny(new Set(['C']), 12n)).toBe(15n);
    expect(own.withoutAny(new Set(['A']), 12n)).toBe(15n);
    expect(own.withoutAny(new Set(['A']), 10n)).toBeUndefined();
    expect(own.withoutAny(new Set(['B']), 10n)).toBeUndefined();
  });

  it('is nothing to whoever stands elsewhere, and begins anew where others wrote', () => {
    const own = createOwnWrites();
    own.add(write(10, 12, 'A'));
    expect(own.withoutAny(new Set(['C']), 9n)).toBeUndefined();
    expect(own.withoutAny(new Set(['C']), 11n)).toBeUndefined();
    own.add(write(13, 14, 'A')); // 13 is somebody else's
    expect(own.withoutAny(new Set(['C']), 10n)).toBeUndefined();
    expect(own.withoutAny(new Set(['C']), 13n)).toBe(14n);
  });

  it('never hides a wanted event, whoever writes', () => {
    const batch = fc.record({ mine: fc.boolean(), types: fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 3 }) });
    fc.assert(fc.property(fc.array(batch, { maxLength: 100, size: 'max' }), fc.nat(120), (batches, seen) => {
      const own = createOwnWrites();
      const log: string[] = [];
      for (const { mine, types } of batches) {
        if (mine) own.add(write(log.length, log.length + types.length, ...types));
        log.push(...types);
      }
      const end = own.withoutAny(new Set(['A']), BigInt(seen));
      if (end !== undefined) expect(log.slice(seen, Number(end))).not.toContain('A');
    }), { numRuns: 500 });
  });
});

describe('a subscription to certain types', () => {
  let database: TestDatabase;
  let mine: EventStore;
  let other: EventStore;
  beforeEach(async () => {
    database = await createTestDatabase();
    mine = createPostgresEventStore({ url: database.url, pollMs: 60_000 });
    other = createPostgresEventStore({ url: database.url });
  });
  afterEach(async () => {
    await mine.close();
    await other.close();
    await database.drop();
  });
  const append = async (store: EventStore, type: string) => {
    const id = randomUUID();
    const metadata = { commandId: id, correlationId: id, causationId: id, actor: { id: 'a', role: 'admin' }, occurredAt: '2026-03-02T17:00:00.000Z' };
    const outcome = await store.append(`s-${id}`, [{ id, type, schemaVersion: 1, data: {}, metadata }], { expectedRevision: 'noStream' });
    if (outcome.outcome !== 'appended') throw new Error('lost');
    return { id, position: outcome.position };
  };
  const follow = async (store: EventStore, types: readonly string[]) => {
    const seen: string[] = [];
    const over = new AbortController();
    const at = { position: '', batches: 0 };
    const done = (async () => {
      for await (const batch of store.subscribeAll({ after: '', types, signal: over.signal })) {
        seen.push(...batch.events.map(({ id }) => id));
        at.position = batch.position;
        at.batches += 1;
      }
    })();
    await eventually(() => at.batches > 0);
    return { seen, at, stop: async () => { over.abort(); await done; } };
  };

  it('goes past what this process wrote of other types without asking the database', async () => {
    await append(mine, 'Wanted');
    const subscription = await follow(mine, ['Wanted']);
    const query = jest.spyOn(pg.Pool.prototype, 'query');
    const reads = () => query.mock.calls.filter(([statement]) => (statement as unknown as { name?: string }).name === 'lectern_read_on_filtered').length;
    let last = '';
    for (let i = 0; i < 20; i += 1) last = (await append(mine, 'Other')).position;
    await eventually(() => subscription.at.position === last);
    expect(subscription.seen).toHaveLength(1);
    const before = reads();
    expect(before).toBeLessThanOrEqual(1); // the listener, when it is connected, has it look once
    const wanted = await append(mine, 'Wanted');
    await eventually(() => subscription.at.position === wanted.position);
    expect(subscription.seen).toHaveLength(2);
    expect(reads()).toBeGreaterThan(before);
    query.mockRestore();
    await subscription.stop();
  });

  it('misses nothing and reaches the head while two processes write what it wants and what it does not', async () => {
    const subscriptions = [await follow(mine, ['Wanted']), await follow(other, ['Wanted'])];
    const wanted: string[] = [];
    let last = '';
    const writer = async (store: EventStore) => {
      for (let i = 0; i < 150; i += 1) {
        const type = i % 7 === 3 ? 'Wanted' : 'Other';
        const { id, position } = await append(store, type);
        if (type === 'Wanted') wanted.push(id);
        if (position > last) last = position;
      }
    };
    await Promise.all([writer(mine), writer(other), writer(mine)]);
    for (const { seen, at, stop } of subscriptions) {
      await eventually(() => at.position === last);
      await stop();
      expect([...seen].sort()).toEqual([...wanted].sort());
    }
  });
});
