import type { EventOf } from '../kernel/eventType.ts';
import type { zoomMeetingEvents } from './events.ts';
import { noMeeting, type MeetingState } from './state.ts';

export type ZoomMeetingEvent = EventOf<typeof zoomMeetingEvents>;

export function evolveZoomMeeting(state: MeetingState, event: ZoomMeetingEvent): MeetingState {
  const { generation } = event.data;
  switch (event.type) {
    case 'MeetingClaimed': {
      const { accountId, title, startsAt, zone, durationMinutes, autoRecord, claimedAt } = event.data;
      return {
        ...noMeeting, status: 'claimed', generation, claimedAt, plan: { accountId, title, startsAt, zone, durationMinutes, autoRecord },
        known: state.known, endedUuids: state.endedUuids,
      };
    }
    case 'MeetingCreated': {
      const { meetingId, uuid, joinUrl, passcode } = event.data;
      const known = state.known.some((one) => one.meetingId === meetingId) ? state.known : [...state.known, { meetingId, generation }];
      return generation === state.generation ? { ...state, status: 'created', meetingId, uuid, joinUrl, passcode, failure: null, known } : { ...state, known };
    }
    case 'MeetingFailed': {
      const { code, message, parked } = event.data;
      return generation === state.generation ? { ...state, status: 'failed', failure: { code, message, parked } } : state;
    }
    case 'MeetingDeleted':
      return generation === state.generation
        ? { ...state, status: 'deleted', meetingId: '', uuid: '', joinUrl: '', passcode: '', failure: null, runningUuid: '' }
        : state;
    case 'MeetingStarted':
      return generation === state.generation ? { ...state, runningUuid: event.data.uuid } : state;
    case 'MeetingEnded': {
      const { uuid } = event.data;
      return { ...state, runningUuid: state.runningUuid === uuid ? '' : state.runningUuid, endedUuids: [...state.endedUuids, uuid].slice(-20) };
    }
  }
}
