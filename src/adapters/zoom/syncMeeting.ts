import type { CommandContext } from '../../commands/pipeline/context.ts';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { subcommand } from '../../commands/subcommand.ts';
import type { ZoomMeetingCommands } from '../../commands/zoomMeetings/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { lesson as lessonAggregate } from '../../domain/lesson/index.ts';
import { zoomMeeting, type MeetingPlanned, type MeetingState } from '../../domain/zoomMeeting/index.ts';
import type { Clock } from '../../ports/clock.ts';
import { MeetingsError, type Meeting, type MeetingHost, type Meetings } from '../../ports/meetings.ts';
import { RetryLater } from '../reactors/retryLater.ts';
import type { HostDays } from './hostDays.ts';
import { nextStep } from './nextStep.ts';
import type { SyncLease, SyncLeases } from './syncLeases.ts';

export type SyncMeetingDeps = {
  pipeline: Pick<Pipeline, 'load'>;
  commands: Pick<ZoomMeetingCommands, 'claim' | 'created' | 'failed' | 'deleted'>;
  meetings: Meetings;
  /** The host of one of our accounts. @throws when it is not known */
  hostOf(accountId: string): Promise<MeetingHost>;
  hostDays: HostDays;
  leases: SyncLeases;
  /** Lessons on this account that begin sooner and still have no meeting: they come first when the day's allowance is short. */
  soonerWithoutMeeting(accountId: string, startsAt: string): Promise<number>;
  clock: Clock;
  /** Default 14 days. */
  mintAheadMs?: number;
};

export type SyncRun = { context: CommandContext; isLastAttempt: boolean };
class DayIsFull extends Error {}

type Run = SyncRun & { steps: number };
/** `dayFull`: the host's meetings of this UTC day are used up; the sweep asks again when there is room, soonest lesson first. */
export type SyncOutcome = 'inStep' | 'notWanted' | 'tooEarly' | 'over' | 'dayFull';

export const day = 86_400_000;
/** A step leads to the next (delete → claim → create → in step); more than this is somebody changing the lesson all the while. */
const mostSteps = 8;
const busyElsewhereMs = 2_000;
const shortWaitMs = 5_000;

/**
 * Brings the vendor in line with what a lesson wants: compare, take one step, compare again. Running it once too often does no
 * harm, and so does dying anywhere: a meeting that may exist was claimed in the log first, and is looked for before one is made.
 * @throws RetryLater when told to wait · MeetingsError when a step failed (recorded; parked on the last attempt)
 */
export function createSyncMeeting(deps: SyncMeetingDeps) {
  const { pipeline, commands, meetings, hostDays, clock, mintAheadMs = 14 * day } = deps;

  async function sync(lessonId: string, run: Run, lease: SyncLease): Promise<SyncOutcome> {
    for (let taken = 0; taken < mostSteps; taken += 1) {
      const lesson = await pipeline.load(lessonAggregate, lessonId, { fresh: true });
      const { state: meeting } = await pipeline.load(zoomMeeting, lessonId, { fresh: true });
      const next = nextStep(lesson.state, meeting, { now: clock.now().getTime(), mintAheadMs });
      if (next.step === 'rest') return next.why;
      if (!(await lease.renew())) throw new RetryLater(busyElsewhereMs, 'another worker took over');
      try {
        if (next.step === 'delete') await remove(lessonId, meeting, run);
        else if (next.step === 'claim') await claim(lessonId, next.plan, run);
        else await create(lessonId, meeting, next.plan, run, lease);
      } catch (error) {
        if (error instanceof DayIsFull) return 'dayFull';
        await explain(lessonId, meeting, run, error);
      }
    }
    throw new RetryLater(shortWaitMs, 'the lesson changes faster than its meeting can follow');
  }

  /** Numbered, because one run may claim, delete and claim again: none of these may pass for the other. */
  const step = (run: Run): CommandContext => subcommand(run.context, 'sync', (run.steps += 1));

  async function claim(lessonId: string, plan: MeetingPlanned, run: Run): Promise<void> {
    const use = useOf(plan);
    const before = use === 'sameDay' ? 0 : await deps.soonerWithoutMeeting(plan.accountId, plan.startsAt);
    if ((await hostDays.left(plan.accountId, use)) <= before) throw new DayIsFull();
    await commands.claim({ lessonId }, step(run));
  }

  async function create(lessonId: string, { generation }: MeetingState, plan: MeetingPlanned, run: Run, lease: SyncLease): Promise<void> {
    const host = await deps.hostOf(plan.accountId);
    const ref = `${lessonId}.${generation}`;
    const [found, ...extras] = await meetings.find(host, ref);
    for (const extra of extras) await meetings.delete(host, extra.id);
    const meeting = found ?? (await make(host, ref, plan, lease));
    const { id: meetingId, uuid, joinUrl, passcode } = meeting;
    await commands.created({ lessonId, generation, meetingId, uuid, joinUrl, passcode, adopted: found !== undefined }, step(run)).catch(async (error: unknown) => {
      if (!(error instanceof DomainError)) throw error;
      await meetings.delete(host, meetingId); // not wanted any more: the log says which meeting counts
    });
  }

  async function make(host: MeetingHost, ref: string, plan: MeetingPlanned, lease: SyncLease): Promise<Meeting> {
    if (!(await lease.renew())) throw new RetryLater(busyElsewhereMs, 'another worker took over');
    if (!(await hostDays.take(plan.accountId, useOf(plan)))) throw new DayIsFull();
    try {
      return await meetings.create(host, { ref, ...plan });
    } catch (error) {
      if (!(error instanceof MeetingsError) || error.code !== 'dailyLimit') throw error;
      await hostDays.close(plan.accountId);
      throw new DayIsFull();
    }
  }

  async function remove(lessonId: string, { generation, meetingId, plan }: MeetingState, run: Run): Promise<void> {
    const host = await deps.hostOf(plan?.accountId ?? '');
    if (meetingId !== '') {
      const outcome = await meetings.delete(host, meetingId);
      await commands.deleted({ lessonId, generation, meetingId, alreadyGone: outcome === 'alreadyGone' }, step(run));
      return;
    }
    // A claim of unknown fate. What bears its ref is recorded first, so that a deletion that dies halfway is known to have begun.
    const [found, ...extras] = await meetings.find(host, `${lessonId}.${generation}`);
    for (const extra of extras) await meetings.delete(host, extra.id);
    if (!found) await commands.deleted({ lessonId, generation, meetingId: '', alreadyGone: true }, step(run));
    else await commands.created({ lessonId, generation, meetingId: found.id, uuid: found.uuid, joinUrl: found.joinUrl, passcode: found.passcode, adopted: true }, step(run));
  }

  /** Turns a failed step into what the job does next; what failed is in the log, once a reason. */
  async function explain(lessonId: string, meeting: MeetingState, run: Run, error: unknown): Promise<void> {
    if (error instanceof DomainError) return; // somebody wrote the stream meanwhile: compare again
    if (!(error instanceof MeetingsError)) throw error;
    if (error.code === 'rateLimited' || error.code === 'dailyLimit') {
      throw new RetryLater(error.code === 'dailyLimit' ? hostDays.msUntilReset() : (error.retryAfterMs ?? shortWaitMs), error.message, { cause: error });
    }
    if (meeting.generation > 0) {
      const { code, message } = error;
      await commands.failed({ lessonId, generation: meeting.generation, code, message, parked: run.isLastAttempt }, step(run));
    }
    throw error;
  }

  const useOf = (plan: MeetingPlanned) => (Date.parse(plan.startsAt) - clock.now().getTime() < day ? 'sameDay' : 'ahead');

  return async (lessonId: string, run: SyncRun): Promise<SyncOutcome> => {
    const lease = await deps.leases.take(lessonId);
    if (!lease) throw new RetryLater(busyElsewhereMs, 'another worker is at this meeting');
    try {
      return await sync(lessonId, { ...run, steps: 0 }, lease);
    } finally {
      await lease.release();
    }
  };
}

export type SyncMeeting = ReturnType<typeof createSyncMeeting>;
