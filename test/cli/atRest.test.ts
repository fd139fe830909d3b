import { setImmediate as nextTurn } from 'node:timers/promises';
import { atRest } from '../../src/cli/server/atRest.ts';

/** The event loop does nothing but work until then, or until it is told to stop. */
function work(forMs: number): { done: Promise<void>; stop(): void } {
  let until = performance.now() + forMs;
  const done = (async () => {
    while (performance.now() < until) await nextTurn();
  })();
  return { done, stop: () => { until = 0; } };
}
const waited = async (): Promise<number> => {
  const from = performance.now();
  await atRest();
  return performance.now() - from;
};

describe('a server that says that it is ready', () => {
  it('waits until what a start begins with is done', async () => {
    const { done } = work(200);
    const ms = await waited();
    await done;
    expect(ms).toBeGreaterThanOrEqual(200);
    expect(ms).toBeLessThan(450);
  });

  it('waits no longer than half a second if it never is', async () => {
    const { done, stop } = work(5_000);
    const ms = await waited();
    stop();
    await done;
    expect(ms).toBeGreaterThanOrEqual(500);
    expect(ms).toBeLessThan(1_500);
  });

  it('does not wait at rest', async () => {
    expect(await waited()).toBeLessThan(200);
  });
});
