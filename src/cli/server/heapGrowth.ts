import { setFlagsFromString } from 'node:v8';
import { createProcessLoad } from '../../ports/processLoad.ts';

/** How far the old space may grow between two markings, in percent, and from which share of its time that the event loop works. */
const steps = [{ from: 0.6, percent: 200 }, { from: 0.4, percent: 100 }];
const atLeisure = 50;
/** A marking takes the figure of its own moment for all the time until the next: one slow second must not let the heap grow to three times its size. */
const memoryMs = 5_000;

/** All that it may be set to. */
export const percents = [atLeisure, ...steps.map(({ percent }) => percent)];

/** V8 takes `_` for `-` in the names of its flags. */
const ownFlag = /^--heap[-_]growing[-_]percent(=|$)/;

/**
 * The busier a process, the less often its heap is marked: on a full core each marking makes everybody late, while memory that is held for a
 * minute longer costs nobody anything. V8 looks at this flag at the end of each marking. Who starts node with a figure of their own keeps it.
 * @returns stop: V8 reckons for itself again
 */
export function growAsBusy(set: (flag: string) => void = setFlagsFromString, nodeFlags: readonly string[] = process.execArgv, busy: () => number = createProcessLoad(memoryMs)): () => void {
  if (nodeFlags.some((flag) => ownFlag.test(flag))) return () => undefined;
  let now: number | undefined;
  const grow = (percent: number) => {
    if (percent !== now) set(`--heap-growing-percent=${(now = percent)}`);
  };
  grow(atLeisure);
  const timer = setInterval(() => grow(percentAt(busy())), 1_000).unref();
  return () => {
    clearInterval(timer);
    grow(0);
  };
}

const percentAt = (busy: number): number => steps.find(({ from }) => busy > from)?.percent ?? atLeisure;
