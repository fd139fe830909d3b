import { DomainError } from '../kernel/domainError.ts';
import type { ZoomMeetingEvent } from './evolve.ts';
import { generationOf, type MeetingPlanned, type MeetingState } from './state.ts';

export type ZoomMeetingCommand = { lessonId: string } & (
  | { type: 'claim'; plan: MeetingPlanned; at: string }
  | { type: 'created'; generation: number; meetingId: string; uuid: string; joinUrl: string; passcode: string; adopted: boolean }
  | { type: 'failed'; generation: number; code: string; message: string; parked: boolean }
  | { type: 'deleted'; generation: number; meetingId: string; alreadyGone: boolean }
  | { type: 'started' | 'ended'; meetingId: string; uuid: string; at: string }
);

/** @throws DomainError `meetingNotSettled` (the generation before may still exist at the vendor), `meetingOutdated` */
export function decideZoomMeeting(command: ZoomMeetingCommand, state: MeetingState): ZoomMeetingEvent[] {
  const { lessonId } = command;
  switch (command.type) {
    case 'claim': {
      const { plan, at } = command;
      if (state.status === 'none' || state.status === 'deleted') {
        return [{ type: 'MeetingClaimed', data: { lessonId, generation: state.generation + 1, claimedAt: at, ...plan } }];
      }
      if (state.plan && samePlan(state.plan, plan)) return [];
      throw new DomainError('meetingNotSettled', `generation ${state.generation} is to be deleted first`, { generation: state.generation, status: state.status });
    }
    case 'created': {
      const { generation, meetingId, uuid, joinUrl, passcode, adopted } = command;
      if (generation !== state.generation || state.status === 'deleted' || state.status === 'none') throw outdated(generation, state);
      if (state.status === 'created') {
        if (state.meetingId === meetingId) return [];
        throw outdated(generation, state);
      }
      return [{ type: 'MeetingCreated', data: { lessonId, generation, accountId: state.plan?.accountId ?? '', meetingId, uuid, joinUrl, passcode, adopted } }];
    }
    case 'failed': {
      const { generation, code, message, parked } = command;
      if (generation !== state.generation || state.status === 'deleted' || state.status === 'none') return [];
      if (state.status === 'failed' && state.failure?.code === code && state.failure.parked === parked) return []; // every retry would say it again
      return [{ type: 'MeetingFailed', data: { lessonId, generation, code, message, parked } }];
    }
    case 'deleted': {
      const { generation, meetingId, alreadyGone } = command;
      if (generation !== state.generation || state.status === 'deleted' || state.status === 'none') return [];
      return [{ type: 'MeetingDeleted', data: { lessonId, generation, meetingId, alreadyGone } }];
    }
    case 'started': {
      const { meetingId, uuid, at } = command;
      const generation = generationOf(state, meetingId);
      if (generation === undefined || state.endedUuids.includes(uuid) || (generation === state.generation && state.runningUuid === uuid)) return [];
      return [{ type: 'MeetingStarted', data: { lessonId, generation, meetingId, uuid, at } }];
    }
    case 'ended': {
      const { meetingId, uuid, at } = command;
      const generation = generationOf(state, meetingId);
      if (generation === undefined || state.endedUuids.includes(uuid)) return [];
      return [{ type: 'MeetingEnded', data: { lessonId, generation, meetingId, uuid, at } }];
    }
  }
}

const outdated = (generation: number, state: MeetingState) =>
  new DomainError('meetingOutdated', `generation ${generation} is not wanted any more`, { generation, current: state.generation, status: state.status });

export const samePlan = (a: MeetingPlanned, b: MeetingPlanned): boolean =>
  a.accountId === b.accountId && a.title === b.title && a.startsAt === b.startsAt && a.zone === b.zone &&
  a.durationMinutes === b.durationMinutes && a.autoRecord === b.autoRecord;
