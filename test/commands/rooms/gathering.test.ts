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

  it('is a matter of how busy this process is', async () => {
    const gathering = createGathering();
    for (const until = performance.now() + 1_500; performance.now() < until;) await nextTurn(); // busy all the time
    const turn = settled(gathering.turn());
    await nextTurn();
    await nextTurn();
    expect(turn.is).toBe(false);
  });
});
