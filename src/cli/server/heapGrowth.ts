import { setFlagsFromString } from 'node:v8';
import { createProcessLoad } from '../../ports/processLoad.ts';

/** How far the old space may grow between two markings, in percent: at leisure, and where a stall costs many. */
const atLeisure = 50;
const underLoad = 100;
/** Of its time that the event loop works. */
const busyFrom = 0.4;

/** V8 takes `_` for `-` in the names of its flags. */
const ownFlag = /^--heap[-_]growing[-_]percent(=|$)/;

/**
 * A busy process has its heap marked half as often: on a full core each marking makes everybody late, while memory that is held for a minute
 * longer costs nobody anything. V8 looks at this flag at the end of each marking. Who starts node with a figure of their own keeps it.
 * @returns stop: V8 reckons for itself again
 */
export function growAsBusy(set: (flag: string) => void = setFlagsFromString, nodeFlags: readonly string[] = process.execArgv, busy: () => number = createProcessLoad()): () => void {
  if (nodeFlags.some((flag) => ownFlag.test(flag))) return () => undefined;
  let now: number | undefined;
  const grow = (percent: number) => {
    if (percent !== now) set(`--heap-growing-percent=${(now = percent)}`);
  };
  grow(atLeisure);
  const timer = setInterval(() => grow(busy() > busyFrom ? underLoad : atLeisure), 1_000).unref();
  return () => {
    clearInterval(timer);
    grow(0);
  };
}
