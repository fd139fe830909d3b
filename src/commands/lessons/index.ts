import type { CommandContext } from '../pipeline/context.ts';
import { forEachLesson, recordedInBulk } from './bulk.ts';
import { createCancel } from './cancel.ts';
import { createChangeDetails, createRememberImport } from './changeDetails.ts';
import { createKit, type LessonDeps } from './deps.ts';
import { createEnd } from './end.ts';
import { createMoveToAccount } from './moveToAccount.ts';
import { createReassignTeacher } from './reassignTeacher.ts';
import { createReschedule } from './reschedule.ts';
import { createSchedule } from './schedule.ts';
import { createStart } from './start.ts';
import type { CancelLessons, ReassignLessons } from './types.ts';

export type LessonCommands = ReturnType<typeof createLessonCommands>;

/** Every command of lessons. Each is idempotent by the id of its context; what each refuses stands at its file's function. */
export function createLessonCommands(deps: LessonDeps) {
  const kit = createKit(deps);
  const moveToAccount = createMoveToAccount(kit);
  const cancel = createCancel(kit);
  const reassignTeacher = createReassignTeacher(kit);
  return {
    schedule: createSchedule(kit),
    reschedule: createReschedule(kit),
    changeDetails: createChangeDetails(kit, moveToAccount),
    reassignTeacher,
    cancel,
    start: createStart(kit, moveToAccount),
    end: createEnd(kit),
    rememberImport: createRememberImport(kit),
    moveToAccount,
    /** Of these, what an earlier run of the same cancelMany or reassignMany recorded; none unless `ctx.mayBeRepeat`. */
    recordedInBulk: (lessonIds: readonly string[], ctx: CommandContext) => recordedInBulk(kit.pipeline, lessonIds, ctx),
    async cancelMany({ lessonIds, reason }: CancelLessons, ctx: CommandContext) {
      return { results: await forEachLesson(lessonIds, ctx, (lessonId, own) => cancel({ lessonId, reason }, own)) };
    },
    async reassignMany({ lessonIds, ...to }: ReassignLessons, ctx: CommandContext) {
      return { results: await forEachLesson(lessonIds, ctx, (lessonId, own) => reassignTeacher({ lessonId, ...to }, own)) };
    },
  };
}
