import { fits, neighbours, type Reservation, type Wish } from '../../domain/calendar/index.ts';
import { difference, emptyList, items } from '../../domain/kernel/sortedList.ts';
import { zoomAccount, type ZoomAccount } from '../../domain/zoomAccount/index.ts';
import { poolId, zoomPool } from '../../domain/zoomPool/index.ts';
import { mapLimited } from '../mapLimited.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { schoolDays } from './schoolDay.ts';

/** `autoRecord`: only accounts with cloud recording. `leaseFree`: only those with a place in use left. `except`: not these. `prefer`: this one, if it is free. */
export type Needs = { autoRecord?: boolean; leaseFree?: boolean; except?: ReadonlySet<string>; prefer?: string | null };

/**
 * Every account of the pool in memory, ready to choose from: what an account has on which day is counted as its state changes,
 * so that a choice looks at each account once and at a calendar only now and then, whether the pool has 8 accounts or 1,000.
 * It may be behind other processes; what is chosen is decided by the account's own stream.
 */
export type PoolIndex = {
  /** Every member was loaded once. Cheap when that is so already. */
  ready(): Promise<void>;
  /** Reads the pool and every account to the head. Calls that come while one waits to begin share it. */
  refresh(): Promise<void>;
  /** Registered accounts, in the order they came. */
  accounts(): ZoomAccount[];
  /**
   * The account that is free for the wish and has the fewest reservations that day, then the least recently used, then the first
   * by id. `claims`: whether places that commands of this process are just reserving count as taken.
   */
  choose(wish: Wish, needs?: Needs, claims?: 'heeded' | 'ignored'): string | undefined;
  /** Until the answer is called, others in this process do not choose this place. */
  claim(accountId: string, wish: Wish): () => void;
};

/** Other processes register accounts and plan on them: that often (milliseconds, real time) the index has a look. */
const staleAfter = 60_000;

type Slot = {
  id: string;
  state: ZoomAccount;
  loaded: boolean;
  claims: Reservation[];
};

export function createPoolIndex(pipeline: Pipeline, schoolTimeZone: string): PoolIndex {
  const dayOf = schoolDays(schoolTimeZone);
  const slots: Slot[] = [];
  const slotOf = new Map<string, number>();
  /** day → per slot: reservations (and claims) that begin on it. */
  const days = new Map<number, number[]>();
  let members = zoomPool.decider.initial.members;
  let missing = 0;
  let poolLoaded = false;

  pipeline.onState(zoomPool, (_, state) => enlist(state));
  pipeline.onState(zoomAccount, (id, state) => learn(id, state));

  function enlist(pool: { members: typeof members }): void {
    if (pool.members === members) return;
    members = pool.members;
    for (const { accountId } of items(members)) {
      if (slotOf.has(accountId)) continue;
      slotOf.set(accountId, slots.length);
      slots.push({ id: accountId, state: zoomAccount.decider.initial, loaded: false, claims: [] });
      missing += 1;
      const cached = pipeline.peek(zoomAccount, accountId);
      if (cached) learn(accountId, cached.state);
    }
  }

  function learn(id: string, state: ZoomAccount): void {
    const index = slotOf.get(id);
    const slot = index === undefined ? undefined : slots[index];
    if (index === undefined || !slot) return; // not a member (yet)
    if (!slot.loaded) {
      slot.loaded = true;
      missing -= 1;
    }
    const { added, removed } = difference(slot.state.calendar.byStart ?? emptyList<Reservation>(), state.calendar.byStart);
    for (const { from } of added) count(from, index, 1);
    for (const { from } of removed) count(from, index, -1);
    slot.state = state;
  }

  function count(from: number, index: number, by: 1 | -1): void {
    const day = dayOf(from);
    let counts = days.get(day);
    if (!counts) days.set(day, (counts = []));
    while (counts.length <= index) counts.push(0);
    counts[index] = (counts[index] ?? 0) + by;
    if (by < 0 && counts.every((n) => n === 0)) days.delete(day);
  }

  const suits = ({ id, state }: Slot, { autoRecord = false, leaseFree = false, except }: Needs): boolean =>
    state.enabled && (!autoRecord || state.cloudRecording) && (!leaseFree || state.calendar.leases.length < state.capacity) && !except?.has(id);

  const isFree = (slot: Slot, wish: Wish, heedClaims: boolean): boolean => {
    const near = neighbours(slot.state.calendar, wish);
    if (heedClaims) for (const claim of slot.claims) if (claim.holder !== wish.holder && claim.from < wish.until + wish.gap && claim.until + wish.gap > wish.from) near.push(claim);
    return fits(near, slot.state.capacity, wish);
  };

  async function load(fresh: boolean): Promise<void> {
    const { state } = await pipeline.load(zoomPool, poolId, { fresh });
    enlist(state);
    poolLoaded = true;
    await mapLimited(slots.slice(), 16, async (slot) => {
      if (!fresh && slot.loaded) return;
      const { state } = await pipeline.load(zoomAccount, slot.id, { fresh });
      learn(slot.id, pipeline.peek(zoomAccount, slot.id)?.state ?? state); // it may have moved on since
    });
  }

  let reading: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let refreshedAt = performance.now();

  function refresh(): Promise<void> {
    // One that runs already may have passed the account that matters, so this waits for one that begins later.
    next ??= (reading ?? Promise.resolve()).catch(() => undefined).then(() => {
      next = undefined;
      refreshedAt = performance.now();
      reading = load(true).finally(() => {
        reading = undefined;
      });
      return reading;
    });
    return next;
  }

  return {
    async ready() {
      if (!poolLoaded || missing > 0) await load(false);
      if (performance.now() - refreshedAt > staleAfter) {
        refreshedAt = performance.now();
        refresh().catch(() => undefined); // in the background; who needs to know asks for it
      }
    },
    refresh,

    accounts: () => slots.filter(({ state }) => state.registered).map(({ state }) => state),

    choose(wish, needs = {}, claims = 'heeded') {
      const heed = claims === 'heeded';
      const preferred = slots[slotOf.get(needs.prefer ?? '') ?? -1];
      if (preferred && suits(preferred, needs) && isFree(preferred, wish, heed)) return preferred.id;
      const counts = days.get(dayOf(wish.from));
      let best: Slot | undefined;
      let bestCount = 0;
      for (let i = 0; i < slots.length; i += 1) {
        const slot = slots[i];
        if (!slot?.state.enabled) continue;
        const has = counts?.[i] ?? 0;
        if (best && (has - bestCount || slot.state.calendar.lastUsedAt - best.state.calendar.lastUsedAt || (slot.id < best.id ? -1 : 1)) > 0) continue;
        if (!suits(slot, needs) || !isFree(slot, wish, heed)) continue;
        best = slot;
        bestCount = has;
      }
      return best?.id;
    },

    claim(accountId, { from, until, holder }) {
      const index = slotOf.get(accountId);
      const slot = index === undefined ? undefined : slots[index];
      if (index === undefined || !slot) return () => undefined;
      const claim: Reservation = { reservationId: '', holder, from, until, reservedAt: 0 };
      slot.claims.push(claim);
      count(from, index, 1);
      return () => {
        const at = slot.claims.indexOf(claim);
        if (at < 0) return;
        slot.claims.splice(at, 1);
        count(from, index, -1);
      };
    },
  };
}
