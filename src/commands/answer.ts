import type { Position } from '../ports/eventStore.ts';

/** What every command answers: the aggregate's id, its stream's revision (the next If-Match) and a position to wait for (Min-Position). */
export type Answer = { id: string; revision: number; position: Position };

/** `ifMatch`: the revision that the caller saw; another one is refused with `staleRevision`. */
export type CommandOptions = { ifMatch?: number };

/** One item of a bulk command: its neighbours do not care how it went. */
export type ItemAnswer =
  | ({ outcome: 'done' } & Answer)
  | { outcome: 'refused'; id: string; code: string; message: string; details: Readonly<Record<string, unknown>> };
