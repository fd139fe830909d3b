import type { Surroundings } from '../../../client/index.ts';

/** Time that moves only when the test says so. */
export function createSimulatedTime() {
  let now = 0;
  let timers: { at: number; run(): void }[] = [];
  const clockwork: Pick<Surroundings, 'now' | 'random' | 'later'> = {
    now: () => now,
    random: () => 0.5,
    later(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => { timers = timers.filter((other) => other !== timer); };
    },
  };
  /** Runs what is due next, unless that is after `until`. @returns whether there was anything */
  const tick = (until = Infinity): boolean => {
    const next = timers.toSorted((a, b) => a.at - b.at)[0];
    if (!next || next.at > until) return false;
    timers = timers.filter((other) => other !== next);
    now = Math.max(now, next.at);
    next.run();
    return true;
  };
  return {
    clockwork, tick,
    waiting: () => timers.length,
    /** Everything that is due within so many milliseconds happens; `settle` after each. */
    async pass(ms: number, settle: () => Promise<void>) {
      const until = now + ms;
      while (tick(until)) await settle();
      now = until;
    },
  };
}
