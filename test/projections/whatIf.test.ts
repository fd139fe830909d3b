import fc from 'fast-check';
import type { PastReservation } from '../../src/projections/zoomAccounts/queries.ts';
import { replayPool } from '../../src/projections/zoomAccounts/whatIf.ts';

const minute = 60_000;
const base = Date.parse('2026-03-02T00:00:00.000Z');
let n = 0;
const asked = (holder: string, from: number, minutes: number, more: Partial<PastReservation> = {}): PastReservation => ({
  accountId: 'real', reservationId: `${holder}.${(n += 1)}`, holder, from: base + from * minute, until: base + (from + minutes) * minute,
  reservedPosition: String(n).padStart(19, '0'), releasedPosition: null, releasedAt: null, ...more,
});
const givenBack = (reservation: PastReservation, releasedAt: number): PastReservation => ({ ...reservation, releasedPosition: String((n += 1)).padStart(19, '0'), releasedAt: base + releasedAt * minute });

/** Most that ever overlap, each with the gap after it: by looking at every beginning. */
const most = (all: readonly PastReservation[], gap: number) => Math.max(0, ...all.map(({ from }) => all.filter((one) => one.from <= from && one.until + gap * minute > from).length));

describe('what another pool would have done', () => {
  it('refuses what finds no account, the gap included', async () => {
    const history = [asked('a', 0, 60), asked('b', 30, 60), asked('c', 64, 30), asked('d', 65, 30)];
    const one = await replayPool(history, { accounts: 1, capacity: 1, gapMinutes: 5 });
    expect(one).toMatchObject({ asked: 4, placed: 2, accountsUsed: 1, peak: { meetings: 3 } });
    expect(one.refused.map(({ lessonId }) => lessonId)).toEqual(['b', 'c']);
    expect(await replayPool(history, { accounts: 2, capacity: 2, gapMinutes: 5 })).toMatchObject({ placed: 4, refused: [] });
  });

  it('gives a place back when its lesson moved or was cancelled, and does not count a lesson against itself', async () => {
    const cancelled = givenBack(asked('a', 600, 60), 10);
    expect(await replayPool([cancelled, asked('b', 600, 60)], { accounts: 1, capacity: 1, gapMinutes: 5 })).toMatchObject({ asked: 2, placed: 2, refused: [], peak: { meetings: 1 } });
    const first = asked('a', 600, 60);
    const moved = asked('a', 630, 60);
    expect(await replayPool([givenBack(first, 20), moved], { accounts: 1, capacity: 1, gapMinutes: 5 })).toMatchObject({ placed: 2, refused: [], peak: { meetings: 1 } });
  });

  it('spreads lessons over the accounts', async () => {
    expect(await replayPool([0, 100, 200, 300].map((from) => asked(`l${from}`, from, 60)), { accounts: 3, capacity: 1, gapMinutes: 5 })).toMatchObject({ accountsUsed: 3 });
  });

  it('answers for no history', async () => {
    expect(await replayPool([], { accounts: 1, capacity: 1, gapMinutes: 5 })).toEqual({ asked: 0, placed: 0, refused: [], peak: { meetings: 0, at: null }, accountsUsed: 0 });
  });

  const history = fc.array(fc.record({ from: fc.integer({ min: 0, max: 4_000 }), minutes: fc.integer({ min: 5, max: 300 }) }), { maxLength: 60, size: 'max' })
    .map((all) => all.map(({ from, minutes }, i) => asked(`l${i}`, from, minutes)));

  it('refuses nobody when one account has as many places as were ever wanted at once, and somebody when it has one less', async () => {
    await fc.assert(fc.asyncProperty(history, async (all) => {
      const enough = most(all, 5);
      if (enough === 0) return;
      expect((await replayPool(all, { accounts: 1, capacity: enough, gapMinutes: 5 })).refused).toEqual([]);
      if (enough > 1) expect((await replayPool(all, { accounts: 1, capacity: enough - 1, gapMinutes: 5 })).refused.length).toBeGreaterThan(0);
    }), { numRuns: 60 });
  });

  it('never places more than fit: what was placed, replayed on the same pool, is placed again', async () => {
    await fc.assert(fc.asyncProperty(history, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), async (all, accounts, capacity) => {
      const pool = { accounts, capacity, gapMinutes: 5 };
      const first = await replayPool(all, pool);
      const refused = new Set(first.refused.map(({ lessonId }) => lessonId));
      const kept = all.filter(({ holder }) => !refused.has(holder));
      expect(most(kept, 5)).toBeLessThanOrEqual(accounts * capacity);
      expect((await replayPool(kept, pool)).refused).toEqual([]);
    }), { numRuns: 60 });
  });
});
