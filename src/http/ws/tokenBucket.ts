/** So many a second, and so many at once. */
export type Rate = { perSecond: number; burst: number };

export type TokenBucket = {
  /** Takes one (or `cost`) if it is there. */
  take(cost?: number): boolean;
  /** Takes it even if it is not there: what follows waits. */
  charge(cost?: number): void;
  /** Milliseconds until `tokens` are there; 0 when they are. */
  until(tokens: number): number;
};

/** @param now milliseconds, of a clock that only runs forwards */
export function createTokenBucket({ perSecond, burst }: Rate, now: () => number): TokenBucket {
  let tokens = burst;
  let at = now();
  const refill = (): void => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) * perSecond) / 1_000);
    at = time;
  };
  return {
    take(cost = 1) {
      refill();
      if (tokens < cost) return false;
      tokens -= cost;
      return true;
    },
    charge(cost = 1) {
      refill();
      tokens -= cost;
    },
    until(wanted) {
      refill();
      return tokens >= wanted ? 0 : ((wanted - tokens) * 1_000) / perSecond;
    },
  };
}
