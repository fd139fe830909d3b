import { decideCalendar, emptyCalendar, evolveCalendar, type Calendar, type CalendarCommand } from '../calendar/index.ts';
import { aggregate } from '../kernel/decider.ts';
import { teacherAgendaEvents } from './events.ts';

/** Reserve and release; a person is in one place at a time. Passing over that needs a reason. */
export type TeacherAgendaCommand = Extract<CalendarCommand, { type: 'reserve' | 'release' }>;

const capacity = 1;

/** Stream `teacherAgenda-<personId>`. */
export const teacherAgenda = aggregate<Calendar, TeacherAgendaCommand, typeof teacherAgendaEvents>({
  category: 'teacherAgenda',
  events: teacherAgendaEvents,
  decider: {
    initial: emptyCalendar,
    evolve: evolveCalendar,
    decide: (command, state) => {
      const events: ReturnType<typeof decideCalendar> = decideCalendar(command, state, capacity);
      return events.filter((event) => event.type === 'PlaceReserved' || event.type === 'PlaceReleased');
    },
  },
});
