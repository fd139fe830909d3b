import { lesson } from '../../domain/lesson/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { resolveWallTime } from '../wallTime.ts';
import { attempts, type Attempt } from './attempts.ts';
import type { Kit } from './deps.ts';
import { afterwards, eventOf, lessonAnswer, studentWarnings, teacherBusy, undoing, type RecordedEvents } from './finishing.ts';
import { loadLesson, mustTake, recordedBefore, seenOf } from './load.ts';
import { mayOverride } from './people.ts';
import type { LessonAnswer, RescheduleLesson } from './types.ts';

const record = 'record';

/**
 * Reserves the new interval (the lesson's own reservations do not count), on the same account if it is free then, records, and releases the old.
 * Refused, nothing has changed.
 * @throws DomainError `lessonNotFound`, `lessonFinal`, `lessonLive`, `staleRevision`, `teacherBusy`, `noZoomAccountFree`, `startInPast`, `invalidLesson`,
 *   wall time's, `overrideNotAllowed`, `placeForfeited`
 */
export const createReschedule = (kit: Kit) => async (input: RescheduleLesson, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
  const { pipeline } = kit;
  mayOverride(input.override, ctx);
  const before = await recordedBefore(pipeline, input.lessonId, ctx, record);
  if (before) return released(kit, before, ctx);
  return attempts(ctx, input.lessonId, (attempt) => reschedule(kit, input, ctx, options, attempt));
};

async function reschedule(kit: Kit, input: RescheduleLesson, ctx: CommandContext, options: CommandOptions, { reservationFor, step }: Attempt): Promise<LessonAnswer> {
  const { pipeline, steps, places, clock } = kit;
  const { lessonId, override } = input;
  const { lesson: now, checked: command, ...rest } = await loadLesson(pipeline, lessonId, (current) => {
    const { localStart = current.localStart, zone = current.zone, durationMinutes = current.durationMinutes } = input;
    const when = resolveWallTime({ localStart, zone, durationMinutes }, input.wallTimes);
    const seen = seenOf(current);
    const reservationId = reservationFor(seen);
    const wanted = { type: 'reschedule' as const, ...when, accountId: current.accountId, reservationId, seen, at: clock.now().toISOString(), ...(override && { override }) };
    mustTake(current, wanted);
    return wanted;
  }, options);
  const { startsAt, endsAt } = command;
  if (startsAt === now.startsAt && endsAt === now.endsAt && command.localStart === now.localStart && command.zone === now.zone) {
    return lessonAnswer({ id: lessonId, ...rest, state: now });
  }
  const warnings = studentWarnings(kit, { groupId: now.groupId, startsAt, endsAt }, lessonId);

  const booking = { lessonId, reservationId: command.reservationId, from: startsAt, until: endsAt };
  const why = 'the lesson was not rescheduled';
  const undoAgenda = () => steps.releaseAgenda(now.teacherId, booking, why, ctx, step('undo'));
  await steps.reserveAgenda(now.teacherId, booking, override, ctx, step('reserve')).catch((error: unknown) => {
    throw teacherBusy(error, now.teacherId);
  });
  const place = now.provider === 'none' ? undefined : await undoing(kit, () => places.reserve(
    { ...booking, teacherId: now.teacherId, autoRecord: now.autoRecord, prefer: now.accountId }, ctx, step('reserve')), () => [undoAgenda]);
  const undo = () => [undoAgenda, ...(place ? [() => steps.releasePlace(place.accountId, booking, why, ctx, step('undo'))] : [])];
  const executed = await undoing(kit, () => pipeline.execute(lesson, lessonId, { ...command, accountId: place?.accountId ?? null }, ctx, { step: record, ...options }), undo);
  return { ...(await released(kit, executed, ctx)), warnings: await warnings };
}

/** Gives back the place that the lesson left. */
async function released(kit: Kit, executed: RecordedEvents, ctx: CommandContext): Promise<LessonAnswer> {
  const { steps } = kit;
  const answer = lessonAnswer(executed);
  const event = eventOf(executed, 'LessonRescheduled');
  if (!event) return answer;
  const { lessonId, previous } = event;
  const { accountId, reservationId, agendaReservationId } = previous;
  const why = 'the lesson was rescheduled';
  return afterwards(kit, answer, [
    () => steps.releaseAgenda(answer.lesson.teacherId, { lessonId, reservationId: agendaReservationId }, why, ctx, 'release'),
    ...(accountId === null ? [] : [() => steps.releasePlace(accountId, { lessonId, reservationId }, why, ctx, 'release')]),
  ]);
}
