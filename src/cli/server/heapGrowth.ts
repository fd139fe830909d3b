import { setFlagsFromString } from 'node:v8';

/** How far the old space may grow between two markings, in percent: at leisure as `npm start` says, and where a stall costs many. */
const atLeisure = 50;
const underLoad = 100;
/** Of its time that the event loop works. */
const busyFrom = 0.4;

/**
 * A busy process has its heap marked half as often: on a full core each marking makes everybody late, while memory that is held for a minute
 * longer costs nobody anything. V8 looks at this flag at the end of each marking. @returns stop
 */
export function growAsBusy(set: (flag: string) => void = setFlagsFromString): () => void {
  let since = performance.eventLoopUtilization();
  let now = atLeisure;
  const timer = setInterval(() => {
    const until = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(until, since);
    since = until;
    const next = utilization > busyFrom ? underLoad : atLeisure;
    if (next !== now) set(`--heap-growing-percent=${(now = next)}`);
  }, 1_000).unref();
  return () => {
    clearInterval(timer);
    if (now !== atLeisure) set(`--heap-growing-percent=${atLeisure}`);
  };
}
