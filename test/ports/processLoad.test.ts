import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createProcessLoad } from '../../src/ports/processLoad.ts';

const work = async (forMs: number) => {
  for (const until = performance.now() + forMs; performance.now() < until;) await nextTurn();
};

describe('how busy the process is', () => {
  it('is what the event loop did over a second or so: neither a moment of work nor one of rest decides', async () => {
    const load = createProcessLoad();
    expect(load()).toBe(0);
    await work(100);
    expect(load()).toBeGreaterThan(0);
    expect(load()).toBeLessThan(0.3);
    await work(2_000);
    expect(load()).toBeGreaterThan(0.7);
    await sleep(100);
    expect(load()).toBeGreaterThan(0.6);
    await sleep(2_000);
    expect(load()).toBeLessThan(0.3);
  });

  it('has as long a memory as it is given', async () => {
    const [short, long] = [createProcessLoad(100), createProcessLoad(60_000)];
    await work(500);
    expect([short() > 0.6, long() < 0.1]).toEqual([true, true]);
  });
});
