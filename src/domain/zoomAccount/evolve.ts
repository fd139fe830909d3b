import { evolveCalendar } from '../calendar/index.ts';
import type { EventOf } from '../kernel/eventType.ts';
import type { zoomAccountEvents } from './events.ts';
import type { ZoomAccount } from './state.ts';

export type ZoomAccountEvent = EventOf<typeof zoomAccountEvents>;

export function evolveZoomAccount(state: ZoomAccount, event: ZoomAccountEvent): ZoomAccount {
  switch (event.type) {
    case 'ZoomAccountRegistered': {
      const { accountId, zoomUser, capacity, credentialsRef, cloudRecording } = event.data;
      return { ...state, registered: true, enabled: true, accountId, zoomUser, capacity, credentialsRef, cloudRecording };
    }
    case 'ZoomAccountChanged': {
      const { capacity = state.capacity, credentialsRef = state.credentialsRef, cloudRecording = state.cloudRecording } = event.data;
      return { ...state, capacity, credentialsRef, cloudRecording };
    }
    case 'ZoomAccountDisabled':
      return { ...state, enabled: false };
    case 'ZoomAccountEnabled':
      return { ...state, enabled: true };
    default:
      return { ...state, calendar: evolveCalendar(state.calendar, event) };
  }
}
