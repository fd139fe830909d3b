import type { Recorded } from '../../eventLog/recorded.ts';
import type { Position } from '../../ports/eventStore.ts';

/** What a projection and a query need of Postgres: a pool, a client, or a transaction. */
export type Sql = {
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
};

/**
 * One read model: its tables and how events become rows. Raise `version` whenever either changes: the engine then
 * builds the new version beside the one that serves, in a Postgres schema of its own.
 */
export type ReadModel = {
  /** [a-z][A-Za-z0-9]*, at most 30 characters: part of the Postgres schema's name. */
  name: string;
  /** From 1. */
  version: number;
  /**
   * The event types that `project` reads, a static list: events of other types are neither read nor decoded for it, and cost it no
   * transaction. Absent: every event. A type that is missing here is lost on this read model, so a test holds the list against `project`.
   */
  types?: readonly string[];
  /** DDL, run once in a new and empty schema. `schema` is already quoted: write `create table ${schema}.lessons (…)`. */
  schemaSql(schema: string): string;
  /**
   * A batch in log order: fold it in memory first, then write each row once. Runs inside the transaction that moves the
   * checkpoint, so it must not commit, nor keep anything in memory between batches that a rollback would falsify.
   * Throwing pauses this read model at the event that cannot be projected.
   */
  project(events: readonly Recorded[], db: Sql, schema: string): Promise<void>;
};

/**
 * `building`: no complete generation of this version exists yet; queries are answered from the one that is catching up ·
 * `live`: follows the log · `paused`: stands before an event that it cannot project · `stopped`: this process does not
 * run it, or its checkpoint does not fit the log.
 */
export type ReadModelState = 'building' | 'live' | 'paused' | 'stopped';

/** An event that a read model cannot get past, and why. */
export type PauseReason = { eventId: string; eventType: string; stream: string; revision: number; position: Position; error: string; since: string };

export type ReadModelStatus = {
  name: string;
  version: number;
  generation: number;
  state: ReadModelState;
  position: Position;
  /** Milliseconds since the oldest event of the log that is known not to be projected yet was first seen; 0 when at the head. */
  lagMs: number;
  /** Seconds since this read model was last seen at the head of the log; a measure of how stale its answers may be. */
  staleSeconds: number;
  /** Id of the process that feeds it; undefined when nobody does. */
  owner: string | undefined;
  pausedAt: PauseReason | undefined;
  /** Why it makes no progress although it is not paused: log or Postgres away, checkpoint of another log. */
  error: string | undefined;
};

/** What queries and http need of the engine. */
export type ReadModels = {
  /** The quoted Postgres schema of the serving generation of this process's version. Cached; cheap to call for each query. */
  schema(name: string): Promise<string>;
  /** Up to where the serving generation is complete: its checkpoint, or beyond it where no event of its types follows. */
  position(name: string): Promise<Position>;
  /** @returns whether the read model reached `position` within `timeoutMs`. Never throws for an unreachable Postgres: then false. */
  waitFor(name: string, position: Position, timeoutMs: number): Promise<boolean>;
  status(): Promise<ReadModelStatus[]>;
};
