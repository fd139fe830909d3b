import { exists, room, type Room } from '../../domain/room/index.ts';
import type { BoardSnapshots } from '../../ports/boardSnapshots.ts';
import type { Clock } from '../../ports/clock.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RoomDoor } from '../rooms/roomLink.ts';
import { subcommand } from '../subcommand.ts';

/** Rows people saw, and kept boards. `roomsChecked`: those of which a board was kept since they were last tidy. */
export type CleanupReport = { roomsChecked: number; rowsRemoved: number; boardsRemoved: number; failed: number };

/** Automatic ones that stay, per board; and one in so many versions. */
const lastKept = 10;
const everyVersions = 2_000;
const atOnce = 2;

/**
 * The job of that name: of the automatic snapshots of a board the last ten stay and one for every 2,000 versions, and of all others every one.
 * First the room's stream hears of it, then the boards go that no row and no owner needs; a run that broke off in between is made good by
 * the next. @throws when the database is away
 */
export const createCleanupOldSnapshots = ({ pipeline, door, snapshots, clock }: {
  pipeline: Pick<Pipeline, 'load'>; door: Pick<RoomDoor, 'execute'>; snapshots: Pick<BoardSnapshots, 'untidied' | 'tidied' | 'versions' | 'remove'>; clock: Clock;
}) => async (ctx: CommandContext): Promise<CleanupReport> => {
  const report: CleanupReport = { roomsChecked: 0, rowsRemoved: 0, boardsRemoved: 0, failed: 0 };
  await mapLimited(await snapshots.untidied(lastKept), atOnce, async (roomId) => {
    report.roomsChecked += 1;
    try {
      // Before the rows are looked at: a board that is kept after this is not touched.
      const kept = await snapshots.versions(roomId);
      const { state } = await pipeline.load(room, roomId, { fresh: true });
      if (!exists(state)) return;
      const old = superfluous(state.snapshots);
      if (old.length > 0) {
        const snapshotIds = old.map(({ snapshotId }) => snapshotId);
        const by = { personId: ctx.actor.id, authority: 'system' } as const;
        await door.execute(roomId, { name: 'decide', input: { type: 'removeSnapshots', snapshotIds, by, at: clock.now().toISOString() } }, subcommand(ctx, roomId));
        report.rowsRemoved += snapshotIds.length;
      }
      const gone = new Set(old.map(({ snapshotId }) => snapshotId));
      const shown = new Set(state.snapshots.filter(({ snapshotId }) => !gone.has(snapshotId)).map(({ version }) => version));
      // The newest is what the owner goes on from, also while its row is still being written.
      const newest = kept.at(-1);
      report.boardsRemoved += await snapshots.remove(roomId, kept.slice(0, -1).filter((version) => !shown.has(version)));
      // While that row is missing, it may be what makes another one superfluous.
      if (newest !== undefined && shown.has(newest)) await snapshots.tidied(roomId, newest);
    } catch {
      report.failed += 1;
    }
  });
  return report;
};

/** Automatic ones that are neither among the last ten nor the last of their 2,000 versions. */
function superfluous(all: Room['snapshots']): Room['snapshots'] {
  const automatic = all.filter(({ type }) => type === 'auto').toSorted((a, b) => b.version - a.version);
  const spans = new Set<number>();
  return automatic.filter(({ version }, index) => {
    const span = Math.floor(version / everyVersions);
    const isLastOfSpan = !spans.has(span);
    spans.add(span);
    return index >= lastKept && !isLastOfSpan;
  });
}
