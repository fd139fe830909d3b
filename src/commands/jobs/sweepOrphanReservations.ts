import { upcoming, type Calendar, type Reservation } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson, type Lesson } from '../../domain/lesson/index.ts';
import { teacherAgenda } from '../../domain/teacherAgenda/index.ts';
import { createKit, type Kit, type LessonDeps } from '../lessons/deps.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';

export type SweepReport = { reservationsChecked: number; reservationsReleased: number; leasesReleased: number; lessonsAbandoned: number };

export type SweepDeps = LessonDeps & {
  /** Everyone who may have an agenda: at least every person who is or was a teacher. */
  teacherIds(): Promise<readonly string[]>;
};

/** How long a command may take between reserving a place and recording it. */
const patience = 5 * 60_000;
/** Reservations made within this time are checked in every run, all others in one of `slices` runs. */
const recent = 60 * 60_000;
const slices = 12;
const atOnce = 8;

/** Where a reservation is, and whether it is the lesson's. */
type Shelf = { stream: string; isHome(lesson: Lesson, reservationId: string): boolean; release(reservation: Reservation, ctx: CommandContext): Promise<unknown> };

/**
 * Frees what commands that died halfway left behind. Before a reservation goes, the lesson's own stream is told (a lesson that does not exist is
 * abandoned, another forfeits that place): so a command that was only slow can never record a place that was taken from it.
 * The first run of a process looks at every reservation that is not over, later ones at recent ones and a slice of the others.
 */
export function createSweepOrphanReservations(deps: SweepDeps): (ctx: CommandContext) => Promise<SweepReport> {
  const kit = createKit(deps);
  const { pipeline, steps, index, clock } = kit;
  let runs = 0;

  return async (ctx) => {
    const slice = runs;
    runs += 1;
    const now = clock.now().getTime();
    const report: SweepReport = { reservationsChecked: 0, reservationsReleased: 0, leasesReleased: 0, lessonsAbandoned: 0 };
    const due = (calendar: Calendar) => upcoming(calendar, now).filter(({ reservedAt, holder }) =>
      reservedAt <= now - patience && (slice === 0 || reservedAt > now - recent || sliceOf(holder) === slice % slices));

    await index.refresh();
    for (const { accountId, calendar } of index.accounts()) {
      await sweepShelf(kit, due(calendar), {
        stream: `zoomAccount-${accountId}`,
        isHome: (state, reservationId) => state.accountId === accountId && state.reservationId === reservationId,
        release: ({ holder, reservationId }, own) => steps.releasePlace(accountId, { lessonId: holder, reservationId }, 'no lesson sits here', own, 'release'),
      }, ctx, report);
      await sweepLeases(kit, accountId, calendar, now, ctx, report);
    }
    await mapLimited(await deps.teacherIds(), atOnce, async (teacherId) => {
      const { state } = await pipeline.load(teacherAgenda, teacherId, { fresh: true });
      await sweepShelf(kit, due(state), {
        stream: `teacherAgenda-${teacherId}`,
        isHome: (found, reservationId) => found.teacherId === teacherId && found.agendaReservationId === reservationId,
        release: ({ holder, reservationId }, own) => steps.releaseAgenda(teacherId, { lessonId: holder, reservationId }, 'no lesson sits here', own, 'release'),
      }, ctx, report);
    });
    return report;
  };
}

async function sweepShelf({ pipeline }: Kit, reservations: readonly Reservation[], shelf: Shelf, ctx: CommandContext, report: SweepReport): Promise<void> {
  await mapLimited(reservations, atOnce, async (reservation) => {
    const { holder, reservationId } = reservation;
    report.reservationsChecked += 1;
    const { state } = await pipeline.load(lesson, holder, { fresh: true });
    if (exists(state) && !isOver(state) && shelf.isHome(state, reservationId)) return;
    const own = subcommand(ctx, 'sweep', shelf.stream, reservationId);
    try {
      const { events } = await pipeline.execute(lesson, holder, { type: 'forfeitPlace', lessonId: holder, reservationId, reason: 'nobody recorded this place in time' }, own, { step: 'forfeit' });
      if (events.some(({ type }) => type === 'LessonAbandoned')) report.lessonsAbandoned += 1;
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'placeInUse')) throw error;
      // Recorded: here, in this very moment, or under the same name elsewhere.
      const { state: now } = await pipeline.load(lesson, holder);
      if (exists(now) && shelf.isHome(now, reservationId)) return;
    }
    await shelf.release(reservation, own);
    report.reservationsReleased += 1;
  });
}

/** A lease whose lesson is over: its command died before it let go. */
async function sweepLeases({ pipeline, steps }: Kit, accountId: string, { leases }: Calendar, now: number, ctx: CommandContext, report: SweepReport): Promise<void> {
  for (const { leaseId, holder, acquiredAt } of leases) {
    if (acquiredAt > now - patience) continue;
    const { state } = await pipeline.load(lesson, holder, { fresh: true });
    if (!exists(state) || !isOver(state)) continue;
    await steps.releaseLease(accountId, leaseId, 'its lesson is over', subcommand(ctx, 'sweep', accountId, leaseId), 'release');
    report.leasesReleased += 1;
  }
}

const isOver = ({ status }: Lesson) => status === 'cancelled' || status === 'finished';

function sliceOf(holder: string): number {
  let hash = 0;
  for (let i = 0; i < holder.length; i += 1) hash = (Math.imul(hash, 31) + holder.charCodeAt(i)) >>> 0;
  return hash % slices;
}
