import { deriveId } from '../../../eventLog/ids.ts';
import type { SnapshotFacts } from '../../../ports/boardSnapshots.ts';
import type { SnapshotType } from '../../../domain/room/state.ts';
import { asLines, createGroupTail } from './groupTail.ts';
import { readGroups, restoredBlobs } from './keptBoards.ts';
import type { RoomParts } from './parts.ts';

const restPerWork = 9;

const rowNamespace = '7d3a2c54-0a4f-4a2e-8a57-1c8f0f7f3b55';

/** What a row of the list says; several may point to one kept board. */
export type SnapshotRowOf = { snapshotId: string; type: SnapshotType; authorId: string; facts: SnapshotFacts };

export type Snapshotting = {
  /** So many groups were written, in order: JSON of each, with commas between. Every 500 of them, or 256 KB, a snapshot is made by itself; of a board so large that it takes long, less often. */
  wrote(groups: string, count: number): void;
  /** The board as it is now, or newer, without a row. @throws when it cannot be made now: the log has it all, so nothing is lost */
  keep(): Promise<SnapshotFacts>;
  /** Unless nothing is new. */
  takeIfNew(type: SnapshotType, authorId: string): void;
  /** When enough is new, or the last one is old. @returns whether there was anything to do */
  autosave(): boolean;
  newest(): SnapshotFacts | undefined;
  /** The newest one cannot be read: nobody is sent to it any more, and the next is folded from this one. */
  goOnFrom(facts: SnapshotFacts | undefined): void;
  /** What is being made is waited for. */
  settled(): Promise<void>;
};

/**
 * Keeps folded boards. The thread gets what is kept and the groups behind it, never the board itself; one is made at a time, of whatever
 * there is by then. A failure costs nothing but the next join: the groups stay remembered, or are read from the log.
 */
export function createSnapshotting({ roomId, parts, kept: first, version: loadedAt, record }: {
  roomId: string; parts: RoomParts;
  /** The newest there is, and the board's version now. */
  kept: SnapshotFacts | undefined; version: number;
  /** Puts the row into the room's stream. */
  record(row: SnapshotRowOf): Promise<void>;
}): Snapshotting {
  const { snapshots, folder, logger, times } = parts;
  /** More is read from the log instead. */
  const mostRemembered = { groups: 20 * times.snapshotGroups, bytes: 16 * times.snapshotBytes };
  let kept = first;
  let version = loadedAt;
  /** Groups behind version `tailFrom`. */
  const tail = createGroupTail();
  let tailFrom = loadedAt;
  let newBytes = 0;
  let rowAt = first?.version ?? 0;
  let keptSince = performance.now();
  /** What the last one took: those that nobody waits for come at most so often that they cost a tenth of one core. */
  let tookMs = 0;
  let making: Promise<SnapshotFacts> | undefined;
  const open = new Set<Promise<unknown>>();

  const make = async (): Promise<SnapshotFacts> => {
    const began = performance.now();
    const from = kept?.version ?? 0;
    const upTo = tail.end();
    const remembered = tail.copy();
    const groups = tailFrom > from ? joined(asLines(await readGroups(parts.log, roomId, from, tailFrom)), remembered) : remembered;
    const { facts, board } = await folder.fold({
      roomId, from, base: async () => (from === 0 ? undefined : snapshots.read(roomId, from)), groups, restored: await restoredBlobs(snapshots, groups),
    });
    await snapshots.save(roomId, facts, board);
    kept = facts;
    keptSince = performance.now();
    tookMs = keptSince - began;
    tail.dropTo(upTo);
    tailFrom = Math.max(tailFrom, facts.version);
    newBytes = tail.end() - upTo;
    return facts;
  };

  const reach = async (wanted: number): Promise<SnapshotFacts> => {
    for (;;) {
      if (kept && kept.version >= wanted) return kept;
      making ??= make().finally(() => { making = undefined; });
      await making;
    }
  };

  const take = async (type: SnapshotType, authorId: string): Promise<void> => {
    const facts = await reach(version);
    rowAt = Math.max(rowAt, facts.version);
    await record({ snapshotId: deriveId(rowNamespace, roomId, facts.version, type, authorId), type, authorId, facts });
  };

  const takeQuietly = (type: SnapshotType, authorId: string): void => {
    const work = take(type, authorId)
      .catch((error: unknown) => logger.warn({ err: error, roomId }, 'a snapshot could not be made; the log has it all'))
      .finally(() => open.delete(work));
    open.add(work);
  };

  return {
    wrote(groups, count) {
      version += count;
      newBytes += tail.push(groups);
      if (version - tailFrom > mostRemembered.groups || newBytes > mostRemembered.bytes) {
        tail.dropTo(tail.end());
        tailFrom = version;
      }
      if (making === undefined && open.size === 0 && performance.now() - keptSince >= restPerWork * tookMs && (version - (kept?.version ?? 0) >= times.snapshotGroups || newBytes >= times.snapshotBytes)) takeQuietly('auto', '');
    },
    keep: () => reach(version),
    takeIfNew(type, authorId) {
      if (version > rowAt) takeQuietly(type, authorId);
    },
    autosave() {
      const fresh = version - (kept?.version ?? 0);
      if (fresh === 0 || (fresh < times.autosaveGroups && performance.now() - keptSince < times.autosaveMs) || open.size > 0) return false;
      takeQuietly('auto', '');
      return true;
    },
    newest: () => kept,
    goOnFrom: (facts) => void (kept = facts),
    async settled() {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
