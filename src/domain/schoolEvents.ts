import { boardEvents } from './board/events.ts';
import { classroomRolesEvents } from './classroomRoles/events.ts';
import { groupEvents } from './group/events.ts';
import type { EventOf } from './kernel/eventType.ts';
import { lessonEvents } from './lesson/events.ts';
import { lessonImportEvents } from './lessonImport/events.ts';
import { operationsEvents } from './operations/events.ts';
import { personEvents } from './person/events.ts';
import { roomEvents } from './room/events.ts';
import { zoomAccountEvents } from './zoomAccount/events.ts';
import { zoomMeetingEvents } from './zoomMeeting/events.ts';
import { zoomPoolEvents } from './zoomPool/events.ts';

/** Every event type there is. The codec refuses to write any other, and hands unknown ones back as values. */
export const schoolEvents = {
  ...personEvents,
  ...groupEvents,
  ...zoomPoolEvents,
  ...zoomAccountEvents, // calendar events included: agendas write the same types
  ...lessonEvents,
  ...zoomMeetingEvents,
  ...lessonImportEvents,
  ...operationsEvents,
  ...roomEvents,
  ...classroomRolesEvents,
  ...boardEvents,
};

export type SchoolEvent = EventOf<typeof schoolEvents>;
export type SchoolEventType = SchoolEvent['type'];
