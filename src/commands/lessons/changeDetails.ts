import { exists, lesson } from '../../domain/lesson/index.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Kit } from './deps.ts';
import { lessonAnswer, studentWarnings } from './finishing.ts';
import { loadLesson, mustTake, recordedBefore, seenOf } from './load.ts';
import type { createMoveToAccount } from './moveToAccount.ts';
import type { ChangeLessonDetails, LessonAnswer, RememberImport } from './types.ts';

const record = 'record';

/**
 * Title, group, recording. A lesson that is to be recorded from now on moves, if it must, to an account that can.
 * @throws DomainError `lessonNotFound`, `lessonFinal`, `lessonLive` (recording), `staleRevision`, `lessonChanged` (recording), `invalidLesson`, `unknownGroup`, `noZoomAccountFree`
 */
export const createChangeDetails = (kit: Kit, moveToAccount: ReturnType<typeof createMoveToAccount>) =>
  async (input: ChangeLessonDetails, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
    const { pipeline } = kit;
    const { lessonId, title, groupId, autoRecord } = input;
    const before = await recordedBefore(pipeline, lessonId, ctx, record);
    if (before) return lessonAnswer(before);

    const command = { type: 'changeDetails' as const, ...(title !== undefined && { title }), ...(groupId !== undefined && { groupId }), ...(autoRecord !== undefined && { autoRecord }) };
    const { lesson: now } = await loadLesson(pipeline, lessonId, (current) => mustTake(current, command), ctx.mayBeRepeat ? {} : options);
    if (groupId !== undefined) await kit.people.groupMustExist(groupId);
    let ifMatch = options.ifMatch;
    let seen = seenOf(now);
    if (autoRecord === true && now.accountId !== null && now.status === 'scheduled') {
      const { state: account } = await pipeline.load(zoomAccount, now.accountId);
      if (!account.cloudRecording) {
        const moved = await moveToAccount({ lessonId, reason: 'this account cannot record', autoRecord: true }, ctx, options);
        if (ifMatch !== undefined) ifMatch = moved.revision;
        const { state } = await pipeline.load(lesson, lessonId);
        if (exists(state)) seen = seenOf(state);
      }
    }
    const executed = await pipeline.execute(lesson, lessonId, { ...command, seen }, ctx, { step: record, ...(ifMatch !== undefined && { ifMatch }) });
    const answer = lessonAnswer(executed);
    return groupId === undefined ? answer : { ...answer, warnings: await studentWarnings(kit, answer.lesson, lessonId) };
  };

/** What an import said last; the next one compares with it. @throws DomainError `lessonNotFound` */
export const createRememberImport = (kit: Kit) => async ({ lessonId, imported }: RememberImport, ctx: CommandContext): Promise<LessonAnswer> =>
  lessonAnswer(await kit.pipeline.execute(lesson, lessonId, { type: 'rememberImport', imported }, ctx, { step: 'remember import' }));
