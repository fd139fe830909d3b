import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson, type LessonCommand } from '../../domain/lesson/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import type { Booked } from '../calendarSteps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { resolveWallTime } from '../wallTime.ts';
import type { Kit } from './deps.ts';
import { afterwards, lessonAnswer, studentWarnings, teacherBusy, undoing, type RecordedEvents } from './finishing.ts';
import { recordedBefore } from './load.ts';
import { mayOverride } from './people.ts';
import type { LessonAnswer, ScheduleLesson } from './types.ts';

const record = 'record';

/**
 * Reserves the teacher's agenda, then a place on an account, then records the lesson. A step that is refused undoes those before it. After a
 * crash between two steps the repeat of the command goes on where it was; without one, the sweeper abandons the lesson and frees what it held.
 * @throws DomainError `teacherBusy`, `noZoomAccountFree`, `startInPast`, `invalidLesson`, `wallTimeSkipped`, `wallTimeAmbiguous`, `unknownTimeZone`,
 *   `unknownTeacher`, `teacherInactive`, `notATeacher`, `unknownGroup`, `overrideNotAllowed`, `lessonAbandoned`
 */
export const createSchedule = (kit: Kit) => async (input: ScheduleLesson, ctx: CommandContext): Promise<LessonAnswer> => {
  const { pipeline, steps, places, people, clock } = kit;
  const { title, teacherId, groupId, provider, autoRecord, override, seriesId, imported } = input;
  const lessonId = input.lessonId ?? deriveId(ctx.commandId, 'lesson');
  // Two commands may be given the same lesson (one file imported twice at once): neither may undo what the other reserved.
  const booking = { lessonId, reservationId: `${lessonId}.${input.lessonId === undefined ? '1' : deriveId(ctx.commandId, 'place', lessonId).slice(0, 8)}` };

  const before = await recordedBefore(pipeline, lessonId, ctx, record);
  if (before) return lessonAnswer(before);
  if (input.lessonId !== undefined) {
    const { state, revision, position } = await pipeline.load(lesson, lessonId);
    if (state.status === 'abandoned') throw new DomainError('lessonAbandoned', 'scheduling this lesson took too long and was given up', { lessonId });
    if (state.status !== 'none') return lessonAnswer({ id: lessonId, revision, position, state });
  }

  mayOverride(override, ctx);
  const when = resolveWallTime(input, input.wallTimes);
  const command = (accountId: string | null): LessonCommand => ({
    type: 'schedule', ...when, ...booking, title, teacherId, groupId, provider, autoRecord, accountId, at: clock.now().toISOString(),
    ...(override && { override }), ...(seriesId !== undefined && { seriesId }), ...(imported && { imported }),
  });
  lesson.decider.decide(command(null), lesson.decider.initial); // refused here, nothing was reserved yet
  await Promise.all([people.mustTeach(teacherId), people.groupMustExist(groupId)]);
  const warnings = studentWarnings(kit, { groupId, ...when }, lessonId);

  const interval = { from: when.startsAt, until: when.endsAt };
  const releaseAgenda = () => steps.releaseAgenda(teacherId, booking, 'the lesson was not scheduled', ctx, 'undo');
  await steps.reserveAgenda(teacherId, { ...booking, ...interval }, override, ctx, 'reserve').catch((error: unknown) => {
    throw teacherBusy(error, teacherId);
  });
  const place = provider === 'none' ? undefined : await undoing(kit, () => places.reserve({ ...booking, ...interval, teacherId, autoRecord }, ctx, 'reserve'), () => [releaseAgenda]);
  const executed = await undoing(
    kit,
    () => pipeline.execute(lesson, lessonId, command(place?.accountId ?? null), ctx, { step: record, presumedNew: true }),
    () => [releaseAgenda, ...(place ? [() => steps.releasePlace(place.accountId, booking, 'the lesson was not scheduled', ctx, 'undo')] : [])],
  );
  return { ...(await withoutSpare(kit, executed, booking, teacherId, place?.accountId ?? null, ctx)), warnings: await warnings };
};

/** Another run may have been faster and recorded the lesson elsewhere: then what this run reserved is given back. */
async function withoutSpare(kit: Kit, executed: RecordedEvents, booking: Booked, teacherId: string, accountId: string | null, ctx: CommandContext): Promise<LessonAnswer> {
  const { state } = executed;
  const answer = lessonAnswer(executed);
  if (executed.events.length > 0 || !exists(state)) return answer;
  const reason = 'the lesson is elsewhere';
  return afterwards(kit, answer, [
    ...(state.teacherId === teacherId && state.agendaReservationId === booking.reservationId ? [] : [() => kit.steps.releaseAgenda(teacherId, booking, reason, ctx, 'undo')]),
    ...(accountId === null || (state.accountId === accountId && state.reservationId === booking.reservationId)
      ? []
      : [() => kit.steps.releasePlace(accountId, booking, reason, ctx, 'undo')]),
  ]);
}
