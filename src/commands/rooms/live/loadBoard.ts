import { setImmediate as nextTurn } from 'node:timers/promises';
import { emptyBoard, fold, heard, type Board, type BoardDoc, type BoardEvent } from '../../../domain/board/index.ts';
import type { EventLog } from '../../../eventLog/eventLog.ts';
import type { BoardSnapshots, SnapshotFacts } from '../../../ports/boardSnapshots.ts';
import { groupEvents, readDoc, readMemory, readPlaces, restoredDocs } from './keptBoards.ts';

type From = { log: Pick<EventLog, 'readStream'>; snapshots: BoardSnapshots; logger: { warn(facts: object, message: string): void } };

const pageOfGroups = 250;

/**
 * A board as of a version (default: now): the newest kept board at or below it, and the groups behind that, in slices. What is kept and
 * cannot be read is left aside: the log has it all.
 * @param forDeciding false: without what only undo and retries need
 * @throws EventStoreError when the log is away · UnreadableBoard
 */
export async function loadBoard({ log, snapshots, logger }: From, roomId: string, { upTo = Infinity, forDeciding = true }: { upTo?: number; forDeciding?: boolean } = {}): Promise<{ board: Board; kept: SnapshotFacts | undefined }> {
  const { board: base, kept } = await keptBoard();
  let board = base;
  const docs = new Map<string, BoardDoc>();
  for (;;) {
    const limit = Math.min(pageOfGroups, upTo - board.version);
    if (limit <= 0) break;
    const events = await groupEvents(log, roomId, board.version, limit);
    await restoredDocs(snapshots, events, docs);
    board = fold(board, events as readonly BoardEvent[], (sha256) => docs.get(sha256));
    docs.clear();
    if (events.length < limit) break;
    await nextTurn();
  }
  return { board, kept };

  async function keptBoard(): Promise<{ board: Board; kept: SnapshotFacts | undefined }> {
    try {
      const facts = await snapshots.newest(roomId, Number.isFinite(upTo) ? upTo : undefined);
      const stored = facts && (await snapshots.read(roomId, facts.version));
      if (!facts || !stored) return { board: emptyBoard, kept: undefined };
      const doc = await readDoc(stored.doc);
      const memory = forDeciding ? await readMemory(stored.memory) : emptyBoard.memory;
      return { board: { version: facts.version, doc, memory }, kept: facts };
    } catch (error) {
      logger.warn({ err: error, roomId }, 'a kept board cannot be read; folding from the start');
      return { board: emptyBoard, kept: undefined };
    }
  }
}

/** What of a board is not read yet: what is on it, and what people could take back. Version and the clients' sequences are always there. */
export type Lacking = 'nothing' | 'doc' | 'docAndSteps';

/**
 * Where a board stands, without what is on it: its version, and each client's last sequence. That is all that letting somebody in takes, and
 * of a large board it is there long before the shapes are. It lacks nothing after all when what is kept could not be read.
 * @throws EventStoreError when the log is away · UnreadableBoard
 */
export async function standingOf(from: From, roomId: string): Promise<{ board: Board; kept: SnapshotFacts | undefined; lacks: Lacking }> {
  const { log, snapshots, logger } = from;
  try {
    const kept = await snapshots.newest(roomId);
    const memory = kept && (await snapshots.readMemory(roomId, kept.version));
    if (kept && memory) return { board: await behind({ ...emptyBoard, version: kept.version, memory: await readPlaces(memory) }), kept, lacks: 'docAndSteps' };
  } catch (error) {
    logger.warn({ err: error, roomId }, 'a kept board cannot be read; folding from the start');
  }
  return { ...(await loadBoard(from, roomId)), lacks: 'nothing' };

  async function behind(board: Board): Promise<Board> {
    for (;;) {
      const events = await groupEvents(log, roomId, board.version, pageOfGroups);
      for (const { data: { personId, clientId, seq } } of events) board = heard({ ...board, version: board.version + 1 }, personId, clientId, seq);
      if (events.length < pageOfGroups) return board;
      await nextTurn();
    }
  }
}
