import { exists, isEnded, room, type Participant } from '../../domain/room/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RoomOwners } from '../../ports/roomOwners.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { RoomDoor } from '../rooms/roomLink.ts';
import { subcommand } from '../subcommand.ts';

/** `unreachable`: what could not be noted in a room, or the room could not be read; the others are looked after all the same, and the next run looks again. */
export type DisconnectReport = { roomsChecked: number; dropped: number; seatsReleased: number; unreachable: number };

/** Silent for so long: the seat is free. Milliseconds. */
const silentMs = 120_000;
const page = 500;
const atOnce = 4;

/**
 * The job of that name, for rooms that nobody owns: whoever is connected there has no socket (sockets are an owner's), so they are noted as
 * dropped, and two minutes later their seat is released. In rooms with an owner its timers do that. Repeats do no harm.
 * @throws when the database is away
 */
export const createDisconnectInactiveParticipants = ({ pipeline, door, owners, begun, clock }: {
  pipeline: Pick<Pipeline, 'load'>; door: Pick<RoomDoor, 'execute'>; owners: Pick<RoomOwners, 'ownerless'>; clock: Clock;
  /** Rooms that somebody has come to and that have not ended, in order of id. */
  begun(after: string, limit: number): Promise<readonly string[]>;
}) => async (ctx: CommandContext): Promise<DisconnectReport> => {
  const report: DisconnectReport = { roomsChecked: 0, dropped: 0, seatsReleased: 0, unreachable: 0 };
  for (let after = ''; ;) {
    const roomIds = await begun(after, page);
    await mapLimited(await owners.ownerless(roomIds), atOnce, look);
    const last = roomIds.at(-1);
    if (last === undefined || roomIds.length < page) return report;
    after = last;
  }

  async function look(roomId: string): Promise<void> {
    report.roomsChecked += 1;
    const state = await pipeline.load(room, roomId, { fresh: true }).then((loaded) => loaded.state, () => undefined);
    if (!state) report.unreachable += 1;
    if (!state || !exists(state) || isEnded(state)) return;
    for (const one of Object.values(state.people)) {
      const type = dueFor(one, clock.now().getTime());
      if (type === undefined) continue;
      try {
        const input = { type, personId: one.personId, by: { personId: ctx.actor.id, authority: 'system' }, at: clock.now().toISOString() };
        await door.execute(roomId, { name: 'decide', input }, subcommand(ctx, `${roomId} ${type} ${one.personId}`));
        report[type === 'drop' ? 'dropped' : 'seatsReleased'] += 1;
      } catch {
        report.unreachable += 1;
      }
    }
  }
};

function dueFor({ status, since }: Participant, now: number): 'drop' | 'releaseSeat' | undefined {
  if (status === 'connected') return 'drop';
  return (status === 'joining' || status === 'reconnecting') && now - Date.parse(since) >= silentMs ? 'releaseSeat' : undefined;
}
