import type { SnapshotFacts } from '../../../ports/boardSnapshots.ts';
import { loadBoard } from './loadBoard.ts';
import type { Opened } from './openRoom.ts';
import type { RoomParts } from './parts.ts';

/** Reads what is on the board of a room that lacks it. Nothing else moves the board meanwhile: whatever would, waits for this. Undefined: there is nothing to wait for. */
export type BecomeWhole = (opened: Opened) => Promise<void> | undefined;

/** @param unreadable called when the kept board that the room was opened with is none, with the one that served instead */
export function createBecomeWhole({ roomId, parts, unreadable, failed }: { roomId: string; parts: RoomParts; unreadable(instead: SnapshotFacts | undefined): void; failed(): void }): BecomeWhole {
  let wholeness: Promise<void> | undefined;
  return (opened) => {
    if (opened.lacks === 'nothing') return undefined;
    const { version } = opened.board;
    wholeness ??= loadBoard(parts, roomId, { upTo: version, forDeciding: opened.lacks !== 'doc' }).then(({ board, kept }) => {
      if (board.version !== version) throw new Error(`the board of room ${roomId} was read up to version ${board.version}, not ${version}`);
      // Its memory may have counted what is in no log.
      if (opened.lacks === 'doc') opened.board = { ...opened.board, doc: board.doc };
      else {
        opened.board = board;
        if (kept?.version !== opened.kept?.version) unreadable(kept);
      }
      opened.lacks = 'nothing';
    }).catch((error: unknown) => {
      parts.logger.error({ err: error, roomId }, 'a board cannot be read');
      failed();
    }).finally(() => { wholeness = undefined; });
    return wholeness;
  };
}
