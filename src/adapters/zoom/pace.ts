import { setTimeout as sleep } from 'node:timers/promises';

/** Zoom's label of an endpoint; each has its own allowance a second and account. */
export type RateCategory = 'light' | 'medium';

/** Waits until it is this call's turn, so that a burst of lessons does not run into the vendor's limit of the second. */
export type Pace = (credential: string, category: RateCategory) => Promise<void>;

/**
 * @param perSecond calls a second; default 25 and 16, a little under what a Pro account may (30 and 20): other nodes, and people's
 *   own programs, use the same allowance
 */
export function createPace(perSecond: Readonly<Record<RateCategory, number>> = { light: 25, medium: 16 }): Pace {
  const next = new Map<string, number>();
  return async (credential, category) => {
    const key = `${credential} ${category}`;
    const now = performance.now();
    const turn = Math.max(now, next.get(key) ?? 0);
    next.set(key, turn + 1000 / perSecond[category]);
    if (turn > now) await sleep(turn - now);
  };
}
