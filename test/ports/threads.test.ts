import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../support/lecternProcess.ts';

const source = fileURLToPath(new URL('../../src/ports/threads.ts', import.meta.url));
const inThread = `
  const { parentPort, resourceLimits } = require('node:worker_threads');
  const { heap_size_limit } = require('node:v8').getHeapStatistics();
  parentPort.postMessage({ mostMb: heap_size_limit / 1_048_576, limits: resourceLimits, flags: process.execArgv, environment: process.env, cache: require('node:module').getCompileCacheDir() });`;
const program = `
  import module from 'node:module';
  import { Worker } from 'node:worker_threads';
  import { threadOptions } from ${JSON.stringify(source)};
  if (process.env.CACHE) module.enableCompileCache(process.env.CACHE);
  new Worker(${JSON.stringify(inThread)}, { eval: true, ...threadOptions(64) })
    .on('message', (thread) => console.log(JSON.stringify({ thread, cache: module.getCompileCacheDir() })));`;

type Told = { cache?: string; thread: { mostMb: number; cache?: string; flags: string[]; environment: Record<string, string>; limits: { maxOldGenerationSizeMb: number } } };

async function threadOf(environment: Record<string, string>): Promise<Told> {
  const { NODE_COMPILE_CACHE: _, ...clean } = cleanEnvironment({ LECTERN_MASTER_KEY: 'secret', ...environment });
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '--min-semi-space-size=32', '--max-semi-space-size=32', '-e', program], { env: clean });
  return JSON.parse(stdout) as Told;
}

describe('a thread of ours', () => {
  it('has a heap of its own size, and neither flags nor secrets of the process', async () => {
    const { cache, thread } = await threadOf({});
    expect(thread.limits.maxOldGenerationSizeMb).toBe(64);
    expect(thread.mostMb).toBeLessThanOrEqual(64 + 24); // the young generation among it, whatever the process has
    expect(thread.flags).toEqual(['--disable-warning=ExperimentalWarning']);
    expect(thread.environment).toEqual({});
    expect([cache, thread.cache]).toEqual([undefined, undefined]);
  });

  it('finds the compiled code where the process keeps it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lectern-cache-'));
    try {
      const { cache, thread } = await threadOf({ CACHE: folder });
      expect(cache?.startsWith(folder)).toBe(true);
      expect(thread.cache).toBe(cache);
      expect(Object.keys(thread.environment)).toEqual(['NODE_COMPILE_CACHE']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
