import { exists, lesson } from '../../domain/lesson/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Kit } from './deps.ts';
import { afterwards, lessonAnswer } from './finishing.ts';
import { lettingGo } from './letGo.ts';
import type { CancelLesson, LessonAnswer } from './types.ts';

/**
 * Records, then releases place, agenda and lease. The reactor deletes the meeting. A lesson that is cancelled already stays so.
 * @throws DomainError `lessonNotFound`, `lessonFinal` (it has finished), `staleRevision`
 */
export const createCancel = (kit: Kit) => async ({ lessonId, reason }: CancelLesson, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
  const executed = await kit.pipeline.execute(lesson, lessonId, { type: 'cancel', reason, at: kit.clock.now().toISOString() }, ctx, { step: 'record', ...options });
  const answer = lessonAnswer(executed);
  return exists(executed.state) ? afterwards(kit, answer, lettingGo(kit, executed.state, 'the lesson was cancelled', ctx)) : answer;
};
