import type pg from 'pg';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Decoded } from '../../eventLog/recorded.ts';
import type { Position } from '../../ports/eventStore.ts';
import type { ProcessIdentity } from '../processes/processIdentity.ts';
import { inTransaction } from '../processes/inTransaction.ts';
import { addJobs, type JobSpec } from './jobQueue.ts';
import type { Reactor } from './reactor.ts';
import { acquireReactor, beginAt, moveCheckpoint, readCheckpoint, renewReactor } from './reactorCheckpoint.ts';
import { defaultMaxAttempts } from './workers.ts';

/** A checkpoint that does not fit the log: jobs would be missed or made up, so the reactor refuses to start. */
export class ReactorMisfit extends Error {
  override readonly name = 'ReactorMisfit';
}

export type FollowOptions = {
  log: EventLog;
  pool: pg.Pool;
  process: ProcessIdentity;
  reactor: Reactor;
  maxAttempts: ReadonlyMap<string, number>;
  leaseMs: number;
  logger: { warn(facts: object, message: string): void; error(facts: object, message: string): void };
  onJobs(): void;
};

/**
 * Follows the log for one reactor, as long as this process owns it: each batch's jobs and the checkpoint commit together.
 * @returns when another process owns the reactor, or `signal` was aborted
 * @throws ReactorMisfit · what Postgres and the log throw: call again later
 */
export async function followLog(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { log, pool, reactor, process: self, leaseMs } = options;
  const logId = await log.logId();
  let checkpoint = await readCheckpoint(pool, reactor.name);
  if (!checkpoint) {
    await beginAt(pool, reactor.name, logId, await log.head());
    checkpoint = await readCheckpoint(pool, reactor.name);
  }
  if (!checkpoint) return;
  const owner = checkpoint.owner;
  if (owner !== undefined && owner !== self.id && checkpoint.leased && !self.isDead(owner)) return;
  const mine = await acquireReactor(pool, reactor.name, self.id, leaseMs, owner !== undefined && self.isDead(owner) ? owner : undefined);
  if (!mine) return;
  if (mine.logId !== logId) throw new ReactorMisfit(`Reactor ${reactor.name}: its checkpoint was taken on log ${mine.logId}, but this is log ${logId}`);
  const head = await log.head();
  if (mine.position > head) throw new ReactorMisfit(`Reactor ${reactor.name}: its checkpoint ${mine.position} lies beyond the log's head ${head}`);

  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener('abort', end);
  const renewal = setInterval(() => {
    renewReactor(pool, reactor.name, self.id, leaseMs).then((still) => { if (!still) end(); }, () => undefined); // unreachable: the compare-and-set decides
  }, leaseMs / 3);
  try {
    if (signal.aborted) return;
    let position: Position = mine.position;
    for await (const batch of log.subscribeAll({ after: position, signal: over.signal })) {
      if (batch.position <= position) continue;
      const { specs, unreadable } = jobsOf(options, batch.events);
      const moved = await inTransaction(pool, async (db) => {
        if (!await moveCheckpoint(db, reactor.name, self.id, position, batch.position, unreadable)) return false;
        await addJobs(db, specs);
        return true;
      });
      if (!moved) return;
      position = batch.position;
      if (specs.length > 0) options.onJobs();
    }
  } finally {
    end();
    clearInterval(renewal);
    signal.removeEventListener('abort', end);
  }
}

/**
 * An event that cannot be read, or that the reactor chokes on, makes no job, is counted and named, and does not stop the
 * others: it only says "look again", and reconciliation looks anyway.
 */
function jobsOf({ reactor, maxAttempts, logger }: FollowOptions, events: readonly Decoded[]): { specs: JobSpec[]; unreadable: { count: number; last: object | undefined } } {
  const specs: JobSpec[] = [];
  const unreadable: { count: number; last: object | undefined } = { count: 0, last: undefined };
  const refuse = (event: { id: string; type: string; stream: string; position: string }, error: string) => {
    unreadable.count += 1;
    unreadable.last = { eventId: event.id, type: event.type, stream: event.stream, position: event.position, error: error.slice(0, 500) };
    logger.error({ reactor: reactor.name, ...unreadable.last }, 'a reactor could not take an event');
  };
  for (const decoded of events) {
    if (!decoded.ok) {
      if (decoded.reason === 'unreadable') refuse(decoded.raw, decoded.error);
      continue;
    }
    try {
      for (const request of reactor.jobs(decoded.event)) specs.push({ ...request, maxAttempts: maxAttempts.get(request.task) ?? defaultMaxAttempts });
    } catch (error) {
      refuse(decoded.event, error instanceof Error ? error.message : String(error));
    }
  }
  return { specs, unreadable };
}
