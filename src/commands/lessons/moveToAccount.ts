import { lesson } from '../../domain/lesson/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { attempts, type Attempt } from './attempts.ts';
import type { Kit } from './deps.ts';
import { afterwards, eventOf, lessonAnswer, undoing, type RecordedEvents } from './finishing.ts';
import { loadLesson, mustTake, recordedBefore, seenOf } from './load.ts';
import type { LessonAnswer } from './types.ts';

const record = 'move';

export type MoveToAccount = {
  lessonId: string;
  reason: string;
  /** What it needs there; default: what the lesson says. */
  autoRecord?: boolean;
  /** The lesson is about to start: a lease is acquired with the place. */
  lease?: { leaseId: string };
};

/**
 * Moves a lesson to another account at the same time: a pool change, an overrun, a full account. Its meeting is made anew by the reactor.
 * With a `lease`, place and lease are had together or not at all.
 * @throws DomainError `noZoomAccountFree`, and what a lesson refuses
 */
export const createMoveToAccount = (kit: Kit) => async (input: MoveToAccount, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
  const before = await recordedBefore(kit.pipeline, input.lessonId, ctx, record);
  if (before) return released(kit, before, ctx);
  return attempts(ctx, input.lessonId, (attempt) => move(kit, input, ctx, options, attempt));
};

async function move(kit: Kit, input: MoveToAccount, ctx: CommandContext, options: CommandOptions, { reservationFor, step }: Attempt): Promise<LessonAnswer> {
  const { pipeline, steps, places } = kit;
  const { lessonId, reason, lease } = input;
  const { lesson: now, checked: command } = await loadLesson(pipeline, lessonId, (current) => {
    const seen = seenOf(current);
    const reservationId = reservationFor(seen);
    const wanted = { type: 'moveToAccount' as const, accountId: '', reservationId, reason, seen };
    mustTake(current, wanted);
    return wanted;
  }, options);
  const booking = { lessonId, reservationId: command.reservationId, from: now.startsAt, until: now.endsAt };
  const except = now.accountId === null ? [] : [now.accountId];

  for (;;) {
    const { accountId } = await places.reserve(
      { ...booking, teacherId: now.teacherId, autoRecord: input.autoRecord ?? now.autoRecord, except, leaseFree: lease !== undefined }, ctx, step('reserve'));
    const undoPlace = () => steps.releasePlace(accountId, booking, 'the lesson was not moved', ctx, step('undo'));
    if (lease) {
      try {
        await undoing(kit, () => steps.acquireLease(accountId, { leaseId: lease.leaseId, holder: lessonId, until: now.endsAt }, ctx, step('lease')), () => [undoPlace]);
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'noLeaseFree')) throw error;
        except.push(accountId); // somebody was faster: the next account
        continue;
      }
    }
    const undo = () => [undoPlace, ...(lease ? [() => steps.releaseLease(accountId, lease.leaseId, 'the lesson was not moved', ctx, step('undo lease'))] : [])];
    const executed = await undoing(kit, () => pipeline.execute(lesson, lessonId, { ...command, accountId }, ctx, { step: record, ...options }), undo);
    return released(kit, executed, ctx);
  }
}

async function released(kit: Kit, executed: RecordedEvents, ctx: CommandContext): Promise<LessonAnswer> {
  const answer = lessonAnswer(executed);
  const event = eventOf(executed, 'LessonMovedToAccount');
  if (!event || event.previous.accountId === null) return answer;
  const { lessonId, previous } = event;
  const { accountId, reservationId } = previous;
  return afterwards(kit, answer, [
    ...(accountId === null ? [] : [() => kit.steps.releasePlace(accountId, { lessonId, reservationId }, 'the lesson moved to another account', ctx, 'release')]),
  ]);
}
