import { setImmediate } from 'node:timers/promises';
import type { PoolStep } from './queries.ts';

export type WhatIf = {
  /** Times that a lesson asked for a place. */
  asked: number;
  placed: number;
  refusals: number;
  /** The first 200 that would have found no account, in the order they asked. */
  refused: { lessonId: string; from: string; until: string }[];
  /** Accounts that would ever have been used. */
  accountsUsed: number;
};

type Planned = { holder: string; reservationId: string; from: number; until: number };

const day = 86_400_000;
/** Longest work between two looks at other requests. */
const sliceMs = 8;
const shown = 200;

/**
 * Plays the reservations of the past, in the order in which people asked and gave back, on another pool: `accounts` of
 * `capacity` each, with the same rule for choosing (fewest that day, then least recently used, then the first). Requests that
 * the real pool refused left no trace, so they are not in it. Yields to other requests while it works.
 */
export async function replayPool(
  history: AsyncIterable<readonly PoolStep[]>, pool: { accounts: number; capacity: number; gapMinutes: number }, signal?: AbortSignal,
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

  const where = new Map<string, { account: Account; planned: Planned }>();
  const refused: WhatIf['refused'] = [];
  const used = new Set<number>();
  let asked = 0;
  let refusals = 0;
  let began = performance.now();
  const step = ({ kind, ...of }: PoolStep): void => {
    const name = `${of.accountId}\n${of.reservationId}`;
    if (kind === 'release') {
      const there = where.get(name);
      if (!there) return;
      const list = there.account.days.get(Math.floor(there.planned.from / day));
      if (list) list.splice(list.indexOf(there.planned), 1);
      where.delete(name);
      return;
    }
    asked += 1;
    const planned: Planned = { holder: of.holder, reservationId: of.reservationId, from: of.from, until: of.until };
    let chosen: Account | undefined;
    for (const account of accounts) {
      if (fits(account, planned) && (!chosen || isBetter(account, chosen, of.from))) chosen = account;
    }
    if (!chosen) {
      refusals += 1;
      if (refused.length < shown) refused.push({ lessonId: of.holder, from: new Date(of.from).toISOString(), until: new Date(of.until).toISOString() });
      return;
    }
    const d = Math.floor(of.from / day);
    const list = chosen.days.get(d);
    if (list) list.push(planned);
    else chosen.days.set(d, [planned]);
    chosen.lastUsed = asked;
    used.add(chosen.i);
    where.set(name, { account: chosen, planned });
  };

  for await (const page of history) {
    for (const one of page) {
      step(one);
      if (performance.now() - began > sliceMs) {
        await setImmediate();
        signal?.throwIfAborted();
        began = performance.now();
      }
    }
  }
  return { asked, placed: asked - refusals, refusals, refused, accountsUsed: used.size };
}
