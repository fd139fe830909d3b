import { heard, type Board } from '../../../domain/board/index.ts';
import { UnwritableEvent } from '../../../eventLog/codec.ts';
import { EventStoreError } from '../../../ports/eventStore.ts';
import { createAppending } from './appending.ts';
import { announceBatch, tellVerdicts } from './broadcasting.ts';
import { decideBatch, type Batch, type Request } from './boardWriter.ts';
import type { Connections } from './connections.ts';
import { boardStream } from './keptBoards.ts';
import type { Opened } from './openRoom.ts';
import type { RoomParts } from './parts.ts';
import { createSaving } from './saving.ts';
import type { Snapshotting } from './snapshotting.ts';
import type { UndoneGroups } from './undone.ts';
import type { BecomeWhole } from './wholeBoard.ts';

export type Writing = {
  /** Decides, appends, applies, tells. Resolves when it is all done, or the room has ended. Nothing else is written meanwhile: the queue sees to it. */
  write(requests: readonly Request[]): Promise<void>;
  /** A batch was sent to the log, and what became of it is not known. */
  isUnanswered(): boolean;
  /** Since when what is written takes long, once that shows. */
  savingSince(): string | undefined;
};

/** Op groups on their way into the log, and from there to everybody. */
export function createWriting({ roomId, parts, lease, connections, undone, open, becomeWhole, countHeard, snapshotting, written, end }: {
  roomId: string; parts: RoomParts; lease: { isGood(): boolean }; connections: Connections; undone: UndoneGroups;
  /** The room while it is open. */
  open(): Opened | undefined;
  becomeWhole: BecomeWhole;
  /** The board with what else clients heard of. */
  countHeard(board: Board): Board;
  snapshotting(): Snapshotting | undefined;
  /** A batch is in the log, applied and told. */
  written(batch: Batch): void;
  end(why: 'lost' | 'later'): void;
}): Writing {
  const { log, clock, logger, times } = parts;
  /** Of the room's doc, for as long as it is open: nobody but `decideBatch` reads `board.doc`, so it is written in place. */
  const docOwner = {};
  let isUnanswered = false;
  const saving = createSaving(connections, clock, times.savingMs);
  const appending = createAppending(log, times, () => open() !== undefined && lease.isGood());

  async function write(requests: readonly Request[], owner?: object): Promise<void> {
    const opened = open();
    if (!opened) return;
    await becomeWhole(opened);
    const now = open();
    if (!now) return;
    now.board = countHeard(now.board);
    const { board, room, roomRevision } = now;
    let batch;
    try {
      batch = decideBatch({ roomId, board, room, roomRevision, requests, codec: log.codec, clock, undone }, owner);
    } catch (error) {
      if (!(error instanceof UnwritableEvent)) throw error;
      logger.error({ err: error, roomId, groups: requests.length }, 'op groups cannot be written');
      return oneByOne(requests, now);
    }
    if (batch.events.length > 0) {
      if (!lease.isGood()) return end('lost');
      let outcome;
      isUnanswered = true;
      try {
        outcome = await saving.during(() => appending.append(boardStream(roomId), batch.events, board.version - 1));
      } catch (error) {
        isUnanswered = false;
        if (!(error instanceof EventStoreError)) throw error;
        logger.error({ err: error, roomId, groups: requests.length }, 'the log refuses op groups');
        const [only] = requests;
        return only && !owner ? refuse(only, now, error.code) : oneByOne(requests, now);
      }
      if (!open()) return;
      if (outcome === 'gaveUp') return end(lease.isGood() ? 'later' : 'lost');
      isUnanswered = false;
      if (outcome === 'conflict') return end('lost');
    }
    now.board = batch.board;
    const told = await announceBatch({ batch, from: board.version, roomId, connections, parts, snapshotting: snapshotting(), saving });
    if (!told) return end('later');
    written(batch);
    if (batch.left.length > 0) await write(batch.left, owner);
  }

  /**
   * They cannot be written as they are: one by one it shows which, and that one is refused. The doc has them in it and is read anew, which is dear:
   * what clients may send is judged before it comes here, and what may be too large together is cut.
   */
  async function oneByOne(requests: readonly Request[], now: Opened): Promise<void> {
    if (now.lacks === 'nothing') now.lacks = 'doc';
    for (const request of requests) {
      if (!open()) return;
      await write([request]);
    }
  }

  function refuse({ personId, clientId, seq, connectionId, settled }: Request, now: Opened, code: string): void {
    now.board = heard(now.board, personId, clientId, seq);
    undone.note(personId, clientId, seq, { kind: 'rejected', code });
    if (connectionId !== undefined) tellVerdicts(connections, now.board.version, new Map([[connectionId, { upTo: seq, noop: [], rejected: [{ seq, code }] }]]));
    settled?.({ outcome: 'rejected', code });
  }

  return { write: (requests) => write(requests, docOwner), isUnanswered: () => isUnanswered, savingSince: saving.since };
}
