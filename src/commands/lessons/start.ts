import { shownLease } from '../../domain/calendar/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { checkStart, exists, lesson, type Lesson } from '../../domain/lesson/index.ts';
import { zoomAccount } from '../../domain/zoomAccount/index.ts';
import { zoomMeeting, type MeetingState } from '../../domain/zoomMeeting/index.ts';
import { deriveId } from '../../eventLog/ids.ts';
import { MeetingsError } from '../../ports/meetings.ts';
import type { CommandOptions } from '../answer.ts';
import { leaseOf } from '../calendarSteps.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';
import { overdueLeases, releaseOverdue } from '../zoomAccounts/overdueLeases.ts';
import { attempts, type Attempt } from './attempts.ts';
import type { Kit } from './deps.ts';
import { lessonAnswer, undoing } from './finishing.ts';
import { loadLesson } from './load.ts';
import type { createMoveToAccount } from './moveToAccount.ts';
import { teacherOrAdmin } from './people.ts';
import type { StartAnswer, StartLesson } from './types.ts';

type Move = ReturnType<typeof createMoveToAccount>;
type Leased = { leaseId: string; accountId: string; moved: boolean; /** Acquired by this attempt, so undone with it. */ fresh: boolean };

/**
 * Acquires a lease and records the start. A full account first releases leases past their lesson's end that Zoom does not report live; then
 * the lesson moves to another free account; then it is refused, and nothing has changed. A lesson that is live already is answered with a fresh URL.
 * @throws DomainError `lessonNotFound`, `forbidden`, `tooEarly`, `lessonOver`, `lessonFinal`, `staleRevision`, `zoomAccountFull` (with `leases`: who holds it),
 *   `vendorUnavailable` (no URL to be had; nothing has changed)
 */
export const createStart = (kit: Kit, move: Move) => async ({ lessonId }: StartLesson, ctx: CommandContext, options: CommandOptions = {}): Promise<StartAnswer> =>
  attempts(ctx, lessonId, (attempt) => start(kit, move, lessonId, ctx, options, attempt));

async function start(kit: Kit, move: Move, lessonId: string, ctx: CommandContext, options: CommandOptions, attempt: Attempt): Promise<StartAnswer> {
  const { pipeline, steps, clock, rules } = kit;
  await pipeline.load(lesson, lessonId, { fresh: true }); // it may have been ended elsewhere
  const { lesson: now, checked: by, ...rest } = await loadLesson(pipeline, lessonId, (current) => {
    const who = teacherOrAdmin(current, ctx);
    if (current.status === 'finished' || current.status === 'cancelled') throw new DomainError('lessonFinal', `this lesson is ${current.status}`, { status: current.status });
    if (current.status === 'scheduled') checkStart(current, { at: clock.now().toISOString(), earliestMinutes: rules.startWindowMinutes });
    return who;
  }, ctx.mayBeRepeat ? {} : options);
  if (now.status === 'live') return { ...lessonAnswer({ id: lessonId, ...rest, state: now }), leaseId: now.leaseId, ...(await url(kit, now, ctx)), moved: false };

  const record = (lease: Leased | undefined, ifMatch: number | undefined) => pipeline.execute(
    lesson, lessonId,
    { type: 'start', accountId: lease?.accountId ?? null, leaseId: lease?.leaseId ?? null, by, earliestMinutes: rules.startWindowMinutes, at: clock.now().toISOString() },
    ctx, { step: attempt.step('record'), ...(ifMatch !== undefined && { ifMatch }) },
  );
  if (now.accountId === null) {
    return { ...lessonAnswer(await record(undefined, options.ifMatch)), leaseId: null, startUrl: null, meetingState: 'none', moved: false };
  }

  const lease = await acquire(kit, move, now, now.accountId, ctx, attempt);
  // A lesson that moved has a new revision by our own hand.
  const ifMatch = lease.moved ? undefined : options.ifMatch;
  const { executed, link } = await undoing(kit, async () => {
    const fetched = await url(kit, { ...now, accountId: lease.accountId }, ctx);
    return { executed: await record(lease, ifMatch), link: fetched };
  }, () => (lease.fresh ? [() => steps.releaseLease(lease.accountId, lease.leaseId, 'the lesson was not started', ctx, attempt.step('undo lease'))] : []));
  return { ...lessonAnswer(executed), leaseId: lease.leaseId, ...link, moved: lease.moved };
}

async function acquire(kit: Kit, move: Move, now: Lesson, accountId: string, ctx: CommandContext, { step }: Attempt): Promise<Leased> {
  const { pipeline, steps } = kit;
  const { lessonId } = now;
  const wanted = { leaseId: deriveId(ctx.commandId, 'lease', lessonId, step('')), holder: lessonId, until: now.endsAt };
  const tryLease = async (name: string): Promise<Leased | undefined> => {
    try {
      const { state } = await steps.acquireLease(accountId, wanted, ctx, step(name));
      const leaseId = leaseOf(state.calendar, lessonId)?.leaseId ?? wanted.leaseId;
      return { leaseId, accountId, moved: false, fresh: leaseId === wanted.leaseId };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'noLeaseFree') return undefined;
      throw error;
    }
  };

  const first = await tryLease('lease');
  if (first) return first;

  const { state: account } = await pipeline.load(zoomAccount, accountId);
  const over = (await overdueLeases(kit, account, 0)).filter(({ meeting }) => meeting === 'notLive');
  for (const { lease } of over) await releaseOverdue(kit, accountId, lease, 'the next lesson starts', ctx);
  const second = over.length > 0 ? await tryLease('lease again') : undefined;
  if (second) return second;

  try {
    const { lesson: moved } = await move({ lessonId, reason: 'its account was full at the start', lease: { leaseId: wanted.leaseId } }, subcommand(ctx, step('move')));
    return { leaseId: wanted.leaseId, accountId: moved.accountId ?? accountId, moved: true, fresh: true };
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'noZoomAccountFree')) throw error;
    const { state: full } = await pipeline.load(zoomAccount, accountId, { fresh: true });
    throw new DomainError('zoomAccountFull', 'all places of this account are in use, and no other account is free', { accountId, leases: full.calendar.leases.map(shownLease) });
  }
}

/** Only for the lesson's teacher, only of a meeting that is there and on the lesson's account. */
async function url({ pipeline, meetings }: Kit, now: Lesson, { actor }: CommandContext): Promise<{ startUrl: string | null; meetingState: MeetingState['status'] }> {
  if (now.accountId === null) return { startUrl: null, meetingState: 'none' };
  const { state: meeting } = await pipeline.load(zoomMeeting, now.lessonId, { fresh: true });
  const none = { startUrl: null, meetingState: meeting.status };
  if (actor.id !== now.teacherId || meeting.status !== 'created' || meeting.plan?.accountId !== now.accountId) return none;
  const { state: account } = await pipeline.load(zoomAccount, now.accountId);
  try {
    return { startUrl: await meetings.startUrl({ credentialsRef: account.credentialsRef, user: account.zoomUser }, meeting.meetingId), meetingState: meeting.status };
  } catch (error) {
    if (!(error instanceof MeetingsError)) throw error;
    if (error.code === 'notFound') return none; // it is being made again
    throw new DomainError('vendorUnavailable', 'Zoom gives no start link at the moment', { reason: error.code });
  }
}

/**
 * A webhook told that the lesson's current meeting runs. Outside the time of the lesson that is a trial and changes nothing. When the
 * account has no place left the lesson goes live without a lease: the meeting is a fact, the limit stays.
 */
export async function startedByMeeting(kit: Kit, lessonId: string, ctx: CommandContext): Promise<void> {
  const { pipeline, steps, clock, rules } = kit;
  const { state } = await pipeline.load(lesson, lessonId, { fresh: true });
  if (!exists(state) || state.status !== 'scheduled' || state.accountId === null) return;
  const { accountId, endsAt: until } = state;
  const at = clock.now().toISOString();
  try {
    checkStart(state, { at, earliestMinutes: rules.startWindowMinutes });
  } catch (error) {
    if (error instanceof DomainError) return;
    throw error;
  }
  const leaseId = await steps.acquireLease(accountId, { leaseId: deriveId(ctx.commandId, 'lease', lessonId), holder: lessonId, until }, ctx, 'lease').then(
    (executed) => leaseOf(executed.state.calendar, lessonId)?.leaseId ?? null,
    (error: unknown) => {
      if (error instanceof DomainError) return null;
      throw error;
    },
  );
  const undo = () => (leaseId === null ? [] : [() => steps.releaseLease(accountId, leaseId, 'the lesson was not started', ctx, 'undo lease')]);
  try {
    await undoing(kit, () => pipeline.execute(
      lesson, lessonId, { type: 'start', accountId, leaseId, by: 'meeting', earliestMinutes: rules.startWindowMinutes, at }, ctx, { step: 'record' }), undo);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error; // cancelled, moved or finished in between: no start of it
  }
}
