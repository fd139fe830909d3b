import type { BoardDoc } from '../../domain/board/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { BoardFolder, BoardSnapshots, SnapshotFacts } from '../../ports/boardSnapshots.ts';
import { asLines } from './live/groupTail.ts';
import { groupEvents, readGroups, restoredBlobs } from './live/keptBoards.ts';
import { loadBoard } from './live/loadBoard.ts';
import { madeNow } from './madeNow.ts';

/** An op group with its time, for playback. `at`: RFC 3339 UTC. */
export type TimedGroup = { version: number; personId: string; clientId: string; seq: number; gestureId: string; kind: 'ops' | 'undo' | 'redo'; undoes?: string; ops: readonly { op: string }[]; roomRevision: number; at: string };

/** Reads boards from any process, whoever owns the room: kept boards and the log are enough. Each call may throw EventStoreError or UnreadableBoard. */
export type BoardReader = {
  /** As of a version (default: now). @throws DomainError `boardVersionNotFound` when there are not so many */
  boardAt(roomId: string, version?: number): Promise<{ version: number; doc: BoardDoc }>;
  /** Groups after version `from`, at most `limit`. */
  opsFrom(roomId: string, from: number, limit: number): Promise<TimedGroup[]>;
  /** How many versions there are. */
  versionOf(roomId: string): Promise<number>;
  /** The kept board of exactly this version, gzip, as clients get it. */
  snapshotBlob(roomId: string, version: number): Promise<{ facts: SnapshotFacts; doc: Buffer } | undefined>;
  newestSnapshot(roomId: string): Promise<SnapshotFacts | undefined>;
  /** Keeps the board of a version for ever, by its hash, for a restore or a fork. @throws DomainError `boardVersionNotFound`, `roomUnavailable` (not now) */
  keepBoard(roomId: string, version: number): Promise<{ sha256: string }>;
};

export type BoardReaderParts = {
  log: Pick<EventLog, 'readStream'>; snapshots: BoardSnapshots; folder: Pick<BoardFolder, 'fold'>; logger: { warn(facts: object, message: string): void; error(facts: object, message: string): void };
};

export function createBoardReader(parts: BoardReaderParts): BoardReader {
  const { log, snapshots } = parts;
  return {
    async boardAt(roomId, version) {
      const { board } = await loadBoard(parts, roomId, { forDeciding: false, ...(version !== undefined && { upTo: version }) });
      if (version !== undefined && board.version < version) throw noSuchVersion(board.version);
      return { version: board.version, doc: board.doc };
    },
    async opsFrom(roomId, from, limit) {
      return (await groupEvents(log, roomId, from, limit)).map(({ data, revision, metadata }) => {
        const { personId, clientId, seq, gestureId, kind, undoes, ops, roomRevision } = data;
        return { version: revision + 1, personId, clientId, seq, gestureId, kind, ...(undoes !== undefined && { undoes }), ops, roomRevision, at: metadata.occurredAt };
      });
    },
    versionOf: (roomId) => versionOf(log, roomId),
    snapshotBlob: (roomId, version) => snapshots.readDoc(roomId, version),
    newestSnapshot: (roomId) => snapshots.newest(roomId),
    keepBoard: (roomId, version) => keepBoard(parts, roomId, version),
  };
}

async function versionOf(log: Pick<EventLog, 'readStream'>, roomId: string): Promise<number> {
  const [last] = await log.readStream(`board-${roomId}`, { direction: 'backwards', limit: 1 });
  return last ? (last.ok ? last.event.revision : last.raw.revision) + 1 : 0;
}

/** Folded in the thread from what is kept below it: the board of 100,000 shapes costs this process two copies of its compressed bytes. */
export const keepBoard = ({ log, snapshots, folder, logger }: BoardReaderParts, roomId: string, version: number): Promise<{ sha256: string }> => madeNow(roomId, logger, async () => {
  const there = await versionOf(log, roomId);
  if (version > there) throw noSuchVersion(there);
  const base = version === 0 ? undefined : await snapshots.newest(roomId, version);
  const from = base?.version ?? 0;
  const groups = asLines(from < version ? await readGroups(log, roomId, from, version) : []);
  const { facts, board } = await folder.fold({
    // A board of another version than the room's: the thread keeps the two apart.
    roomId: `${roomId}@${version}`, from, base: async () => (from === 0 ? undefined : snapshots.read(roomId, from)), groups, restored: await restoredBlobs(snapshots, groups),
  });
  await snapshots.saveBlob(facts.sha256, board.doc);
  return { sha256: facts.sha256 };
});

const noSuchVersion = (there: number) => new DomainError('boardVersionNotFound', `the board has ${there} versions`, { version: there });
