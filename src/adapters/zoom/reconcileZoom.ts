import type { CommandContext } from '../../commands/pipeline/context.ts';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { subcommand } from '../../commands/subcommand.ts';
import type { ZoomMeetingCommands } from '../../commands/zoomMeetings/index.ts';
import { drift, type DriftCommand } from '../../domain/drift/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { lesson } from '../../domain/lesson/index.ts';
import { zoomMeeting, type MeetingState } from '../../domain/zoomMeeting/index.ts';
import type { Clock } from '../../ports/clock.ts';
import { MeetingsError, type Meeting, type MeetingHost, type Meetings } from '../../ports/meetings.ts';
import type { JobRequest } from '../reactors/reactor.ts';
import { nextStep } from './nextStep.ts';
import { day } from './syncMeeting.ts';
import { syncMeetingJob } from './zoomReactor.ts';

export type ReconcileZoomDeps = {
  pipeline: Pick<Pipeline, 'load' | 'execute'>;
  commands: Pick<ZoomMeetingCommands, 'deleted'>;
  meetings: Pick<Meetings, 'list' | 'find' | 'delete'>;
  /** Of every account in the pool, also disabled ones: they may still have meetings. */
  accountIds(): Promise<readonly string[]>;
  hostOf(accountId: string): Promise<MeetingHost>;
  /** Of one account, lessons that begin in (from, until) and have a meeting, as the read model sees it. */
  lessonsWithMeeting(accountId: string, from: string, until: string): Promise<readonly { lessonId: string; meetingId: string; generation: number }[]>;
  enqueue(requests: readonly JobRequest[]): Promise<void>;
  clock: Clock;
  /** Default 14 days. */
  mintAheadMs?: number;
};

export type ZoomReconciliation = { accountsCompared: number; accountsUnreachable: number; missingAtVendor: number; unknownAtVendor: number; differing: number; repaired: number };

type Listed = Meeting & { ref: string; startsAt: string };

/** A meeting in a list that was made a moment ago may not be in the list yet, and the other way round. */
const settledAfterMs = 2 * 60_000;
const refParts = /^(.+)\.(\d+)$/;
/** A finding that is the job's to repair: the lesson wants something else of Zoom, and nobody has seen to it. */
const left = ':left';
const leftParts = /^(.+)\.\d+@\d+:left$/;

/**
 * Compares what lessons want of Zoom, and what we believe to be there, with what is there. Every finding is an event, and so is
 * every repair. What a lesson wants otherwise has a job that sees to it, unless the job was lost: jobs are in no backup. A list that could
 * not be had says nothing; an absence is looked for a second time; what bears no ref of a lesson of ours is not touched.
 */
export function createReconcileZoom(deps: ReconcileZoomDeps) {
  const { pipeline, commands, meetings, clock, mintAheadMs = 14 * day } = deps;

  return async (context: CommandContext): Promise<ZoomReconciliation> => {
    const result: ZoomReconciliation = { accountsCompared: 0, accountsUnreachable: 0, missingAtVendor: 0, unknownAtVendor: 0, differing: 0, repaired: 0 };
    let steps = 0;
    const step = () => subcommand(context, 'reconcile', (steps += 1));
    const note = (command: DriftCommand) => pipeline.execute(drift, 'zoom', command, step());
    const stateOf = async (lessonId: string): Promise<MeetingState> => (await pipeline.load(zoomMeeting, lessonId, { fresh: true })).state;
    /** Whether there is nothing to do for this lesson, as far as its streams say. `fresh`: as of now, not as in memory. */
    const isAtRest = async (lessonId: string, meeting: MeetingState, now: number, fresh: boolean): Promise<boolean> =>
      nextStep((await pipeline.load(lesson, lessonId, { fresh })).state, meeting, { now, mintAheadMs }).step === 'rest';
    const again = (lessonId: string) => deps.enqueue([syncMeetingJob(lessonId)]);

    async function compare(accountId: string, host: MeetingHost): Promise<void> {
      const now = clock.now().getTime();
      const at = (ms: number) => new Date(now + ms).toISOString();
      const listed = await meetings.list(host);
      result.accountsCompared += 1;
      for (const meeting of listed) await judgeListed(accountId, host, meeting, now);
      const there = new Set(listed.map(({ id }) => id));
      for (const ours of await deps.lessonsWithMeeting(accountId, at(0), at(15 * day))) {
        if (!there.has(ours.meetingId)) await judgeMissing(accountId, host, ours, now);
      }
    }

    /** A meeting at Zoom that bears a ref: is it the one that counts, and is it as planned? */
    async function judgeListed(accountId: string, host: MeetingHost, meeting: Listed, now: number): Promise<void> {
      const [, lessonId, generation] = refParts.exec(meeting.ref) ?? [];
      if (lessonId === undefined) return;
      // Most are as they should be, and what is in memory says so; before anything is done about the others, their streams are read.
      const seen = (await pipeline.load(zoomMeeting, lessonId)).state;
      if (seen.meetingId === meeting.id && seen.generation === Number(generation) && seen.status === 'created' && isAsPlanned(seen, meeting, now)
        && (await isAtRest(lessonId, seen, now, false))) return;
      const state = await stateOf(lessonId);
      const findingId = `${meeting.ref}@${meeting.id}`;
      const subject = `lesson ${lessonId}`;
      if (state.generation === 0 || Number(generation) > state.generation) {
        result.unknownAtVendor += 1; // another school's, or of a log that was restored: not ours to delete
        await note({ type: 'detect', vendor: 'zoom', findingId, kind: 'unknownAtVendor', subject, detail: `meeting ${meeting.id} on account ${accountId} bears a ref that this log does not know` });
        return;
      }
      const isCurrent = Number(generation) === state.generation;
      const isUnderway = state.status === 'claimed' || (state.status === 'failed' && state.meetingId === '');
      if (isCurrent && (isUnderway || state.meetingId === meeting.id)) {
        if (!(await isAtRest(lessonId, state, now, true))) return judgeLeft(lessonId, meeting, state, now);
        return judgePlan(host, lessonId, meeting, state, now);
      }
      result.unknownAtVendor += 1;
      await note({ type: 'detect', vendor: 'zoom', findingId, kind: 'unknownAtVendor', subject, detail: `meeting ${meeting.id} on account ${accountId} is ${isCurrent ? 'a duplicate' : 'of an older generation'}` });
      await meetings.delete(host, meeting.id);
      await note({ type: 'repaired', vendor: 'zoom', findingId, action: `meeting ${meeting.id} deleted` });
      result.repaired += 1;
    }

    /** A step is due. What claims, adopts, deletes is the job, under its lease; here it is only asked for. */
    async function judgeLeft(lessonId: string, meeting: Listed, state: MeetingState, now: number): Promise<void> {
      if (state.status === 'claimed' && now - Date.parse(state.claimedAt ?? '') < settledAfterMs) return;
      const findingId = `${meeting.ref}@${meeting.id}${left}`;
      const { open } = (await pipeline.load(drift, 'zoom', { fresh: true })).state;
      // A job that fails keeps its attempts, so that it is parked in the end and somebody hears of it.
      if (open.has(findingId) && state.status === 'failed') return;
      result.differing += 1;
      await again(lessonId);
      await note({ type: 'detect', vendor: 'zoom', findingId, kind: 'differs', subject: `lesson ${lessonId}`, detail: `meeting ${meeting.id} is not what the lesson wants now` });
    }

    /** What the job has seen to since it was asked for. */
    async function closeLeft(): Promise<void> {
      const now = clock.now().getTime();
      for (const findingId of (await pipeline.load(drift, 'zoom', { fresh: true })).state.open) {
        const [, lessonId] = leftParts.exec(findingId) ?? [];
        if (lessonId === undefined || !(await isAtRest(lessonId, await stateOf(lessonId), now, true))) continue;
        await note({ type: 'repaired', vendor: 'zoom', findingId, action: 'as the lesson wants it' });
        result.repaired += 1;
      }
    }

    async function judgePlan(host: MeetingHost, lessonId: string, meeting: Listed, state: MeetingState, now: number): Promise<void> {
      if (isAsPlanned(state, meeting, now)) return;
      const { plan, generation } = state;
      const findingId = `${meeting.ref}@${meeting.id}:start`;
      result.differing += 1;
      await note({ type: 'detect', vendor: 'zoom', findingId, kind: 'differs', subject: `lesson ${lessonId}`, detail: `meeting ${meeting.id} begins ${meeting.startsAt.slice(0, 30)} instead of ${plan?.startsAt ?? ''}` });
      await meetings.delete(host, meeting.id);
      await commands.deleted({ lessonId, generation, meetingId: meeting.id, alreadyGone: false }, step());
      await again(lessonId);
      await note({ type: 'repaired', vendor: 'zoom', findingId, action: 'deleted, to be made again' });
      result.repaired += 1;
    }

    async function judgeMissing(accountId: string, host: MeetingHost, { lessonId, meetingId, generation }: { lessonId: string; meetingId: string; generation: number }, now: number): Promise<void> {
      const state = await stateOf(lessonId);
      const isStill = state.status === 'created' && state.generation === generation && state.meetingId === meetingId;
      if (!isStill || now - Date.parse(state.claimedAt ?? '') < settledAfterMs) return;
      const found = await meetings.find(host, `${lessonId}.${generation}`);
      if (found.some(({ id }) => id === meetingId)) return;
      const findingId = `${lessonId}.${generation}@${meetingId}`;
      result.missingAtVendor += 1;
      await note({ type: 'detect', vendor: 'zoom', findingId, kind: 'missingAtVendor', subject: `lesson ${lessonId}`, detail: `meeting ${meetingId} is not on account ${accountId}` });
      await commands.deleted({ lessonId, generation, meetingId, alreadyGone: true }, step());
      await again(lessonId);
      await note({ type: 'repaired', vendor: 'zoom', findingId, action: 'to be made again' });
      result.repaired += 1;
    }

    await closeLeft();
    for (const accountId of await deps.accountIds()) {
      try {
        await compare(accountId, await deps.hostOf(accountId));
      } catch (error) {
        if (!(error instanceof MeetingsError) && !(error instanceof DomainError)) throw error;
        result.accountsUnreachable += 1;
      }
    }
    return result;
  };
}

/** Whether it begins when it should. A start that had passed when the meeting was made became "now" there; one that runs has its own. */
function isAsPlanned({ plan, runningUuid }: MeetingState, { startsAt }: Listed, now: number): boolean {
  const planned = Date.parse(plan?.startsAt ?? '');
  const actual = Date.parse(startsAt);
  return Number.isNaN(actual) || Number.isNaN(planned) || planned < now || runningUuid !== '' || Math.abs(actual - planned) < 60_000;
}
