import type { Decoded, Recorded } from '../../eventLog/recorded.ts';
import type { Position } from '../../ports/eventStore.ts';
import { advance, type Generation, pauseGeneration, schemaOf } from './generations.ts';
import type { PauseReason, ReadModel } from './readModel.ts';
import { inTransaction, type SqlPool, TransientSqlError } from './transaction.ts';

/** A generation that this process feeds. `position` follows its checkpoint. */
export type Member = { readonly model: ReadModel; readonly generation: Generation; position: Position };

/** `lost`: somebody else has it now, or it was retired or paused by hand. */
export type Fed = 'advanced' | 'paused' | 'lost';

export type Feed = {
  pool: SqlPool;
  owner: string;
  logId: string;
  /** Whether a person has recorded that this event may be skipped by this read model. */
  isSkipped(readModel: string, eventId: string): Promise<boolean>;
  now(): Date;
  /** Called after each commit. */
  onAdvanced(member: Member, events: number): void;
  onPaused(member: Member, paused: PauseReason): void;
};

export const positionOf = (decoded: Decoded): Position => (decoded.ok ? decoded.event.position : decoded.raw.position);

/**
 * Projects a batch and moves the checkpoint to `to`. When the batch fails, halves it until the one event is found that
 * cannot be projected: everything before it is committed, and the read model pauses there (unless a person recorded
 * that this event is to be skipped).
 * @throws TransientSqlError, or what the log throws: read the checkpoint again and go on from there.
 */
export async function feed(context: Feed, member: Member, batch: readonly Decoded[], to: Position): Promise<Fed> {
  const first = batch.findIndex((decoded) => positionOf(decoded) > member.position);
  const fresh = first === -1 ? [] : first === 0 ? batch : batch.slice(first);
  if (to <= member.position) return 'advanced';
  const fed = await span(context, member, fresh, to);
  return fed === 'advanced' && member.position < to ? await commit(context, member, [], to) : fed;
}

async function span(context: Feed, member: Member, items: readonly Decoded[], to: Position): Promise<Fed> {
  const unreadable = items.findIndex((decoded) => !decoded.ok && decoded.reason === 'unreadable');
  if (unreadable === -1) {
    try {
      return await commit(context, member, items, to);
    } catch (error) {
      if (error instanceof TransientSqlError) throw error;
      const only = items[0];
      if (items.length === 1 && only) return await stopAt(context, member, only, error instanceof Error ? error.message : String(error));
      if (items.length === 0) throw error;
    }
  }
  const cut = unreadable > 0 ? unreadable : unreadable === 0 ? 1 : Math.ceil(items.length / 2);
  const head = items.slice(0, cut);
  const last = head.at(-1);
  if (!last) return 'advanced';
  const fed = !last.ok && last.reason === 'unreadable'
    ? await stopAt(context, member, last, last.error)
    : await span(context, member, head, positionOf(last));
  const rest = items.slice(cut);
  return fed === 'advanced' && rest.length > 0 ? await span(context, member, rest, to) : fed;
}

async function commit(context: Feed, member: Member, items: readonly Decoded[], to: Position): Promise<Fed> {
  const events: Recorded[] = [];
  for (const decoded of items) if (decoded.ok) events.push(decoded.event);
  const fed = await inTransaction<Fed>(context.pool, async (db, rollback) => {
    const move = { owner: context.owner, logId: context.logId, from: member.position, to, events: items.length };
    if (!await advance(db, member.generation, move)) return rollback('lost');
    if (events.length > 0) await member.model.project(events, db, schemaOf(member.generation));
    return 'advanced';
  });
  if (fed === 'advanced') {
    member.position = to;
    context.onAdvanced(member, items.length);
  }
  return fed;
}

/** The one event that cannot be projected: past it if that is on record, else here. */
async function stopAt(context: Feed, member: Member, poison: Decoded, error: string): Promise<Fed> {
  const event = poison.ok ? poison.event : poison.raw;
  if (await context.isSkipped(member.model.name, event.id)) return await pass(context, member, event.position);
  const paused: PauseReason = {
    eventId: event.id, eventType: event.type, stream: event.stream, revision: event.revision, position: event.position,
    error: error.slice(0, 2_000), since: context.now().toISOString(),
  };
  const done = await inTransaction(context.pool, (db) => pauseGeneration(db, member.generation, context.owner, member.position, paused));
  if (!done) return 'lost';
  context.onPaused(member, paused);
  return 'paused';
}

async function pass(context: Feed, member: Member, to: Position): Promise<Fed> {
  const moved = await inTransaction(context.pool, (db) =>
    advance(db, member.generation, { owner: context.owner, logId: context.logId, from: member.position, to, events: 1 }));
  if (!moved) return 'lost';
  member.position = to;
  context.onAdvanced(member, 1);
  return 'advanced';
}
