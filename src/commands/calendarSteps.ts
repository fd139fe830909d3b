import { reservationOf, type Calendar } from '../domain/calendar/index.ts';
import { teacherAgenda } from '../domain/teacherAgenda/index.ts';
import { zoomAccount } from '../domain/zoomAccount/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandOptions } from './answer.ts';
import type { CommandContext } from './pipeline/context.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { settle } from './settle.ts';

/** A reservation of a lesson. Instants: RFC 3339 UTC. */
export type Booking = { lessonId: string; reservationId: string; from: string; until: string };
/** Which reservation to give back. */
export type Booked = { lessonId: string; reservationId: string };

/**
 * Steps on accounts and agendas that use cases are made of. Each may be repeated, and each undoes exactly what its namesake did:
 * reservations are told apart by their id, leases by theirs. `step`: names the step among those of one command.
 */
export type CalendarSteps = ReturnType<typeof createCalendarSteps>;

export function createCalendarSteps({ pipeline, clock, gapMinutes }: { pipeline: Pipeline; clock: Clock; gapMinutes: number }) {
  const now = () => clock.now().toISOString();
  const holds = ({ lessonId, reservationId }: Booked) => (calendar: Calendar) => reservationOf(calendar, lessonId, reservationId) !== undefined;

  return {
    /** @throws DomainError `placeTaken`, `zoomAccountDisabled`, `zoomAccountCannotRecord`, `zoomAccountNotFound` */
    reservePlace: (accountId: string, { lessonId, ...booking }: Booking & { recording: boolean }, ctx: CommandContext, step: string) =>
      settle(pipeline, zoomAccount, accountId, { type: 'reserve', holder: lessonId, ...booking, gapMinutes, at: now() }, ctx, step, ({ calendar }) =>
        holds({ lessonId, reservationId: booking.reservationId })(calendar)),

    releasePlace: (accountId: string, booked: Booked, reason: string, ctx: CommandContext, step: string) =>
      settle(pipeline, zoomAccount, accountId, { type: 'release', holder: booked.lessonId, reservationId: booked.reservationId, reason, at: now() }, ctx, step, ({ calendar }) =>
        !holds(booked)(calendar)),

    /** @throws DomainError `placeTaken` */
    reserveAgenda: (teacherId: string, { lessonId, ...booking }: Booking, override: { reason: string } | undefined, ctx: CommandContext, step: string) =>
      settle(pipeline, teacherAgenda, teacherId, { type: 'reserve', holder: lessonId, ...booking, gapMinutes: 0, at: now(), ...(override && { override }) }, ctx, step,
        holds({ lessonId, reservationId: booking.reservationId })),

    releaseAgenda: (teacherId: string, booked: Booked, reason: string, ctx: CommandContext, step: string) =>
      settle(pipeline, teacherAgenda, teacherId, { type: 'release', holder: booked.lessonId, reservationId: booked.reservationId, reason, at: now() }, ctx, step, (calendar) =>
        !holds(booked)(calendar)),

    /** A holder has at most one lease on an account: the one it has already is good. @throws DomainError `noLeaseFree`, `zoomAccountDisabled`, `zoomAccountNotFound` */
    acquireLease: (accountId: string, lease: { leaseId: string; holder: string; until: string }, ctx: CommandContext, step: string, options?: CommandOptions) =>
      settle(pipeline, zoomAccount, accountId, { type: 'acquireLease', ...lease, at: now() }, ctx, step, ({ calendar }) => leaseOf(calendar, lease.holder) !== undefined, options),

    releaseLease: (accountId: string, leaseId: string, reason: string, ctx: CommandContext, step: string, options?: CommandOptions) =>
      settle(pipeline, zoomAccount, accountId, { type: 'releaseLease', leaseId, reason, at: now() }, ctx, step, ({ calendar }) =>
        calendar.leases.every((lease) => lease.leaseId !== leaseId), options),
  };
}

export const leaseOf = (calendar: Calendar, holder: string) => calendar.leases.find((lease) => lease.holder === holder);
