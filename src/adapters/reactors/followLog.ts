import type pg from 'pg';
import type { EventLog } from '../../eventLog/eventLog.ts';
import { createNowAndThen } from '../../eventLog/nowAndThen.ts';
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

/** Events that could not be read or taken, since the checkpoint was last stored. */
type Unreadable = { count: number; last: object | undefined };

export type FollowOptions = {
  log: EventLog;
  pool: pg.Pool;
  process: ProcessIdentity;
  reactor: Reactor;
  maxAttempts: ReadonlyMap<string, number>;
  leaseMs: number;
  /** How long the checkpoint may stay behind while no event asks for a job. Milliseconds. */
  storeEveryMs: number;
  logger: { warn(facts: object, message: string): void; error(facts: object, message: string): void };
  onJobs(): void;
};

/**
 * Follows the log for one reactor, as long as this process owns it: jobs and the checkpoint commit together. Where there are none,
 * the checkpoint stays behind and is stored now and then: after a crash those events are read once more, and again ask for nothing.
 * @returns when another process owns the reactor, or `signal` was aborted
 * @throws ReactorMisfit · what Postgres and the log throw: call again later
 */
export async function followLog(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { log, pool, reactor, process: self, leaseMs } = options;
  const logId = await log.logId();
  let row = await readCheckpoint(pool, reactor.name);
  if (!row) {
    await beginAt(pool, reactor.name, logId, await log.head());
    row = await readCheckpoint(pool, reactor.name);
  }
  if (!row) return;
  const owner = row.owner;
  if (owner !== undefined && owner !== self.id && row.leased && !self.isDead(owner)) return;
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
  let position: Position = mine.position;
  let stored: Position = mine.position;
  let failure: unknown;
  const move = async (to: Position, specs: readonly JobSpec[], unreadable: Unreadable): Promise<boolean> => {
    const moved = await inTransaction(pool, async (db) => {
      if (!await moveCheckpoint(db, reactor.name, self.id, stored, to, unreadable)) return false;
      await addJobs(db, specs);
      return true;
    });
    if (moved) stored = to;
    return moved;
  };
  const checkpoint = createNowAndThen(options.storeEveryMs, async () => {
    try {
      if (position > stored && !await move(position, [], { count: 0, last: undefined })) end();
    } catch (error) {
      failure = error;
      end();
    }
  });
  try {
    if (signal.aborted) return;
    for await (const batch of log.subscribeAll({ after: position, ...(reactor.types && { types: reactor.types }), signal: over.signal })) {
      if (batch.position <= position) continue;
      const { specs, unreadable } = jobsOf(options, batch.events);
      if (specs.length > 0 || unreadable.count > 0) {
        await checkpoint.pause(); // two writes of it would take each other for another owner's
        if (failure !== undefined) throw failure;
        if (over.signal.aborted || !await move(batch.position, specs, unreadable)) return;
        if (specs.length > 0) options.onJobs();
      }
      position = batch.position;
      if (position > stored) checkpoint.soon();
    }
    await checkpoint.now();
    if (failure !== undefined) throw failure;
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
function jobsOf({ reactor, maxAttempts, logger }: FollowOptions, events: readonly Decoded[]): { specs: JobSpec[]; unreadable: Unreadable } {
  const specs: JobSpec[] = [];
  const unreadable: Unreadable = { count: 0, last: undefined };
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
