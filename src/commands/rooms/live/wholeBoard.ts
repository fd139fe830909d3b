import { loadBoard } from './loadBoard.ts';
import type { Opened } from './openRoom.ts';
import type { RoomParts } from './parts.ts';

/** Reads what is on the board of a room, once. Nothing else moves the board meanwhile: whatever would, waits for this. Undefined: there is nothing to wait for. */
export type BecomeWhole = (opened: Opened) => Promise<void> | undefined;

export function createBecomeWhole({ roomId, parts, failed }: { roomId: string; parts: RoomParts; failed(): void }): BecomeWhole {
  let wholeness: Promise<void> | undefined;
  return (opened) => {
    if (opened.isWhole) return undefined;
    const { version } = opened.board;
    wholeness ??= loadBoard(parts, roomId, { upTo: version }).then(({ board }) => {
      if (board.version !== version) throw new Error(`the board of room ${roomId} was read up to version ${board.version}, not ${version}`);
      opened.board = board;
      opened.isWhole = true;
    }).catch((error: unknown) => {
      parts.logger.error({ err: error, roomId }, 'a board cannot be read');
      failed();
    });
    return wholeness;
  };
}
