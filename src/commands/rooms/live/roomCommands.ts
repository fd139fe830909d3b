import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../../domain/kernel/domainError.ts';
import { lastSeq, type Op } from '../../../domain/board/index.ts';
import { exists, isEnded, mustMay, room as roomAggregate, type By, type RoomCommand as DomainCommand, type RoomEvent } from '../../../domain/room/index.ts';
import { deriveId } from '../../../eventLog/ids.ts';
import { EventStoreError } from '../../../ports/eventStore.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import type { Executed } from '../../pipeline/executed.ts';
import type { RoomCommand, RoomCommandAnswer } from '../roomLink.ts';
import { keepBoard } from '../boardReader.ts';
import { madeNow } from '../madeNow.ts';
import { groupId, type Batch, type Request, type Settled } from './boardWriter.ts';
import { readDoc, versionOfGroup } from './keptBoards.ts';
import type { Opened } from './openRoom.ts';
import type { RoomParts } from './parts.ts';
import type { Queue } from './queue.ts';
import type { SnapshotRowOf, Snapshotting } from './snapshotting.ts';

export const unavailable = () => new DomainError('roomUnavailable', 'this room cannot be reached right now; try again in a moment');

type Asked<C> = C extends DomainCommand ? Omit<C, 'by' | 'at'> : never;

/** Commands of a room, each behind its barrier: what was decided before it is in the log, what waits behind it is decided on what it made of the room. */
export function createRoomCommands({ roomId, parts, lease, queue, state, snapshotting, write, wasRefused, kick, end, happened }: {
  roomId: string; parts: RoomParts; lease: { isGood(): boolean }; queue: Queue;
  /** What the room is now; moved on here by room events. */
  state(): Opened | undefined;
  snapshotting(): Snapshotting | undefined;
  write(request: Request): Promise<void>;
  /** While the room is open here: a sequence that was counted and is not in the log. */
  wasRefused(personId: string, clientId: string, seq: number): boolean;
  kick(): void;
  end(why: 'lost' | 'later'): void;
  happened(events: readonly RoomEvent[]): void;
}) {
  const { pipeline, clock, times, snapshots, logger } = parts;
  const waiting = new Set<(error: Error) => void>();
  let over = false;
  let isUnanswered = false;

  /** Runs alone, in its turn. @throws `roomUnavailable` when the room ends before that */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (over) return reject(unavailable());
      waiting.add(reject);
      queue.task(() => {
        waiting.delete(reject);
        return work().then(resolve, reject);
      });
      kick();
    });

  /** Until it is known whether it was written: nothing may be decided on a room whose state is in doubt. */
  async function untilKnown<T>(attempt: (repeat: boolean) => Promise<T>): Promise<T> {
    const began = performance.now();
    for (let unknown = false, pause = 20; ; pause = Math.min(pause * 2, times.mostPauseMs)) {
      let last;
      isUnanswered = true;
      try {
        const answer = await attempt(unknown);
        isUnanswered = false;
        return answer;
      } catch (error) {
        last = error;
        isUnanswered = error instanceof EventStoreError && (error.code === 'unknownOutcome' || (unknown && error.code === 'unavailable'));
        if (!isUnanswered) throw error; // nothing was written
        unknown = true;
        if (performance.now() - began > times.giveUpMs) {
          end('later');
          throw error;
        }
      }
      await sleep(pause);
      if (!lease.isGood()) end('lost');
      if (over) throw last; // not ours to repeat any more
    }
  }

  /** In turn only. */
  async function carryOut(command: DomainCommand, context: CommandContext, ifMatch?: number): Promise<Executed<unknown, RoomEvent>> {
    const before = state();
    if (!before || over) throw unavailable();
    if (!lease.isGood()) return lost();
    const revision = before.roomRevision;
    let executed;
    try {
      executed = await untilKnown((repeat) =>
        pipeline.execute(roomAggregate, roomId, command, repeat ? { ...context, mayBeRepeat: true } : context, { ifMatch: ifMatch ?? revision }));
    } catch (error) {
      // The stream is not where we left it: somebody else writes it.
      if (error instanceof DomainError && error.code === 'staleRevision' && error.details['revision'] !== revision) return lost();
      throw error;
    }
    if (executed.revision > revision) {
      if (executed.revision !== revision + executed.events.length) return lost();
      before.room = executed.state;
      before.roomRevision = executed.revision;
      happened(executed.events);
    }
    return executed;
  }
  const lost = (): never => {
    end('lost');
    throw unavailable();
  };

  const decide = (command: DomainCommand, context: CommandContext, ifMatch?: number) => inTurn(() => carryOut(command, context, ifMatch));

  const ownContext = (): CommandContext => {
    const commandId = randomUUID();
    return { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'owner', role: 'system' } };
  };
  const done = (personId = 'owner') => ({ by: { personId, authority: 'system' } as By, at: clock.now().toISOString() });

  const answerOf = ({ id, revision, position }: Executed<unknown, RoomEvent>, result?: unknown): RoomCommandAnswer => ({ id, revision, position, ...(result !== undefined && { result }) });

  async function save(input: unknown, context: CommandContext): Promise<RoomCommandAnswer> {
    const opened = state();
    const by = (input as { by?: By } | undefined)?.by;
    if (!opened || !exists(opened.room)) throw notFound();
    if (by) mustMay(opened.room, by, 'save');
    const facts = await madeNow(roomId, logger, () => snapshotting()?.keep());
    if (!facts) throw unavailable();
    const executed = await decide(snapshotRow({ snapshotId: deriveId(context.commandId, 'snapshot'), type: 'manual', authorId: by?.personId ?? context.actor.id, facts }), context);
    return answerOf(executed, { version: facts.version, sha256: facts.sha256, bytes: facts.bytes, shapes: facts.shapes });
  }

  const snapshotRow = ({ snapshotId, type, authorId, facts }: SnapshotRowOf): DomainCommand => {
    const opened = state();
    const { version, schemaVersion, sha256, bytes, shapes } = facts;
    return {
      type: 'recordSnapshot', ...done(authorId === '' ? undefined : authorId),
      snapshot: { snapshotId, version, type, schemaVersion, sha256, bytes, shapes, participants: opened && exists(opened.room) ? opened.room.seats : 0, authorId },
    };
  };

  /**
   * A board takes the place of what is there: `restore` by somebody who may (an admin from wherever), `importBoard` into a board that has
   * nothing yet. Again with the same command: nothing more happens, and the answer has the board's version now.
   * @throws EventStoreError `unknownOutcome`: it may have been done; ask again
   */
  async function bringBack(command: 'restore' | 'importBoard', input: unknown, context: CommandContext): Promise<RoomCommandAnswer> {
    const { toVersion = 0, blob, by = { personId: context.actor.id, authority: 'room' } } = input as { toVersion?: number; blob?: string; by?: By };
    const isImport = command === 'importBoard';
    const clientId = isImport ? 'import' : `restore-${context.commandId}`;
    const opened = () => {
      const now = state();
      if (!now || !exists(now.room)) throw notFound();
      return { now, room: now.room, personId: isImport ? now.room.hostId : by.personId };
    };
    /** The version that this very command made, if it is in the log: a sequence alone may also be of a try that was refused. */
    const madeBefore = async (): Promise<number | undefined> => {
      const { now, personId } = opened();
      for (let seq = lastSeq(now.board, personId, clientId); seq > 0; seq -= 1) {
        if (wasRefused(personId, clientId, seq)) continue;
        const version = await versionOfGroup(parts.log, roomId, groupId(roomId, personId, clientId, seq));
        if (version !== undefined) return version;
      }
      return undefined;
    };
    const mustBeAllowed = () => {
      const { now, room } = opened();
      if (isImport && now.board.version > 0) throw new DomainError('boardNotEmpty', 'this board has been drawn on');
      if (!isImport && isEnded(room)) throw new DomainError('roomEnded', `this room is ${room.status}`, { status: room.status });
      if (!isImport) mustMay(room, by, 'board.restore');
      if (blob === undefined && toVersion > now.board.version) throw new DomainError('boardVersionNotFound', `the board has ${now.board.version} versions`, { version: now.board.version });
    };
    const note = async (version: number, more: { mayBeRepeat?: true }): Promise<RoomCommandAnswer> => {
      const { now, personId } = opened();
      const executed = await carryOut({ type: 'recordBoardRestored', ...done(personId), version, toVersion }, { ...context, commandId: deriveId(context.commandId, 'restored'), ...more })
        .catch((error: unknown) => { throw new EventStoreError('unknownOutcome', 'the board is restored, and the room could not note it', { cause: error }); });
      return answerOf(executed, { version: now.board.version });
    };
    if ((await madeBefore()) === undefined) mustBeAllowed();
    const sha256 = blob ?? (await keepBoard(parts, roomId, toVersion)).sha256;
    const kept = await madeNow(roomId, logger, () => snapshots.readBlob(sha256));
    if (!kept) throw new DomainError('boardVersionNotFound', 'there is no such board');
    const doc = await readDoc(kept);
    return inTurn(async () => {
      if (!lease.isGood()) return lost();
      const made = await madeBefore(); // much may have happened meanwhile
      if (made !== undefined) return note(made, { mayBeRepeat: true });
      mustBeAllowed();
      const { now, personId } = opened();
      let verdict: Settled | undefined;
      await write({
        connectionId: undefined, personId, role: context.actor.role, clientId, seq: lastSeq(now.board, personId, clientId) + 1, bytes: 0, isTrusted: isImport || by.authority === 'school',
        asked: { t: 'ops', gestureId: clientId, ops: [{ op: 'board.restore', toVersion, blob: sha256 }] },
        restoredDocs: (asked) => (asked === sha256 ? doc : undefined), settled: (one) => { verdict = one; },
      });
      if (!verdict) throw now.lacks === 'nothing' ? new EventStoreError('unknownOutcome', 'whether the board was restored is not known') : unavailable();
      if (verdict.outcome === 'rejected') throw new DomainError(verdict.code, 'the board is not restored');
      return note(verdict.version, {});
    });
  }

  return {
    decide,
    /** Of the owner's own clockwork. */
    own: (command: Asked<DomainCommand>) => decide({ ...command, ...done() } as DomainCommand, ownContext()),
    recordSnapshot: async (row: SnapshotRowOf): Promise<void> => void (await decide(snapshotRow(row), ownContext())),

    async execute(command: RoomCommand, context: CommandContext, options?: { ifMatch?: number }): Promise<RoomCommandAnswer> {
      switch (command.name) {
        case 'decide': {
          const opened = state();
          if (opened && !exists(opened.room)) throw notFound();
          return answerOf(await decide(command.input as DomainCommand, context, options?.ifMatch));
        }
        case 'save': return save(command.input, context);
        case 'restore': case 'importBoard': return bringBack(command.name, command.input, context);
        case 'autosave': {
          const opened = state();
          const made = snapshotting()?.autosave() ?? false;
          return { id: roomId, revision: opened?.roomRevision ?? -1, position: '', result: { made } };
        }
        default: throw new DomainError('invalidRequest', `there is no room command ${command.name}`);
      }
    },

    /** The room's timeline has what swept the board: once a group, however many clearings are in it. */
    noteSweeps({ groups }: Batch): void {
      for (const { group, request, version } of groups) {
        const swept = sweptBy(group.ops);
        if (!swept) continue;
        void decide({ type: 'recordBoardCleared', ...done(request.personId), version, ...swept }, { ...ownContext(), actor: { id: request.personId, role: request.role } })
          .catch((error: unknown) => logger.warn({ err: error, roomId }, 'a clearing is missing from the timeline of a room'));
      }
    },

    /** A command was sent to the log, and what became of it is not known. */
    isUnanswered: () => isUnanswered,

    abandon(): void {
      over = true;
      for (const reject of waiting) reject(unavailable());
      waiting.clear();
    },
  };
}

/** What all clearings of a group have in common: a layer, a page, or the board. Undefined: there are none. */
function sweptBy(ops: readonly Op[]): { pageId?: string; layerId?: string } | undefined {
  const [first, ...others] = ops.filter((op) => op.op === 'board.clear');
  if (!first) return undefined;
  const { pageId, layerId } = first;
  if (pageId === undefined || others.some((one) => one.pageId !== pageId)) return {};
  return layerId === undefined || others.some((one) => one.layerId !== layerId) ? { pageId } : { pageId, layerId };
}

const notFound = () => new DomainError('roomNotFound', 'there is no such room');
