import { DomainError } from '../../domain/kernel/domainError.ts';
import { exists, lesson, type Lesson } from '../../domain/lesson/index.ts';
import { generationOf, zoomMeeting, type MeetingPlanned, type MeetingState, type ZoomMeetingCommand } from '../../domain/zoomMeeting/index.ts';
import { finish } from '../lessons/end.ts';
import { createKit, type LessonDeps } from '../lessons/deps.ts';
import { startedByMeeting } from '../lessons/start.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { subcommand } from '../subcommand.ts';
import type { ClaimMeeting, MeetingAnswer, RecordMeetingCreated, RecordMeetingDeleted, RecordMeetingFailed, RecordMeetingRuns } from './types.ts';

export type ZoomMeetingCommands = ReturnType<typeof createZoomMeetingCommands>;

/** What the lesson wants of the vendor; null: no meeting. */
export function wantedMeeting(state: Lesson): MeetingPlanned | null {
  if (state.accountId === null || state.status === 'cancelled' || state.status === 'finished') return null;
  const { accountId, title, startsAt, zone, durationMinutes, autoRecord } = state;
  return { accountId, title, startsAt, zone, durationMinutes, autoRecord };
}

/** What the adapter did and what the vendor's webhooks told: called by the reactor that keeps meetings as lessons want them, and by the webhook's handler. */
export function createZoomMeetingCommands(deps: LessonDeps) {
  const kit = createKit(deps);
  const { pipeline, clock } = kit;
  const on = async (command: ZoomMeetingCommand, ctx: CommandContext, step: string): Promise<MeetingAnswer> => {
    const { id, revision, position, state } = await pipeline.execute(zoomMeeting, command.lessonId, command, ctx, { step });
    return { id, revision, position, meeting: state };
  };

  return {
    /** @throws DomainError `meetingNotWanted`, `meetingNotSettled` (delete the generation before first), `lessonNotFound` */
    async claim({ lessonId }: ClaimMeeting, ctx: CommandContext): Promise<MeetingAnswer> {
      const { state } = await pipeline.load(lesson, lessonId, { fresh: true });
      if (!exists(state)) throw new DomainError('lessonNotFound', 'there is no such lesson', { lessonId });
      const plan = wantedMeeting(state);
      if (!plan) throw new DomainError('meetingNotWanted', 'this lesson wants no meeting', { status: state.status });
      return on({ type: 'claim', lessonId, plan, at: clock.now().toISOString() }, ctx, 'claim');
    },
    /** @throws DomainError `meetingOutdated`: delete it at the vendor */
    created: (input: RecordMeetingCreated, ctx: CommandContext) => on({ type: 'created', ...input }, ctx, 'created'),
    failed: (input: RecordMeetingFailed, ctx: CommandContext) => on({ type: 'failed', ...input }, ctx, 'failed'),
    deleted: (input: RecordMeetingDeleted, ctx: CommandContext) => on({ type: 'deleted', ...input }, ctx, 'deleted'),

    /** Webhook `meeting.started`. The current meeting of a lesson whose time it is starts the lesson. */
    async started(input: RecordMeetingRuns, ctx: CommandContext): Promise<MeetingAnswer> {
      const answer = await on({ type: 'started', ...input }, ctx, 'started');
      if (isCurrent(answer.meeting, input.meetingId) && answer.meeting.runningUuid === input.uuid) await startedByMeeting(kit, input.lessonId, subcommand(ctx, 'start'));
      return answer;
    },

    /** Webhook `meeting.ended`. The current meeting's end ends the lesson, once its time has come: before its start it was a trial. */
    async ended(input: RecordMeetingRuns, ctx: CommandContext): Promise<MeetingAnswer> {
      const answer = await on({ type: 'ended', ...input }, ctx, 'ended');
      const { meeting } = answer;
      if (!isCurrent(meeting, input.meetingId) || meeting.runningUuid !== '') return answer;
      const { state } = await pipeline.load(lesson, input.lessonId, { fresh: true });
      if (!exists(state) || (state.status !== 'scheduled' && state.status !== 'live') || Date.parse(input.at) < Date.parse(state.startsAt)) return answer;
      await finish(kit, input.lessonId, 'meeting', subcommand(ctx, 'finish')).catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error; // cancelled in between
      });
      return answer;
    },
  };
}

const isCurrent = (state: MeetingState, meetingId: string): boolean => generationOf(state, meetingId) === state.generation && state.status === 'created';
