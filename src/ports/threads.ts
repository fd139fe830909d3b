import module from 'node:module';
import path from 'node:path';
import type { WorkerOptions } from 'node:worker_threads';

/**
 * What a thread of ours starts with: a heap of so many MB; none of the process's flags, and nothing of its environment (secrets among it).
 * Only where the process keeps compiled code, it finds that too: without it each thread loads the parser that strips types, 50 MB for good.
 */
export function threadOptions(memoryMb: number): WorkerOptions {
  const cache = module.getCompileCacheDir();
  return {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Node answers with the folder of this version of it, and takes the folder above.
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(cache) },
  };
}
