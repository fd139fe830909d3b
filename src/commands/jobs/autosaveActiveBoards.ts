import type { RoomOwners } from '../../ports/roomOwners.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { RoomDoor } from '../rooms/roomLink.ts';

/** `unreachable`: their owner could not be had; the log has their boards anyway. */
export type AutosaveReport = { roomsChecked: number; saved: number; unreachable: number };

/** Nothing was kept, and nothing went wrong. */
export const isQuietAutosave = ({ saved, unreachable }: Partial<AutosaveReport>): boolean => saved === 0 && unreachable === 0;

const atOnce = 8;

/**
 * The job of that name: asks the owner of each room that is open to keep its board, if at least 200 groups are new or the last kept one is a
 * minute old. @throws when the database is away
 */
export const createAutosaveActiveBoards = ({ owners, door }: { owners: Pick<RoomOwners, 'owned'>; door: Pick<RoomDoor, 'execute'> }) => async (ctx: CommandContext): Promise<AutosaveReport> => {
  const report: AutosaveReport = { roomsChecked: 0, saved: 0, unreachable: 0 };
  await mapLimited(await owners.owned(), atOnce, async (roomId) => {
    report.roomsChecked += 1;
    try {
      const { result } = await door.execute(roomId, { name: 'autosave', input: {} }, ctx);
      if ((result as { made: boolean } | undefined)?.made) report.saved += 1;
    } catch {
      report.unreachable += 1;
    }
  });
  return report;
};
