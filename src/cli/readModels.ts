import { createProjectionEngine, type ProjectionEngine } from '../projections/engine/engine.ts';
import { readModels } from '../projections/readModels.ts';
import type { Core } from '../main.ts';

/** The engine for one command. `rebuilds` feeds only what is being rebuilt; the server goes on feeding what serves. */
export async function withReadModels<T>(core: Core, feeds: 'rebuilds' | 'nothing', work: (engine: ProjectionEngine) => Promise<T>): Promise<T> {
  const { log, pool, process, clock, logger } = core;
  const engine = createProjectionEngine({ log, pool, readModels, process, clock, logger, feeds });
  await engine.start();
  try {
    return await work(engine);
  } finally {
    await engine.stop();
  }
}
