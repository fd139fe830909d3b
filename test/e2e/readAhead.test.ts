import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { percents } from '../../src/cli/server/heapGrowth.ts';
import { cleanEnvironment, startLectern, temporaryFolder } from '../support/lecternProcess.ts';

/** Tells at the end of its process which of Node's own parts it has loaded. */
const recorder = `--import=data:text/javascript,${encodeURIComponent("process.on('exit', () => console.error('loaded ' + process.moduleLoadList.join()))")}`;

async function loadedByStart(cache: string): Promise<string> {
  const data = await temporaryFolder();
  try {
    const server = await startLectern({ dataDir: data.path, environment: { NODE_COMPILE_CACHE: cache, NODE_OPTIONS: recorder } });
    await server.terminate();
    return server.output().split('\n').find((line) => line.startsWith('loaded '))!;
  } finally {
    await data.remove();
  }
}

describe('the program that was read ahead', () => {
  it('is not stripped of its types by the first start, which would keep the parser for good', async () => {
    const [cache, empty] = await Promise.all([temporaryFolder(), temporaryFolder()]);
    try {
      await promisify(execFile)(process.execPath, ['src/cli/readAhead.js'], { env: cleanEnvironment({ NODE_COMPILE_CACHE: cache.path }) });
      expect(await readdir(cache.path)).toHaveLength(1 + percents.length); // of the process, and of its threads at each growth of the heap
      expect(await loadedByStart(cache.path)).not.toContain('internal/deps/amaro');
      expect(await loadedByStart(empty.path)).toContain('internal/deps/amaro');
    } finally {
      await Promise.all([cache.remove(), empty.remove()]);
    }
  }, 60_000);
});
