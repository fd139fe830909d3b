import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, isEnded, room, type Room } from '../../domain/room/index.ts';
import type { Clock } from '../../ports/clock.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RoomCommands } from '../rooms/index.ts';
import { subcommand } from '../subcommand.ts';

/** `unreachable`: rooms that could not be read or whose owner could not be had; the others are looked after all the same, and the next run looks again. `made`: rooms of lessons that had none. */
export type ExpireReport = { roomsChecked: number; expired: number; completed: number; unreachable: number; made: number };

export type ExpireDeps = {
  pipeline: Pick<Pipeline, 'load'>;
  clock: Clock;
  decideOurs: RoomCommands['decideOurs'];
  syncLesson: RoomCommands['syncLesson'];
  /** Open rooms whose end lies before that moment, oldest first. As fresh as the read model: the streams are asked before anything is done. */
  openAndOver(before: string, limit: number): Promise<readonly string[]>;
  /** Lessons to come that have no room, soonest first; as fresh as the read models. */
  lessonsWithoutRoom(now: string, limit: number): Promise<readonly string[]>;
};

const minute = 60_000;
/** Not started so long after its end: nobody will. */
const unstarted = 120 * minute;
/** Empty for so long after its end: everybody has gone home without ending it. */
const empty = 30 * minute;
const atOnce = 4;
const most = 500;

/** The job of that name. Repeats do no harm. @throws when the database is away */
export const createExpireStaleRooms = ({ pipeline, clock, decideOurs, syncLesson, openAndOver, lessonsWithoutRoom }: ExpireDeps) => async (ctx: CommandContext): Promise<ExpireReport> => {
  const now = clock.now().getTime();
  const report: ExpireReport = { roomsChecked: 0, expired: 0, completed: 0, unreachable: 0, made: 0 };
  await mapLimited([...(await openAndOver(new Date(now - empty).toISOString(), most))], atOnce, async (roomId) => {
    report.roomsChecked += 1;
    try {
      const { state } = await pipeline.load(room, roomId, { fresh: true });
      const due = dueOf(state.status === 'none' ? undefined : state, now);
      if (due === undefined) return;
      await decideOurs(roomId, due === 'expired' ? { type: 'expire', reason: 'nobody started it' } : { type: 'complete' }, subcommand(ctx, roomId));
      report[due] += 1;
    } catch (error) {
      // Any other refusal: somebody has started or ended it in this very moment.
      if (!(error instanceof DomainError) || error.code === 'roomUnavailable') report.unreachable += 1;
    }
  });
  // A reactor begins at the head of the log: lessons from before there were rooms get theirs here.
  await mapLimited([...(await lessonsWithoutRoom(clock.now().toISOString(), most))], atOnce, async (lessonId) => {
    try {
      if (await syncLesson(lessonId, subcommand(ctx, 'lesson', lessonId))) report.made += 1;
    } catch {
      report.unreachable += 1;
    }
  });
  return report;
};

function dueOf(state: Room | undefined, now: number): 'expired' | 'completed' | undefined {
  if (!state || !exists(state) || isEnded(state)) return undefined;
  const over = Date.parse(state.scheduledEnd);
  if (state.startedAt === null) return now >= over + unstarted ? 'expired' : undefined;
  if (state.seats > 0) return undefined;
  // A room that was left before its end, or into which nobody ever came, is empty since its end.
  const since = Math.max(over, state.emptySince === null ? 0 : Date.parse(state.emptySince));
  return now >= since + empty ? 'completed' : undefined;
}
