import type { Decoded, Recorded } from '../../eventLog/recorded.ts';
import type { Position } from '../../ports/eventStore.ts';
import { advance, type Generation, pauseGeneration, schemaOf } from './generations.ts';
import type { PauseReason, ReadModel } from './readModel.ts';
import { inTransaction, type SqlPool, TransientSqlError } from './transaction.ts';

/**
 * A generation that this process feeds. Its rows are complete up to `position`; `stored` is its checkpoint, which stays behind while
 * no event of its types comes: after a crash those few are read once more.
 */
export type Member = {
  readonly model: ReadModel;
  readonly generation: Generation;
  /** The types that the model declares; undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  position: Position;
  stored: Position;
};

export const createMember = (model: ReadModel, generation: Generation): Member =>
  ({ model, generation, types: model.types && new Set(model.types), position: generation.position, stored: generation.position });

/** `lost`: somebody else has it now, or it was retired or paused by hand. */
export type Fed = 'advanced' | 'paused' | 'lost';

export type Feed = {
  pool: SqlPool;
  owner: string;
  logId: string;
  /** Whether a person has recorded that this event may be skipped by this read model. */
  isSkipped(readModel: string, eventId: string): Promise<boolean>;
  now(): Date;
  /** Called when rows are complete up to the member's position: after each commit, and when events went by that do not concern it. */
  onAdvanced(member: Member, events: number): void;
  onPaused(member: Member, paused: PauseReason): void;
};

export const positionOf = (decoded: Decoded): Position => (decoded.ok ? decoded.event.position : decoded.raw.position);

const isFor = ({ types, position }: Member, decoded: Decoded): boolean =>
  (types?.has(decoded.ok ? decoded.event.type : decoded.raw.type) ?? true) && positionOf(decoded) > position;

/** Whether the batch holds an event that this member has to take. */
export const concerns = (member: Member, batch: readonly Decoded[]): boolean => batch.some((decoded) => isFor(member, decoded));

/** Nothing up to `to` concerns it: it is there. What this says is true of the rows whoever owns them, so it needs no compare-and-set. */
export function letPass(context: Pick<Feed, 'onAdvanced'>, member: Member, to: Position): void {
  if (to <= member.position) return;
  member.position = to;
  context.onAdvanced(member, 0);
}

/** Brings the checkpoint to where the member is. @throws TransientSqlError */
export async function storePosition(context: Feed, member: Member): Promise<Fed> {
  return member.stored === member.position ? 'advanced' : await move(context, member, member.position, 0);
}

/**
 * Projects those events of a batch that concern the member, and moves the checkpoint to `to`. When that fails, halves them until the
 * one event is found that cannot be projected: everything before it is committed, and the read model pauses there (unless a person
 * recorded that this event is to be skipped).
 * @throws TransientSqlError, or what the log throws: read the checkpoint again and go on from there.
 */
export async function feed(context: Feed, member: Member, batch: readonly Decoded[], to: Position): Promise<Fed> {
  const ours = batch.filter((decoded) => isFor(member, decoded));
  const fed = ours.length > 0 ? await span(context, member, ours, to) : 'advanced';
  if (fed === 'advanced') letPass(context, member, to);
  return fed;
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
    const step = { owner: context.owner, logId: context.logId, from: member.stored, to, events: items.length };
    if (!await advance(db, member.generation, step)) return rollback('lost');
    if (events.length > 0) await member.model.project(events, db, schemaOf(member.generation));
    return 'advanced';
  });
  if (fed === 'advanced') arrived(context, member, to, items.length);
  return fed;
}

/** The one event that cannot be projected: past it if that is on record, else here. */
async function stopAt(context: Feed, member: Member, poison: Decoded, error: string): Promise<Fed> {
  const event = poison.ok ? poison.event : poison.raw;
  if (await context.isSkipped(member.model.name, event.id)) return await move(context, member, event.position, 1);
  const paused: PauseReason = {
    eventId: event.id, eventType: event.type, stream: event.stream, revision: event.revision, position: event.position,
    error: error.slice(0, 2_000), since: context.now().toISOString(),
  };
  const done = await inTransaction(context.pool, (db) => pauseGeneration(db, member.generation, context.owner, member.stored, paused));
  if (!done) return 'lost';
  context.onPaused(member, paused);
  return 'paused';
}

/** Moves the checkpoint alone. `to` may have been reached before: then it is stored. */
async function move(context: Feed, member: Member, to: Position, events: number): Promise<Fed> {
  const moved = await inTransaction(context.pool, (db) =>
    advance(db, member.generation, { owner: context.owner, logId: context.logId, from: member.stored, to, events }));
  if (!moved) return 'lost';
  arrived(context, member, to, events);
  return 'advanced';
}

function arrived(context: Feed, member: Member, to: Position, events: number): void {
  member.stored = to;
  if (to > member.position) member.position = to; // events that do not concern it may have gone by meanwhile
  context.onAdvanced(member, events);
}
