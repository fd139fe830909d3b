import fc from 'fast-check';
import type { Pipeline } from '../../src/commands/pipeline/pipeline.ts';
import { createPoolIndex } from '../../src/commands/zoomAccounts/poolIndex.ts';
import { isFree, type Wish } from '../../src/domain/calendar/index.ts';
import { items } from '../../src/domain/kernel/sortedList.ts';
import { zoomAccount, type ZoomAccount, type ZoomAccountEvent } from '../../src/domain/zoomAccount/index.ts';
import { zoomPool } from '../../src/domain/zoomPool/index.ts';

type Listener = (id: string, state: never, revision: number) => void;

/** The reading side of a pipeline whose streams are in memory: what an index needs. */
function streamsInMemory() {
  const states = new Map<string, { state: unknown; revision: number }>();
  const listeners = new Map<string, Listener>();
  const of = (category: string, id: string) => states.get(`${category}-${id}`);
  const reading = {
    load: async (aggregate: { category: string; decider: { initial: unknown } }, id: string) => of(aggregate.category, id) ?? { state: aggregate.decider.initial, revision: -1 },
    peek: (aggregate: { category: string }, id: string) => of(aggregate.category, id),
    onState: (aggregate: { category: string }, listener: Listener) => void listeners.set(aggregate.category, listener),
  };
  return {
    pipeline: reading as unknown as Pipeline,
    put(category: string, id: string, state: unknown) {
      states.set(`${category}-${id}`, { state, revision: 0 });
      listeners.get(category)?.(id, state as never, 0);
    },
  };
}

const hour = 3_600_000;
const base = Date.parse('2026-03-27T00:00:00.000Z'); // clocks go forward in Berlin on the 29th
const iso = (ms: number) => new Date(ms).toISOString();
/** Berlin's day, worked out the slow way. */
const berlinDay = (ms: number) => new Date(ms).toLocaleDateString('sv-SE', { timeZone: 'Europe/Berlin' });

/** The rule as the specification words it, over all accounts each time. */
function naiveChoice(accounts: ReadonlyMap<string, ZoomAccount>, wish: Wish, autoRecord: boolean): string | undefined {
  return [...accounts.entries()]
    .filter(([, a]) => a.enabled && (!autoRecord || a.cloudRecording) && isFree(a.calendar, a.capacity, wish))
    .map(([id, a]) => ({ id, used: a.calendar.lastUsedAt, count: [...items(a.calendar.byStart)].filter(({ from }) => berlinDay(from) === berlinDay(wish.from)).length }))
    .sort((a, b) => a.count - b.count || a.used - b.used || (a.id < b.id ? -1 : 1))[0]?.id;
}

const step = fc.record({
  do: fc.constantFrom('plan', 'plan', 'plan', 'plan', 'release', 'disable', 'enable', 'enlist', 'record'),
  account: fc.integer({ min: 0, max: 6 }), at: fc.integer({ min: 0, max: 96 }), length: fc.integer({ min: 1, max: 3 }), autoRecord: fc.boolean(), later: fc.integer({ min: 0, max: 3 }),
});

describe('the index of the pool', () => {
  it('chooses what the rule says, after any history: fewest that day in the school\'s zone, then least recently used, then by id', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 120 }), async (script) => {
      const streams = streamsInMemory();
      const index = createPoolIndex(streams.pipeline, 'Europe/Berlin');
      const accounts = new Map<string, ZoomAccount>();
      const planned: { accountId: string; reservationId: string }[] = [];
      let pool = zoomPool.decider.initial;
      let now = base;
      const tell = (id: string, event: ZoomAccountEvent) => {
        const next = zoomAccount.decider.evolve(accounts.get(id) ?? zoomAccount.decider.initial, event);
        accounts.set(id, next);
        streams.put('zoomAccount', id, next);
      };
      for (const [i, { do: what, account, at, length, autoRecord, later }] of script.entries()) {
        now += later * hour;
        const id = `account-${account}`;
        const known = accounts.get(id);
        if (what === 'enlist' || i < 2) {
          if (known) continue;
          pool = zoomPool.decider.evolve(pool, { type: 'ZoomUserEnlisted', data: { accountId: id, zoomUser: id } });
          streams.put('zoomPool', 'school', pool);
          tell(id, { type: 'ZoomAccountRegistered', data: { accountId: id, zoomUser: id, capacity: 1 + (account % 3), credentialsRef: 'c', cloudRecording: account % 2 === 0 } });
        } else if (what === 'disable' && known) tell(id, { type: 'ZoomAccountDisabled', data: { accountId: id, reason: '' } });
        else if (what === 'enable' && known) tell(id, { type: 'ZoomAccountEnabled', data: { accountId: id } });
        else if (what === 'record' && known) tell(id, { type: 'ZoomAccountChanged', data: { accountId: id, cloudRecording: autoRecord } });
        else if (what === 'release') {
          const [gone] = planned.splice(account, 1);
          if (gone) tell(gone.accountId, { type: 'PlaceReleased', data: { reservationId: gone.reservationId, holder: gone.reservationId, releasedAt: iso(now), reason: '' } });
        } else {
          await index.ready();
          const from = now + at * hour;
          const wish: Wish = { from, until: from + length * hour, gap: 300_000, holder: `lesson-${i}` };
          const chosen = index.choose(wish, { autoRecord });
          expect(chosen).toBe(naiveChoice(accounts, wish, autoRecord));
          if (chosen === undefined) continue;
          tell(chosen, { type: 'PlaceReserved', data: { reservationId: wish.holder, holder: wish.holder, from: iso(from), until: iso(wish.until), reservedAt: iso(now) } });
          planned.push({ accountId: chosen, reservationId: wish.holder });
        }
      }
    }), { numRuns: 150 });
  });

  it('does not choose a place twice while it is being reserved, and chooses it again when nothing came of it', async () => {
    const streams = streamsInMemory();
    const index = createPoolIndex(streams.pipeline, 'Europe/Berlin');
    let pool = zoomPool.decider.initial;
    for (const id of ['a', 'b']) {
      pool = zoomPool.decider.evolve(pool, { type: 'ZoomUserEnlisted', data: { accountId: id, zoomUser: id } });
      const state = zoomAccount.decider.evolve(zoomAccount.decider.initial, { type: 'ZoomAccountRegistered', data: { accountId: id, zoomUser: id, capacity: 1, credentialsRef: 'c', cloudRecording: true } });
      streams.put('zoomAccount', id, state);
    }
    streams.put('zoomPool', 'school', pool);
    await index.ready();
    const wish = (holder: string): Wish => ({ from: base, until: base + hour, gap: 0, holder });
    const chosen = index.choose(wish('1'));
    const giveUp = index.claim(chosen ?? '', wish('1'));
    expect([chosen, index.choose(wish('2'))]).toEqual(['a', 'b']);
    const other = index.claim('b', wish('2'));
    expect(index.choose(wish('3'))).toBeUndefined();
    expect(index.choose(wish('3'), {}, 'ignored')).toBe('a');
    giveUp();
    giveUp();
    expect(index.choose(wish('3'))).toBe('a');
    other();
  });
});
