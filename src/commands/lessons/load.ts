import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson, type Lesson, type LessonCommand } from '../../domain/lesson/index.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { CommandOptions } from '../answer.ts';

/** What this command recorded in an earlier run, if there was one. `step`: the one that records. */
export async function recordedBefore(pipeline: Pipeline, lessonId: string, ctx: CommandContext, step: string) {
  if (!ctx.mayBeRepeat) return undefined;
  const executed = await pipeline.execute(lesson, lessonId, { type: 'look' }, ctx, { step });
  return executed.events.length > 0 ? executed : undefined;
}

/**
 * The lesson, and what `check` made of it unless it found something against it (it throws DomainErrors). A refusal, and a revision that is not the one in
 * `ifMatch`, counts only on the newest state.
 * @throws DomainError `lessonNotFound`, `staleRevision`, and what `check` refuses
 */
export async function loadLesson<Checked>(
  pipeline: Pipeline, lessonId: string, check: (lesson: Lesson) => Checked, { ifMatch }: CommandOptions = {},
): Promise<{ lesson: Lesson; revision: number; position: string; checked: Checked }> {
  const look = async (fresh: boolean) => {
    const { state, revision, position } = await pipeline.load(lesson, lessonId, { fresh });
    if (!exists(state)) {
      throw state.status === 'abandoned'
        ? new DomainError('lessonAbandoned', 'scheduling this lesson took too long and was given up; schedule it anew')
        : new DomainError('lessonNotFound', 'there is no such lesson', { lessonId });
    }
    if (ifMatch !== undefined && ifMatch !== revision) throw new DomainError('staleRevision', `the lesson is at revision ${revision}, not ${ifMatch}`, { revision });
    return { lesson: state, revision, position, checked: check(state) };
  };
  try {
    return await look(false);
  } catch (error) {
    if (error instanceof DomainError) return look(true);
    throw error;
  }
}

/** Refuses early what the lesson's own stream would refuse later, before anything is reserved for it. */
export function mustTake(state: Lesson, command: LessonCommand): void {
  lesson.decider.decide(command, state);
}

/** What a command that reserves a new place goes by: a lesson for which this is no longer so is looked at again. */
export const seenOf = ({ reservationId, agendaReservationId, autoRecord }: Lesson) => ({ reservationId, agendaReservationId, autoRecord });
