import { setTimeout as sleep } from 'node:timers/promises';

/** Below this share of its time that the event loop works. */
const restsBelow = 0.2;
const lookEveryMs = 25;
/** A server that is busy from the start, with what the last one left, says that it is ready all the same. */
const atMostMs = 500;

/** Whoever comes first finds a server at rest: engines, jobs and connections begin with a good deal of work. */
export async function atRest(): Promise<void> {
  for (const until = performance.now() + atMostMs; performance.now() < until;) {
    const before = performance.eventLoopUtilization();
    await sleep(lookEveryMs);
    if (performance.eventLoopUtilization(before).utilization < restsBelow) return;
  }
}
