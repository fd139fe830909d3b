import { setImmediate } from 'node:timers/promises';
import type { PastReservation } from './queries.ts';

export type WhatIf = {
  /** Lessons that asked for a place, each counted once per time that it asked. */
  asked: number;
  placed: number;
  /** Those that would have found no account, in the order they asked. */
  refused: { lessonId: string; from: string; until: string }[];
  /** Most meetings at once, and when that begins; of what was wanted and kept, whether or not it would have been placed. */
  peak: { meetings: number; at: string | null };
  /** Accounts that would ever have been used. */
  accountsUsed: number;
};

type Planned = { holder: string; reservationId: string; from: number; until: number };
type Step = { position: string; reserve: boolean; of: PastReservation };

const day = 86_400_000;
/** Longest work between two looks at other requests. */
const sliceMs = 8;

/**
 * Plays the reservations of the past, in the order in which people asked and gave back, on another pool: `accounts` of
 * `capacity` each, with the same rule for choosing (fewest that day, then least recently used, then the first). Requests that
 * the real pool refused left no trace, so they are not in it. Yields to other requests while it works.
 */
export async function replayPool(
  history: readonly PastReservation[], pool: { accounts: number; capacity: number; gapMinutes: number }, signal?: AbortSignal,
): Promise<WhatIf> {
  const gap = pool.gapMinutes * 60_000;
  const accounts = Array.from({ length: pool.accounts }, (_, i) => ({ i, days: new Map<number, Planned[]>(), lastUsed: -1 }));
  type Account = (typeof accounts)[number];

  const near = (account: Account, wish: Planned): Planned[] => {
    const found = new Set<Planned>();
    for (let d = Math.floor((wish.from - gap) / day) - 1; d <= Math.floor((wish.until + gap) / day); d += 1) {
      for (const other of account.days.get(d) ?? []) {
        if (other.holder !== wish.holder && other.from < wish.until + gap && other.until + gap > wish.from) found.add(other);
      }
    }
    return [...found];
  };
  const fits = (account: Account, wish: Planned): boolean => {
    const others = near(account, wish);
    if (others.length < pool.capacity) return true;
    return others.every((one) => {
      const instant = Math.max(one.from, wish.from);
      return others.filter((other) => other.from <= instant && other.until + gap > instant).length < pool.capacity;
    });
  };
  const onDay = (account: Account, from: number) => account.days.get(Math.floor(from / day))?.length ?? 0;

  const isBetter = (a: Account, b: Account, from: number) => (onDay(a, from) - onDay(b, from) || a.lastUsed - b.lastUsed) < 0;

  const steps: Step[] = [];
  for (const of of history) {
    steps.push({ position: of.reservedPosition, reserve: true, of });
    if (of.releasedPosition !== null && of.releasedAt !== null && of.releasedAt < of.until) steps.push({ position: of.releasedPosition, reserve: false, of });
  }
  steps.sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));

  const where = new Map<string, { account: Account; planned: Planned }>();
  const refused: WhatIf['refused'] = [];
  const used = new Set<number>();
  let asked = 0;
  let began = performance.now();
  for (const [clock, { reserve, of }] of steps.entries()) {
    if (performance.now() - began > sliceMs) {
      await setImmediate();
      signal?.throwIfAborted();
      began = performance.now();
    }
    const name = `${of.accountId}\n${of.reservationId}`;
    if (!reserve) {
      const there = where.get(name);
      if (!there) continue;
      const list = there.account.days.get(Math.floor(there.planned.from / day));
      if (list) list.splice(list.indexOf(there.planned), 1);
      where.delete(name);
      continue;
    }
    asked += 1;
    const planned: Planned = { holder: of.holder, reservationId: of.reservationId, from: of.from, until: of.until };
    let chosen: Account | undefined;
    for (const account of accounts) {
      if (fits(account, planned) && (!chosen || isBetter(account, chosen, of.from))) chosen = account;
    }
    if (!chosen) {
      refused.push({ lessonId: of.holder, from: new Date(of.from).toISOString(), until: new Date(of.until).toISOString() });
      continue;
    }
    const d = Math.floor(of.from / day);
    const list = chosen.days.get(d);
    if (list) list.push(planned);
    else chosen.days.set(d, [planned]);
    chosen.lastUsed = clock;
    used.add(chosen.i);
    where.set(name, { account: chosen, planned });
  }
  return { asked, placed: asked - refused.length, refused, peak: peakOf(history), accountsUsed: used.size };
}

/** Most intervals at once, of those that were kept until they began; what was given back early counts until then. */
function peakOf(history: readonly PastReservation[]): WhatIf['peak'] {
  const edges: { at: number; by: 1 | -1 }[] = [];
  for (const { from, until, releasedAt } of history) {
    const end = releasedAt === null ? until : Math.min(until, releasedAt);
    if (end <= from) continue;
    edges.push({ at: from, by: 1 }, { at: end, by: -1 });
  }
  edges.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  let peak: WhatIf['peak'] = { meetings: 0, at: null };
  for (const { at, by } of edges) {
    now += by;
    if (now > peak.meetings) peak = { meetings: now, at: new Date(at).toISOString() };
  }
  return peak;
}
