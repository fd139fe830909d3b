import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ReadModel } from './readModel.ts';
import type { SqlPool } from './transaction.ts';

/** This process among others: leases carry `id`, and `isDead` tells at once of an owner on this host that is gone. */
export type ProcessIdentity = { id: string; isDead(id: string): boolean };

export type EngineLog = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

/** As prom-client has them. */
export type EngineMetrics = {
  /** Labels: readModel. */
  lagSeconds: { set(labels: { readModel: string }, value: number): void };
  /** Labels: readModel. 1 while paused. */
  paused: { set(labels: { readModel: string }, value: number): void };
  /** Labels: readModel. */
  events: { inc(labels: { readModel: string }, value: number): void };
};

export type EngineOptions = {
  log: EventLog;
  /** At least one connection per read model and one more, or they wait for each other. */
  pool: SqlPool;
  readModels: readonly ReadModel[];
  process: ProcessIdentity;
  clock: Clock;
  logger: EngineLog;
  metrics?: EngineMetrics;
  /** `all`: feeds whatever is free. `rebuilds`: only generations being built (the command line). `nothing`: only answers queries. Default all. */
  feeds?: 'all' | 'rebuilds' | 'nothing';
  /** Ownership lasts this long without renewal. Default 10 s. */
  leaseMs?: number;
  /** How often rows are looked at for changes that others made. Default 1 s. */
  tickMs?: number;
  /** Most events in a batch. The more, the better a rebuild folds before it writes; a live batch holds what there is. Default 5,000. */
  maxBatch?: number;
  /** How long a checkpoint may stay behind while no event of its read model's types comes. Default 1 s. */
  storeEveryMs?: number;
  /** start() returns after this even when the log or Postgres hangs. Default 5 s. */
  startWithinMs?: number;
  /** Retired generations keep their tables this long, for queries that still read them. Default 10 min. */
  dropRetiredAfterMs?: number;
  /** Older versions that nobody feeds any more are dropped after this. Default 24 h. */
  dropUnfedVersionsAfterMs?: number;
};

/** A checkpoint that does not fit the log. Feeding on would make a wrong read model, so the engine refuses to start. */
export class CheckpointMisfit extends Error {
  override readonly name = 'CheckpointMisfit';
  readonly code: 'checkpointOfAnotherLog' | 'checkpointBeyondHead';
  readonly readModel: string;
  constructor(code: 'checkpointOfAnotherLog' | 'checkpointBeyondHead', readModel: string, detail: string) {
    super(`Read model ${readModel}: ${detail}. If this log is the right one, rebuild it: lectern replay ${readModel}`);
    this.code = code;
    this.readModel = readModel;
  }
}
