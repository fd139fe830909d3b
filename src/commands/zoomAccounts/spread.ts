import type { Reservation } from '../../domain/calendar/index.ts';
import { reservationsOf, shownReservation } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson, type Lesson } from '../../domain/lesson/index.ts';
import { zoomAccount, type ZoomAccount } from '../../domain/zoomAccount/index.ts';
import type { Kit } from '../lessons/deps.ts';
import type { createMoveToAccount } from '../lessons/moveToAccount.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';

type Move = ReturnType<typeof createMoveToAccount>;
const atOnce = 8;

const canNeverBeItsPlace = ({ status, spentReservations }: Lesson, reservationId: string): boolean =>
  status === 'cancelled' || status === 'finished' || spentReservations.includes(reservationId);

/**
 * Moves these reservations of an account to other accounts, lesson by lesson. What moved stays moved, also when another cannot.
 * @returns ids of the lessons that moved
 * @throws DomainError `zoomAccountHasReservations` with those that found no other place
 */
export async function spread(kit: Kit, move: Move, account: ZoomAccount, reservations: readonly Reservation[], reason: string, ctx: CommandContext): Promise<string[]> {
  const stuck: Reservation[] = [];
  const moved: string[] = [];
  await mapLimited(reservations, atOnce, async (reservation) => {
    const { holder, reservationId } = reservation;
    const own = subcommand(ctx, 'spread', reservationId);
    const { state } = await kit.pipeline.load(lesson, holder, { fresh: true });
    if (!exists(state) || state.reservationId !== reservationId || state.accountId !== account.accountId) {
      // Not the lesson's place. One that it left is given back here; one that it may still get is its command's, or the sweeper's.
      if (exists(state) && canNeverBeItsPlace(state, reservationId)) {
        await kit.steps.releasePlace(account.accountId, { lessonId: holder, reservationId }, reason, own, 'release left place');
      }
      return;
    }
    try {
      await move({ lessonId: holder, reason }, own);
      moved.push(holder);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { state: now } = await kit.pipeline.load(zoomAccount, account.accountId, { fresh: true });
      if (reservationsOf(now.calendar, holder).some((held) => held.reservationId === reservationId)) stuck.push(reservation);
    }
  });
  if (stuck.length > 0) {
    throw new DomainError('zoomAccountHasReservations', `${stuck.length} lessons find no other place`, { reservations: stuck.map(shownReservation), movedLessons: moved });
  }
  return moved;
}
