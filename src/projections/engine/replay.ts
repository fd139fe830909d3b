import { DomainError } from '../../domain/kernel/domainError.ts';
import { beginRebuild, type Generation, type GenerationKey, keyOf } from './generations.ts';
import type { ReadModel } from './readModel.ts';
import type { Snapshot } from './snapshot.ts';
import { inTransaction, type SqlPool } from './transaction.ts';

export type ReplayProgress = {
  readModels: { name: string; events: number; state: 'building' | 'live' | 'paused' }[];
  /** Of all of them together. A read model counts the events of its own types. */
  events: number;
  /** What those that serve have counted; undefined when one of them does not serve yet. */
  totalEvents: number | undefined;
  /** Over the last seconds. */
  eventsPerSecond: number;
  etaSeconds: number | undefined;
};

export type ReplayOptions = {
  onProgress?: (progress: ReplayProgress) => void;
  /** Stops waiting; what was built so far stays, and whoever runs the engine (or the next replay) goes on with it. */
  signal?: AbortSignal;
  /** Default 250 ms. */
  progressEveryMs?: number;
};

/**
 * Rebuilds beside what serves, and returns when the new generations serve. Interrupted, it is resumed by calling it again.
 * @throws DomainError replayPaused (an event cannot be projected: resume or skip, then replay goes on) · what `signal` was aborted with
 */
export async function replay(
  deps: { pool: SqlPool; snapshot: Snapshot; logId(): Promise<string>; lookAgain(): void }, models: readonly ReadModel[], options: ReplayOptions = {},
): Promise<void> {
  const logId = await deps.logId();
  const begun: GenerationKey[] = [];
  for (const model of models) begun.push(await inTransaction(deps.pool, (db) => beginRebuild(db, { name: model.name, version: model.version }, logId)));
  await deps.snapshot.refresh();
  deps.lookAgain();

  const speed = speedometer();
  for (;;) {
    options.signal?.throwIfAborted();
    await deps.snapshot.refresh().catch(() => undefined); // Postgres away: the rebuild waits, and so do we
    const rows = begun.map((key) => deps.snapshot.get(key));
    const progress = progressOf(begun, rows, deps.snapshot.all(), speed);
    options.onProgress?.(progress);
    if (rows.every((row) => row?.state === 'live')) return;
    const open = rows.filter((row) => row?.state !== 'live');
    const stuck = open.find((row) => row?.paused);
    if (stuck?.paused && open.every((row) => row?.paused)) {
      throw new DomainError('replayPaused', `${stuck.name} cannot project event ${stuck.paused.eventId} (${stuck.paused.eventType}): ${stuck.paused.error}`, { readModel: stuck.name, ...stuck.paused });
    }
    await new Promise((resolve) => setTimeout(resolve, options.progressEveryMs ?? 250));
  }
}

function progressOf(begun: readonly GenerationKey[], rows: readonly (Generation | undefined)[], all: readonly Generation[], speed: (events: number) => number): ReplayProgress {
  const ours = new Set(begun.map(keyOf));
  const counted = begun.map(({ name }, i) => (rows[i]?.state === 'live' ? rows[i] : all.find((row) => row.name === name && row.state === 'live' && !ours.has(keyOf(row))))?.events);
  const readModels = begun.map((key, i) => ({
    name: key.name, events: rows[i]?.events ?? 0, state: rows[i]?.paused ? 'paused' as const : rows[i]?.state ?? 'building' as const,
  }));
  const events = readModels.reduce((sum, one) => sum + one.events, 0);
  const totalEvents = counted.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0);
  const eventsPerSecond = speed(events);
  const etaSeconds = totalEvents !== undefined && eventsPerSecond > 0 ? Math.max(0, totalEvents - events) / eventsPerSecond : undefined;
  return { readModels, events, totalEvents, eventsPerSecond, etaSeconds };
}

/** Events per second over the last five seconds. */
function speedometer(): (events: number) => number {
  const seen: { at: number; events: number }[] = [];
  return (events) => {
    const at = performance.now();
    seen.push({ at, events });
    while (seen.length > 2 && (seen[0]?.at ?? at) < at - 5_000) seen.shift();
    const first = seen[0];
    return first && at > first.at ? Math.max(0, ((events - first.events) * 1000) / (at - first.at)) : 0;
  };
}
