import { createNowAndThen } from '../../src/eventLog/nowAndThen.ts';
import { eventually } from '../support/eventually.ts';

/** Counts the writes; each takes until it is let go. */
function slowWrite() {
  const held: (() => void)[] = [];
  let begun = 0;
  let atOnce = 0;
  let most = 0;
  return {
    write: async () => {
      begun += 1;
      most = Math.max(most, (atOnce += 1));
      await new Promise<void>((resolve) => held.push(resolve));
      atOnce -= 1;
    },
    letGo: () => held.shift()?.(),
    begun: () => begun,
    most: () => most,
  };
}

it('writes once for many changes', async () => {
  let writes = 0;
  const later = createNowAndThen(20, async () => { writes += 1; });
  for (let i = 0; i < 100; i += 1) later.soon();
  await eventually(() => writes === 1);
  await later.now();
  expect(writes).toBe(1);
  later.soon();
  await later.now();
  expect(writes).toBe(2);
});

it('writes one after the other', async () => {
  const slow = slowWrite();
  const later = createNowAndThen(0, slow.write);
  later.soon();
  await eventually(() => slow.begun() === 1);
  later.soon();
  const all = later.now();
  slow.letGo();
  await eventually(() => slow.begun() === 2);
  slow.letGo();
  await all;
  expect(slow.most()).toBe(1);
});

it('paused, waits for the write under way, begins none, and forgets nothing that is due', async () => {
  const slow = slowWrite();
  const later = createNowAndThen(0, slow.write);
  later.soon();
  await eventually(() => slow.begun() === 1);
  later.soon();
  let over = false;
  const paused = later.pause().then(() => { over = true; });
  expect(over).toBe(false);
  slow.letGo();
  await paused;
  expect(slow.begun()).toBe(1);
  later.soon();
  await eventually(() => slow.begun() === 2);
  slow.letGo();
  await later.now();
});
