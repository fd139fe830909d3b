import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createGathering } from '../../../src/commands/rooms/live/gathering.ts';

const settled = (promise: Promise<void>) => {
  const seen = { is: false };
  void promise.then(() => { seen.is = true; });
  return seen;
};

describe('when rooms write', () => {
  it('is the next turn of the event loop while the process is at leisure', async () => {
    const turn = settled(createGathering(() => 0.5).turn());
    await nextTurn();
    await nextTurn();
    expect(turn.is).toBe(true);
  });

  it('is later the busier it is, and the same moment for all of them', async () => {
    const gathering = createGathering(() => 1);
    const first = gathering.turn();
    await sleep(10);
    const second = settled(gathering.turn()); // who comes later waits less
    await nextTurn();
    expect(second.is).toBe(false);
    await first;
    await Promise.resolve();
    expect(second.is).toBe(true);
  });

  it('comes for who asks after it too', async () => {
    const gathering = createGathering(() => 0.8);
    await gathering.turn();
    await gathering.turn();
    await sleep(1);
    expect(settled(gathering.turn()).is).toBe(false);
  });

  it('is measured on the event loop itself, over a second or so: neither a moment of work nor one of rest decides', async () => {
    const gathering = createGathering();
    const waitsAfter = async (busyMs: number): Promise<boolean> => {
      const until = performance.now() + busyMs;
      while (performance.now() < until) await nextTurn(); // busy all the time
      const turn = settled(gathering.turn());
      await nextTurn();
      await nextTurn();
      return !turn.is;
    };
    expect(await waitsAfter(100)).toBe(false);
    expect(await waitsAfter(2_000)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await waitsAfter(0)).toBe(true);
  });
});
