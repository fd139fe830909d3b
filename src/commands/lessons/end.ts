import { setTimeout as sleep } from 'node:timers/promises';
import { exists, lesson, type Lesson } from '../../domain/lesson/index.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import { zoomMeeting } from '../../domain/zoomMeeting/index.ts';
import { MeetingsError } from '../../ports/meetings.ts';
import type { CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { Kit } from './deps.ts';
import { afterwards, lessonAnswer } from './finishing.ts';
import { lettingGo } from './letGo.ts';
import { loadLesson } from './load.ts';
import { teacherOrAdmin } from './people.ts';
import type { EndLesson, LessonAnswer } from './types.ts';

/** A vendor that does not answer holds the teacher up no longer. Milliseconds. */
const vendorPatience = 4_000;

export type EndedBy = 'teacher' | 'admin' | 'meeting' | 'releaseJob';

/** Its teacher or an admin ends a lesson that is live. @throws DomainError `lessonNotFound`, `lessonNotLive`, `lessonFinal` (cancelled), `forbidden`, `staleRevision` */
export const createEnd = (kit: Kit) => async ({ lessonId }: EndLesson, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> => {
  const { lesson: now, checked: by } = await loadLesson(kit.pipeline, lessonId, (current) => teacherOrAdmin(current, ctx));
  if (now.status === 'live') await endMeeting(kit, now);
  return finish(kit, lessonId, by, ctx, options);
};

/** So that the account is free in fact when its lease is. A vendor that does not answer keeps no lesson open: the meeting ends when people leave. */
async function endMeeting({ pipeline, meetings }: Kit, { lessonId, accountId }: Lesson): Promise<void> {
  if (accountId === null) return;
  const { state: meeting } = await pipeline.load(zoomMeeting, lessonId, { fresh: true });
  if (meeting.status !== 'created' || meeting.plan?.accountId !== accountId) return;
  const { state: account } = await pipeline.load(zoomAccount, accountId);
  const ending = meetings.end({ credentialsRef: account.credentialsRef, user: account.zoomUser }, meeting.meetingId).catch((error: unknown) => {
    if (!(error instanceof MeetingsError)) throw error;
  });
  await Promise.race([ending, sleep(vendorPatience, undefined, { ref: false })]);
}

/** Records that the lesson is over and releases its lease and what is left of its place. */
export async function finish(kit: Kit, lessonId: string, by: EndedBy, ctx: CommandContext, options: CommandOptions = {}): Promise<LessonAnswer> {
  const executed = await kit.pipeline.execute(lesson, lessonId, { type: 'finish', by, at: kit.clock.now().toISOString() }, ctx, { step: 'record', ...options });
  const answer = lessonAnswer(executed);
  return exists(executed.state) ? afterwards(kit, answer, lettingGo(kit, executed.state, 'the lesson has finished', ctx)) : answer;
}
