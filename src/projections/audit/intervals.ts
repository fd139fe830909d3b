/** An interval [from, until) in ms since 1970, UTC, of a holder's. */
export type Interval = { id: string; holder: string; from: number; until: number; reservedAt: number };

const day = 86_400_000;

/**
 * The intervals of one calendar, by each day that they touch. Deliberately plain, and nothing of it is shared with the code
 * that decides: it is what that code is checked against.
 */
export function createIntervals(gapMs: number) {
  const byId = new Map<string, Interval>();
  const byDay = new Map<number, Set<Interval>>();
  const daysOf = (from: number, until: number) => {
    const days: number[] = [];
    for (let d = Math.floor((from - gapMs) / day); d <= Math.floor((until + gapMs) / day); d += 1) days.push(d);
    return days;
  };

  const remove = (interval: Interval): void => {
    byId.delete(interval.id);
    for (const d of daysOf(interval.from, interval.until)) {
      const there = byDay.get(d);
      there?.delete(interval);
      if (there?.size === 0) byDay.delete(d);
    }
  };

  /** Others' intervals that come closer than the gap. */
  const near = ({ from, until, holder }: Interval): Interval[] => {
    const found = new Set<Interval>();
    for (const d of daysOf(from, until)) {
      for (const other of byDay.get(d) ?? []) if (other.holder !== holder && other.from < until + gapMs && other.until + gapMs > from) found.add(other);
    }
    return [...found];
  };

  return {
    get: (id: string): Interval | undefined => byId.get(id),
    all: (): Iterable<Interval> => byId.values(),
    size: (): number => byId.size,
    near,
    add(interval: Interval): void {
      byId.set(interval.id, interval);
      for (const d of daysOf(interval.from, interval.until)) {
        const there = byDay.get(d);
        if (there) there.add(interval);
        else byDay.set(d, new Set([interval]));
      }
    },
    remove(id: string): Interval | undefined {
      const interval = byId.get(id);
      if (interval) remove(interval);
      return interval;
    },
    forgetBefore(instant: number): void {
      for (const interval of [...byId.values()]) if (interval.until < instant) remove(interval);
    },
    /** Most holders at one instant while this interval lasts, itself included; each interval lasts until the gap after its end. */
    peakDuring(interval: Interval): number {
      const others = near(interval);
      let peak = 1;
      for (const instant of [interval.from, ...others.map(({ from }) => from).filter((from) => from > interval.from && from < interval.until + gapMs)]) {
        const holders = new Set<string>([interval.holder]);
        for (const other of others) if (other.from <= instant && other.until + gapMs > instant) holders.add(other.holder);
        peak = Math.max(peak, holders.size);
      }
      return peak;
    },
  };
}

export type Intervals = ReturnType<typeof createIntervals>;
