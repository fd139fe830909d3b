import type { Position } from '../../ports/eventStore.ts';
import { ensureGenerations, type Generation, type GenerationKey, keyOf, listGenerations } from './generations.ts';
import type { Sql } from './readModel.ts';

/** What this process last saw of lectern.read_models, brought forward by its own commits. */
export type Snapshot = {
  /** Reads the rows anew (one query), and makes missing first ones. Calls that overlap share one query. */
  refresh(): Promise<void>;
  all(): Generation[];
  get(key: GenerationKey): Generation | undefined;
  /** Which generation answers queries: the live one, or while there is none, the one being built (once it has tables). */
  serving(name: string): Generation | undefined;
  advanced(key: GenerationKey, to: Position, events: number): void;
  /** A rebuild was put in place by this process. */
  switched(key: GenerationKey): void;
};

export function createSnapshot(db: Sql, models: readonly { name: string; version: number }[], onPosition: (name: string, position: Position) => void): Snapshot {
  let rows = new Map<string, Generation>();
  let inFlight: Promise<void> | undefined;

  const serving = (name: string) => {
    let newest: Generation | undefined;
    for (const row of rows.values()) {
      if (row.name !== name || !row.schemaMade) continue;
      if (row.state === 'live') return row;
      newest = row;
    }
    return newest;
  };
  const tell = () => {
    for (const { name } of models) {
      const row = serving(name);
      if (row) onPosition(name, row.position);
    }
  };

  async function load(): Promise<void> {
    let found = await listGenerations(db, models);
    if (models.some((model) => !found.some((row) => row.name === model.name))) {
      await ensureGenerations(db, models);
      found = await listGenerations(db, models);
    }
    const next = new Map(found.map((row) => [keyOf(row), row]));
    for (const [key, row] of next) {
      // Our own commits may have overtaken the query.
      const known = rows.get(key);
      if (known && known.position > row.position) next.set(key, { ...row, position: known.position, events: known.events });
    }
    for (const known of rows.values()) {
      // A query that began before our own switch must not bring the old generation back: nobody feeds it any more.
      const now = next.get(keyOf(known));
      if (known.state !== 'live' || !now) continue;
      for (const [key, row] of next) if (row.name === known.name && row.generation < known.generation) next.delete(key);
      next.set(keyOf(known), { ...now, state: 'live' });
    }
    rows = next;
    tell();
  }

  return {
    refresh() {
      inFlight ??= load().finally(() => { inFlight = undefined; });
      return inFlight;
    },
    all: () => [...rows.values()],
    get: (key) => rows.get(keyOf(key)),
    serving,
    advanced(key, to, events) {
      const row = rows.get(keyOf(key));
      if (!row) return;
      row.position = to; // in place: this is called for every append there is
      row.events += events;
      if (serving(key.name) === row) onPosition(key.name, to);
    },
    switched(key) {
      for (const [id, row] of rows) if (row.name === key.name && row.state === 'live') rows.delete(id);
      const row = rows.get(keyOf(key));
      if (row) rows.set(keyOf(key), { ...row, state: 'live' });
      tell();
    },
  };
}
