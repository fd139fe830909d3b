import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { growAsBusy } from '../../src/cli/server/heapGrowth.ts';

describe('how far the heap may grow between two markings', () => {
  it('is half at leisure, to double while the event loop is busy, to three times on a full core, and V8\'s own reckoning again at the end', async () => {
    const flags: string[] = [];
    let busy = 0.39;
    const stop = growAsBusy((flag) => void flags.push(flag), [], () => busy);
    expect(flags).toEqual(['--heap-growing-percent=50']);
    await sleep(1_200);
    busy = 0.41;
    await sleep(1_200);
    expect(flags).toEqual(['--heap-growing-percent=50', '--heap-growing-percent=100']);
    busy = 0.61;
    await sleep(1_200);
    busy = 0;
    await sleep(1_200);
    expect(flags.slice(2)).toEqual(['--heap-growing-percent=200', '--heap-growing-percent=50']);
    stop();
    busy = 1;
    await sleep(1_200);
    expect(flags.slice(4)).toEqual(['--heap-growing-percent=0']);
  });

  it.each(['--heap-growing-percent=70', '--heap_growing_percent=70', '--heap-growing-percent'])('is nobody else\'s business where node was started with %s', async (own) => {
    const flags: string[] = [];
    const stop = growAsBusy((flag) => void flags.push(flag), ['--max-old-space-size=1536', own], () => 1);
    await sleep(1_200);
    stop();
    expect(flags).toEqual([]);
  });

  it('is a flag that this V8 still has: of one that it does not know it only complains', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--v8-options']);
    expect(stdout).toMatch(/^\s+--heap-growing-percent /m);
  });
});
