import { calendarEvents } from '../calendar/events.ts';

/** Stream `teacherAgenda-<personId>`. */
export const teacherAgendaEvents = { PlaceReserved: calendarEvents.PlaceReserved, PlaceReleased: calendarEvents.PlaceReleased };
