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
    await sleep(1);
    const second = settled(gathering.turn()); // who comes later waits less
    await nextTurn();
    expect(second.is).toBe(false);
    await first;
    await Promise.resolve();
    expect(second.is).toBe(true);
  });

  it('is a while after the one before, and no later for what writing took', () => {
    let now = 1_000;
    let load = 1;
    const waits: number[] = [];
    let run = () => {};
    const gathering = createGathering(() => load, { now: () => now, later: (then, ms) => { waits.push(ms); run = then; } });
    const turn = () => {
      void gathering.turn();
      now += waits.at(-1)!;
      run();
    };
    turn(); // the first for a long time: a little, so that all come along
    now += 10;
    turn(); // writing took 10 ms of the 50
    now += 45;
    turn(); // and now so long that only that little is left
    load = 0.625;
    turn(); // half as busy, half as far apart
    expect(waits).toEqual([12.5, 40, 12.5, 25]);
  });

  it('comes for who asks after it too', async () => {
    const gathering = createGathering(() => 0.8);
    await gathering.turn();
    await gathering.turn();
    await sleep(1);
    expect(settled(gathering.turn()).is).toBe(false);
  });

  it('is a matter of how busy this process is', async () => {
    const gathering = createGathering();
    for (const until = performance.now() + 1_500; performance.now() < until;) await nextTurn(); // busy all the time
    const turn = settled(gathering.turn());
    await nextTurn();
    await nextTurn();
    expect(turn.is).toBe(false);
  });
});
