import { aggregate } from '../kernel/decider.ts';
import { decideZoomMeeting, type ZoomMeetingCommand } from './decide.ts';
import { zoomMeetingEvents } from './events.ts';
import { evolveZoomMeeting } from './evolve.ts';
import { noMeeting, type MeetingState } from './state.ts';

export { samePlan, type ZoomMeetingCommand } from './decide.ts';
export type { ZoomMeetingEvent } from './evolve.ts';
export { generationOf, type MeetingPlanned, type MeetingState } from './state.ts';

/** Stream `zoomMeeting-<lessonId>`. */
export const zoomMeeting = aggregate<MeetingState, ZoomMeetingCommand, typeof zoomMeetingEvents>({
  category: 'zoomMeeting',
  events: zoomMeetingEvents,
  decider: { initial: noMeeting, evolve: evolveZoomMeeting, decide: decideZoomMeeting },
});
