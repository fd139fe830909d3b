import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { growAsBusy } from '../../src/cli/server/heapGrowth.ts';

describe('how far the heap may grow between two markings', () => {
  it('is more while the event loop is busy, and what the server was started with again behind it', async () => {
    const flags: string[] = [];
    const stop = growAsBusy((flag) => void flags.push(flag));
    const until = performance.now() + 2_200;
    while (performance.now() < until) await nextTurn(); // busy all the time
    expect(flags).toEqual(['--heap-growing-percent=100']);
    await sleep(2_200);
    expect(flags).toEqual(['--heap-growing-percent=100', '--heap-growing-percent=50']);
    stop();
    expect(flags).toHaveLength(2);
  });

  it('is at leisure what npm start and the image say', async () => {
    for (const file of ['package.json', 'Dockerfile']) expect(await readFile(file, 'utf8')).toContain('--heap-growing-percent=50');
  });
});
