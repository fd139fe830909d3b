import fc from 'fast-check';
import type { PoolStep } from '../../src/projections/zoomAccounts/queries.ts';
import { replayPool as replay } from '../../src/projections/zoomAccounts/whatIf.ts';

const minute = 60_000;
const base = Date.parse('2026-03-02T00:00:00.000Z');
let n = 0;
const asked = (holder: string, from: number, minutes: number): PoolStep => ({
  kind: 'reserve', accountId: 'real', reservationId: `${holder}.${(n += 1)}`, holder, from: base + from * minute, until: base + (from + minutes) * minute, position: String(n).padStart(19, '0'),
});
const givenBack = (step: PoolStep): PoolStep => ({ ...step, kind: 'release', position: String((n += 1)).padStart(19, '0') });

/** In two pages. */
const replayPool = (steps: readonly PoolStep[], pool: Parameters<typeof replay>[1]) => replay((async function* () {
  yield steps.slice(0, 3);
  yield steps.slice(3);
})(), pool);

/** Most that ever overlap, each with the gap after it: by looking at every beginning. */
const most = (all: readonly PoolStep[], gap: number) => Math.max(0, ...all.map(({ from }) => all.filter((one) => one.from <= from && one.until + gap * minute > from).length));

describe('what another pool would have done', () => {
  it('refuses what finds no account, the gap included', async () => {
    const history = [asked('a', 0, 60), asked('b', 30, 60), asked('c', 64, 30), asked('d', 65, 30)];
    const one = await replayPool(history, { accounts: 1, capacity: 1, gapMinutes: 5 });
    expect(one).toMatchObject({ asked: 4, placed: 2, refusals: 2, accountsUsed: 1 });
    expect(one.refused.map(({ lessonId }) => lessonId)).toEqual(['b', 'c']);
    expect(await replayPool(history, { accounts: 2, capacity: 2, gapMinutes: 5 })).toMatchObject({ placed: 4, refused: [] });
  });

  it('gives a place back when its lesson moved or was cancelled, and does not count a lesson against itself', async () => {
    const cancelled = asked('a', 600, 60);
    expect(await replayPool([cancelled, givenBack(cancelled), asked('b', 600, 60)], { accounts: 1, capacity: 1, gapMinutes: 5 })).toMatchObject({ asked: 2, placed: 2, refused: [] });
    expect(await replayPool([asked('a', 600, 60), asked('b', 600, 60)], { accounts: 1, capacity: 1, gapMinutes: 5 })).toMatchObject({ asked: 2, placed: 1 });
    const first = asked('a', 600, 60);
    expect(await replayPool([first, asked('a', 630, 60), givenBack(first)], { accounts: 1, capacity: 1, gapMinutes: 5 })).toMatchObject({ placed: 2, refused: [] });
  });

  it('spreads lessons over the accounts', async () => {
    expect(await replayPool([0, 100, 200, 300].map((from) => asked(`l${from}`, from, 60)), { accounts: 3, capacity: 1, gapMinutes: 5 })).toMatchObject({ accountsUsed: 3 });
  });

  it('answers for no history', async () => {
    expect(await replayPool([], { accounts: 1, capacity: 1, gapMinutes: 5 })).toEqual({ asked: 0, placed: 0, refusals: 0, refused: [], accountsUsed: 0 });
  });

  const history = fc.array(fc.record({ from: fc.integer({ min: 0, max: 4_000 }), minutes: fc.integer({ min: 5, max: 300 }) }), { maxLength: 60, size: 'max' })
    .map((all) => all.map(({ from, minutes }, i) => asked(`l${i}`, from, minutes)));

  it('refuses nobody when one account has as many places as were ever wanted at once, and somebody when it has one less', async () => {
    await fc.assert(fc.asyncProperty(history, async (all) => {
      const enough = most(all, 5);
      if (enough === 0) return;
      expect((await replayPool(all, { accounts: 1, capacity: enough, gapMinutes: 5 })).refused).toEqual([]);
      if (enough > 1) expect((await replayPool(all, { accounts: 1, capacity: enough - 1, gapMinutes: 5 })).refusals).toBeGreaterThan(0);
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
