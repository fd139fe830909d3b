import { DomainError } from '../../domain/kernel/domainError.ts';
import type { ItemAnswer } from '../answer.ts';
import { mapLimited } from '../mapLimited.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { subcommand } from '../subcommand.ts';
import { recordedBefore } from './load.ts';
import type { LessonAnswer } from './types.ts';

const atOnce = 8;

/** The same command for many lessons, each with its own outcome. Each is a command of its own, derived from the whole, so a repeat of the whole repeats each. */
export async function forEachLesson(lessonIds: readonly string[], ctx: CommandContext, command: (lessonId: string, ctx: CommandContext) => Promise<LessonAnswer>): Promise<ItemAnswer[]> {
  return mapLimited([...new Set(lessonIds)], atOnce, async (lessonId): Promise<ItemAnswer> => {
    try {
      const { id, revision, position } = await command(lessonId, subcommand(ctx, 'lesson', lessonId));
      return { outcome: 'done', id, revision, position };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { outcome: 'refused', id: lessonId, code: error.code, message: error.message, details: error.details };
    }
  });
}

/** Of these lessons, those for which an earlier run of this bulk command recorded something: a repeat has them in its answer, whatever they are now. */
export async function recordedInBulk(pipeline: Pipeline, lessonIds: readonly string[], ctx: CommandContext): Promise<string[]> {
  const ids = [...new Set(lessonIds)];
  const recorded = await mapLimited(ids, atOnce, (lessonId) => recordedBefore(pipeline, lessonId, subcommand(ctx, 'lesson', lessonId), 'record'));
  return ids.filter((_, i) => recorded[i] !== undefined);
}
