import { lesson } from '../../domain/lesson/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { attempts, type Attempt } from './attempts.ts';
import type { Kit } from './deps.ts';
import { afterwards, eventOf, lessonAnswer, teacherBusy, undoing, type RecordedEvents } from './finishing.ts';
import { loadLesson, mustTake, recordedBefore, seenOf } from './load.ts';
import { mayOverride } from './people.ts';
import type { LessonAnswer, ReassignTeacher } from './types.ts';

const record = 'record';

/**
 * Reserves the new teacher's agenda, records, releases the old one's. Time and account stay.
 * @throws DomainError `lessonNotFound`, `lessonFinal`, `lessonLive`, `staleRevision`, `teacherBusy`, `unknownTeacher`, `teacherInactive`, `notATeacher`,
 *   `overrideNotAllowed`, `placeForfeited`
 */
export const createReassignTeacher = (kit: Kit) => async (input: ReassignTeacher, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
  mayOverride(input.override, ctx);
  const before = await recordedBefore(kit.pipeline, input.lessonId, ctx, record);
  if (before) return released(kit, before, ctx);
  await kit.people.mustTeach(input.teacherId);
  return attempts(ctx, input.lessonId, (attempt) => reassign(kit, input, ctx, options, attempt));
};

async function reassign(kit: Kit, input: ReassignTeacher, ctx: CommandContext, options: CommandOptions, { reservationFor, step }: Attempt): Promise<LessonAnswer> {
  const { pipeline, steps } = kit;
  const { lessonId, teacherId, override } = input;
  const { lesson: now, checked: command, ...rest } = await loadLesson(pipeline, lessonId, (current) => {
    const seen = seenOf(current);
    const reservationId = reservationFor(seen);
    const wanted = { type: 'reassignTeacher' as const, teacherId, reservationId, seen, ...(override && { override }) };
    mustTake(current, wanted);
    return wanted;
  }, options);
  if (now.teacherId === teacherId) return lessonAnswer({ id: lessonId, ...rest, state: now });

  const booking = { lessonId, reservationId: command.reservationId, from: now.startsAt, until: now.endsAt };
  await steps.reserveAgenda(teacherId, booking, override, ctx, step('reserve')).catch((error: unknown) => {
    throw teacherBusy(error, teacherId);
  });
  const executed = await undoing(kit, () => pipeline.execute(lesson, lessonId, command, ctx, { step: record, ...options }), () => [
    () => steps.releaseAgenda(teacherId, booking, 'the lesson was not reassigned', ctx, step('undo')),
  ]);
  return released(kit, executed, ctx);
}

async function released(kit: Kit, executed: RecordedEvents, ctx: CommandContext): Promise<LessonAnswer> {
  const answer = lessonAnswer(executed);
  const event = eventOf(executed, 'LessonTeacherReassigned');
  if (!event) return answer;
  const { lessonId, previousTeacherId, previousReservationId } = event;
  return afterwards(kit, answer, [
    () => kit.steps.releaseAgenda(previousTeacherId, { lessonId, reservationId: previousReservationId }, 'another teacher teaches the lesson', ctx, 'release'),
  ]);
}
