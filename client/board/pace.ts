/** How many groups may go out now: a bucket as the server keeps one, a tenth smaller, so that the server's never runs over. */
export type Pace = {
  /** Takes one out. @returns 0, or the milliseconds until there is one */
  take(now: number): number;
  /** What `welcome.limits` says. */
  limit(perSecond: number, burst: number): void;
  /** A new socket begins with a full bucket. */
  refill(now: number): void;
};

export function createPace(perSecond = 60, burst = 300): Pace {
  let rate = (perSecond * 0.9) / 1_000;
  let most = burst * 0.9;
  let level = most;
  let at = 0;
  return {
    take(now) {
      level = Math.min(most, level + (now - at) * rate);
      at = now;
      if (level < 1) return Math.ceil((1 - level) / rate);
      level -= 1;
      return 0;
    },
    limit(nextPerSecond, nextBurst) {
      rate = (nextPerSecond * 0.9) / 1_000;
      most = nextBurst * 0.9;
      level = Math.min(level, most);
    },
    refill(now) {
      level = most;
      at = now;
    },
  };
}
