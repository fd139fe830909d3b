const measureEveryMs = 50;
/**
 * How busy this process is: the share of its time that the event loop worked of late, 0 to 1. Looked at when asked, and measured at most twenty
 * times a second: no timer of its own.
 * @param memoryMs what was longer ago weighs less and less: neither a moment of work nor one of rest decides.
 */
export function createProcessLoad(memoryMs = 1_000): () => number {
  let since = performance.eventLoopUtilization();
  let at = performance.now();
  let share = 0;
  return () => {
    const now = performance.now();
    const passedMs = now - at;
    if (passedMs >= measureEveryMs) {
      const until = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(until, since);
      share += (utilization - share) * (1 - Math.exp(-passedMs / memoryMs));
      since = until;
      at = now;
    }
    return share;
  };
}
