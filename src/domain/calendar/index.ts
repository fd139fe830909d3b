export { calendarEvents } from './events.ts';
export { decideCalendar, shownLease, shownReservation, type CalendarCommand } from './decide.ts';
export { evolveCalendar, type CalendarEvent } from './evolve.ts';
export { fits, isFree, neighbours, reservationOf, reservationsOf, surplus, upcoming, type Wish } from './free.ts';
export { emptyCalendar, type Calendar, type Lease, type Reservation } from './state.ts';
