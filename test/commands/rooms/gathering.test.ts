import { setImmediate as nextTurn } from 'node:timers/promises';
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
    const timers: { run: () => void; ms: number }[] = [];
    const gathering = createGathering(() => 1, { now: () => 0, later: (run, ms) => void timers.push({ run, ms }) });
    const [first, second] = [settled(gathering.turn()), settled(gathering.turn())]; // who comes later waits less
    await nextTurn();
    expect([first.is, second.is, timers.length]).toEqual([false, false, 1]);
    timers[0]!.run();
    await nextTurn();
    expect([first.is, second.is]).toEqual([true, true]);
    const calmer: number[] = [];
    void createGathering(() => 0.6, { now: () => 0, later: (_run, ms) => void calmer.push(ms) }).turn();
    expect(calmer[0]).toBeLessThan(timers[0]!.ms);
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
    const timers: (() => void)[] = [];
    const other = createGathering(() => 0.8, { now: () => 0, later: (run) => void timers.push(run) });
    const first = settled(other.turn());
    timers[0]!();
    const second = settled(other.turn());
    await nextTurn();
    expect([first.is, second.is, timers.length]).toEqual([true, false, 2]);
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
