import { keyOf } from './generations.ts';
import type { HeadWatch } from './headWatch.ts';
import type { ReadModelStatus } from './readModel.ts';
import type { Snapshot } from './snapshot.ts';
import type { Supervisor } from './supervisor.ts';

/** One line per generation that is building or live; a read model of which nothing is known yet has one, too. */
export function statusOf(
  models: readonly { name: string; version: number }[], snapshot: Snapshot, watch: HeadWatch, supervisor: Supervisor | undefined, error: string | undefined,
): ReadModelStatus[] {
  return models.flatMap(({ name, version }): ReadModelStatus[] => {
    const rows = snapshot.all().filter((row) => row.name === name);
    const lagMs = Math.round(watch.behindMs(name));
    const staleSeconds = Math.round(watch.staleMs(name) / 100) / 10;
    if (rows.length === 0) {
      return [{ name, version, generation: 0, state: 'stopped', position: '', lagMs, staleSeconds, owner: undefined, pausedAt: undefined, error: error ?? watch.error() ?? 'it has not been built yet' }];
    }
    return rows.map((row) => {
      const refused = supervisor?.refused.has(keyOf(row)) ?? false;
      const owned = row.owner !== undefined && row.leased;
      return {
        name, version, generation: row.generation,
        state: row.paused ? 'paused' : refused || !owned ? 'stopped' : row.state,
        position: row.position, lagMs, staleSeconds,
        owner: owned ? row.owner : undefined,
        pausedAt: row.paused,
        error: error ?? supervisor?.errors.get(keyOf(row)) ?? watch.error() ?? (owned || row.paused ? undefined : 'no process feeds it'),
      };
    });
  });
}
