import type { Lesson } from '../../domain/lesson/index.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import { leaseOf } from '../calendarSteps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Kit } from './deps.ts';

/** The steps that give back all that a lesson which is over holds: its place, its teacher's time, its lease. What has passed is left as it was. */
export function lettingGo({ pipeline, steps, clock }: Kit, lesson: Lesson, reason: string, ctx: CommandContext) {
  const { lessonId, accountId, reservationId, agendaReservationId, teacherId } = lesson;
  const isAhead = clock.now().getTime() < Date.parse(lesson.endsAt);
  return [
    ...(accountId === null ? [] : [() => releaseLeaseOf(accountId, lesson.leaseId)]),
    ...(isAhead ? [() => steps.releaseAgenda(teacherId, { lessonId, reservationId: agendaReservationId }, reason, ctx, 'release')] : []),
  ];

  /** First the lease, then the place, one after the other: both are in the account's stream and go there together with whatever else waits. */
  async function releaseLeaseOf(account: string, recorded: string | null) {
    const { state } = await pipeline.load(zoomAccount, account);
    const leaseId = leaseOf(state.calendar, lessonId)?.leaseId ?? recorded;
    const released = await Promise.all([
      ...(leaseId === null ? [] : [steps.releaseLease(account, leaseId, reason, ctx, 'release lease')]),
      ...(isAhead ? [steps.releasePlace(account, { lessonId, reservationId }, reason, ctx, 'release')] : []),
    ]);
    return released.at(-1);
  }
}
