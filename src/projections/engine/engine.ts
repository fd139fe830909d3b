import { DomainError } from '../../domain/kernel/domainError.ts';
import type { Position } from '../../ports/eventStore.ts';
import { completeUpTo } from './completeUpTo.ts';
import { CheckpointMisfit, type EngineOptions } from './engineOptions.ts';
import type { Feed } from './feed.ts';
import { dropGeneration, type GenerationKey, listDroppable, schemaOf, unpause } from './generations.ts';
import { createHeadWatch } from './headWatch.ts';
import { createKnock } from './knock.ts';
import { createPositionSignal } from './positionSignal.ts';
import type { ReadModels } from './readModel.ts';
import { replay, type ReplayOptions } from './replay.ts';
import { isSkipped, type Skipped, skipPoison } from './skip.ts';
import { createSnapshot } from './snapshot.ts';
import { statusOf } from './status.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { inTransaction } from './transaction.ts';

export type ProjectionEngine = ReadModels & {
  /**
   * Begins to feed (or only to watch, see `feeds`). Postgres or log away: goes on trying in the background.
   * @throws CheckpointMisfit when a checkpoint is of another log or beyond the head; then nothing runs.
   */
  start(): Promise<void>;
  /** Finishes the batches in flight and gives up ownership, so that another process goes on at once. */
  stop(): Promise<void>;
  /** Rebuilds read models beside the ones that serve; see replay.ts. Reactors have checkpoints of their own: nothing fires. */
  replay(names: readonly string[] | 'all', options?: ReplayOptions): Promise<void>;
  /** Goes past the event at which the read model is paused; recorded with reason and actor. @throws DomainError readModelNotPaused, unknownReadModel */
  skip(name: string, reason: string, actor: { id: string; role: string }): Promise<Skipped[]>;
  /** Tries the event at which the read model is paused once more. @throws DomainError readModelNotPaused, unknownReadModel */
  resume(name: string): Promise<void>;
};

/** Feeds read models from the log and answers where they stand. One per process. */
export function createProjectionEngine(options: EngineOptions): ProjectionEngine {
  const { log, pool, readModels, logger, clock, metrics } = options;
  checkNames(readModels);
  const signal = createPositionSignal();
  const snapshot = createSnapshot(pool, readModels, (name, position) => signal.reached(name, position));
  const headWatch = createHeadWatch(log, snapshot, readModels.map((model) => model.name), metrics);
  const knock = createKnock(); // on the main loop: look now
  const pollKnock = createKnock();
  let supervisor: Supervisor | undefined;
  let logId: string | undefined;
  let lastError: string | undefined;
  let stopped = false;
  let first: Promise<void> = Promise.resolve();
  let loops: Promise<unknown>[] = [];
  let cleanUpAt = Date.now() + 60_000;

  const knowLogId = async (): Promise<string> => (logId ??= await log.logId());

  async function look(): Promise<void> {
    await snapshot.refresh();
    if (options.feeds === 'nothing') return;
    const id = await knowLogId();
    const context: Feed = {
      pool, owner: options.process.id, logId: id,
      isSkipped: (readModel, eventId) => isSkipped(log, readModel, eventId),
      now: () => clock.now(),
      onAdvanced(member, events) {
        snapshot.advanced(member.generation, member.position, events);
        metrics?.events.inc({ readModel: member.model.name }, events);
      },
      onPaused: (member, paused) => logger.error({ readModel: member.model.name, ...paused }, 'a read model is paused: it cannot project an event'),
    };
    supervisor ??= createSupervisor(options, snapshot, context, knock.knock);
    await supervisor.look();
  }

  async function lookSafely(): Promise<void> {
    try {
      await look();
      lastError = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== lastError) logger.warn({ err: error }, 'the projection engine cannot look after its read models and tries again');
      lastError = message;
    }
  }

  async function superviseLoop(): Promise<void> {
    await first;
    while (!stopped) {
      await knock.heardWithin(options.tickMs ?? 1_000);
      if (stopped) return;
      await lookSafely();
      if (Date.now() > cleanUpAt && options.feeds !== 'nothing') {
        cleanUpAt = Date.now() + 60_000;
        await cleanUp().catch((error: unknown) => logger.warn({ err: error }, 'old read model generations could not be dropped yet'));
      }
    }
  }

  /** While somebody waits for a read model that another process feeds, its row and the log are all there is to look at. */
  async function pollLoop(): Promise<void> {
    while (!stopped) {
      const elsewhere = awaitedElsewhere();
      await pollKnock.heardWithin(elsewhere.length > 0 ? 20 : 1_000);
      if (elsewhere.length > 0 && !stopped) await lookElsewhere().catch(() => undefined);
    }
  }

  const awaitedElsewhere = () => signal.awaited().filter(({ name }) => {
    const serving = snapshot.serving(name);
    return !serving || !supervisor?.feeds(serving);
  });

  async function lookElsewhere(): Promise<void> {
    await snapshot.refresh();
    for (const { name, position } of awaitedElsewhere()) {
      const serving = snapshot.serving(name);
      if (!serving || serving.position >= position) continue;
      const reached = await completeUpTo(log, readModels.find((model) => model.name === name)?.types, serving.position, position);
      if (reached > serving.position) snapshot.advanced(serving, reached, 0);
    }
  }

  async function cleanUp(): Promise<void> {
    const droppable = await listDroppable(pool, readModels, options.dropRetiredAfterMs ?? 600_000, options.dropUnfedVersionsAfterMs ?? 86_400_000);
    for (const key of droppable) await inTransaction<void>(pool, (db) => dropGeneration(db, key));
  }

  async function serving(name: string): Promise<GenerationKey & { position: Position }> {
    known(name);
    const cached = snapshot.serving(name);
    if (cached) return cached;
    const deadline = Date.now() + 2_000; // the very first start: the tables are being made
    for (;;) {
      await snapshot.refresh();
      const row = snapshot.serving(name);
      if (row) return row;
      if (Date.now() > deadline) throw new DomainError('readModelUnavailable', `the read model ${name} has not been built yet`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  function known(name: string): void {
    if (!readModels.some((model) => model.name === name)) throw new DomainError('unknownReadModel', `there is no read model ${name}`, { known: readModels.map((model) => model.name) });
  }

  async function pausedOnes(name: string) {
    known(name);
    await snapshot.refresh();
    const paused = snapshot.all().filter((row) => row.name === name && row.paused);
    if (paused.length === 0) throw new DomainError('readModelNotPaused', `the read model ${name} is not paused`);
    return paused;
  }

  return {
    async start() {
      first = lookSafely();
      // A log that hangs does not hold up the start: queries are answered from what there is.
      await Promise.race([first, new Promise((resolve) => setTimeout(resolve, options.startWithinMs ?? 5_000).unref())]);
      const misfit = options.feeds === 'rebuilds' ? undefined : [...supervisor?.refused.values() ?? []][0];
      if (misfit) {
        await supervisor?.stop();
        throw misfit;
      }
      loops = [superviseLoop(), pollLoop(), headWatch.run()];
    },
    async stop() {
      stopped = true;
      knock.knock();
      pollKnock.knock();
      signal.close();
      headWatch.stop();
      await supervisor?.stop().catch((error: unknown) => logger.warn({ err: error }, 'leases of read models could not be given back; they run out by themselves'));
      await Promise.all(loops);
    },
    schema: async (name) => schemaOf(await serving(name)),
    async position(name) {
      const row = await serving(name);
      const now = snapshot.get(row);
      if (!now || !supervisor?.feeds(now)) await snapshot.refresh();
      return (await serving(name)).position;
    },
    async waitFor(name, position, timeoutMs) {
      known(name);
      if ((snapshot.serving(name)?.position ?? '') >= position && snapshot.serving(name)) return true;
      const waiting = signal.wait(name, position, timeoutMs);
      pollKnock.knock();
      return await waiting;
    },
    async status() {
      const error = await snapshot.refresh().then(() => lastError, (failed: unknown) => (failed instanceof Error ? failed.message : String(failed)));
      return statusOf(readModels, snapshot, headWatch, supervisor, error);
    },
    async replay(names, more) {
      const wanted = names === 'all' ? readModels : names.map((name) => {
        known(name);
        return readModels.filter((model) => model.name === name);
      }).flat();
      await replay({ pool, snapshot, logId: knowLogId, lookAgain: knock.knock }, wanted, more);
    },
    async skip(name, reason, actor) {
      const skipped = await skipPoison({ log, pool, clock }, await pausedOnes(name), reason, actor);
      knock.knock();
      return skipped;
    },
    async resume(name) {
      for (const row of await pausedOnes(name)) await unpause(pool, row, row.paused?.eventId ?? '');
      knock.knock();
    },
  };
}

function checkNames(readModels: EngineOptions['readModels']): void {
  const seen = new Set<string>();
  for (const { name, version } of readModels) {
    if (!/^[a-z][A-Za-z0-9]{0,29}$/.test(name) || !Number.isInteger(version) || version < 1) throw new Error(`"${name}" version ${version} is no name and version of a read model`);
    if (seen.has(name)) throw new Error(`two read models are called ${name}`);
    seen.add(name);
  }
}

export { CheckpointMisfit };
