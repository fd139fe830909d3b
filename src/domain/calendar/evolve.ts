import type { EventOf } from '../kernel/eventType.ts';
import { find, insert, remove, visitFrom } from '../kernel/sortedList.ts';
import type { CalendarEventTypes } from './events.ts';
import { inOrderOfHolder, inOrderOfStart, startsAt, type Calendar, type Reservation } from './state.ts';

export type CalendarEvent = EventOf<CalendarEventTypes>;

const hour = 3_600_000;
/** How long an interval is remembered after its end. */
export const memory = 24 * hour;

export function evolveCalendar(state: Calendar, event: CalendarEvent): Calendar {
  switch (event.type) {
    case 'PlaceReserved': {
      const { reservationId, holder } = event.data;
      const reservedAt = Date.parse(event.data.reservedAt);
      const reservation: Reservation = { reservationId, holder, from: Date.parse(event.data.from), until: Date.parse(event.data.until), reservedAt };
      return forgetOld({
        ...state,
        byStart: insert(state.byStart, reservation, inOrderOfStart),
        byHolder: insert(state.byHolder, reservation, inOrderOfHolder),
        longest: Math.max(state.longest, reservation.until - reservation.from),
        lastUsedAt: Math.max(state.lastUsedAt, reservedAt),
      }, reservedAt);
    }
    case 'PlaceReleased':
      return forgetOld(without(state, find(state.byHolder, event.data, inOrderOfHolder)), Date.parse(event.data.releasedAt));
    case 'LeaseAcquired': {
      const { leaseId, holder } = event.data;
      const acquiredAt = Date.parse(event.data.acquiredAt);
      const leases = [...state.leases, { leaseId, holder, acquiredAt, until: Date.parse(event.data.until), overran: false, threatens: [] }];
      return forgetOld({ ...state, leases, lastUsedAt: Math.max(state.lastUsedAt, acquiredAt) }, acquiredAt);
    }
    case 'LeaseReleased':
      return { ...state, leases: state.leases.filter((lease) => lease.leaseId !== event.data.leaseId) };
    case 'LeaseOverran':
      return { ...state, leases: state.leases.map((lease) => (lease.leaseId === event.data.leaseId ? { ...lease, overran: true, threatens: [...new Set([...lease.threatens, ...event.data.threatens])] } : lease)) };
  }
}

const without = (state: Calendar, reservation: Reservation | undefined): Calendar =>
  reservation
    ? { ...state, byStart: remove(state.byStart, reservation, inOrderOfStart), byHolder: remove(state.byHolder, reservation, inOrderOfHolder) }
    : state;

/** Drops what ended more than a day before `now`; hourly, so that a busy day does not look at the same intervals again and again. */
function forgetOld(state: Calendar, now: number): Calendar {
  const floor = now - memory;
  if (floor < state.floor + hour) return state;
  const old: Reservation[] = [];
  visitFrom(state.byStart, -Infinity, startsAt, (reservation) => {
    if (reservation.until < floor) old.push(reservation);
    return reservation.from < floor;
  });
  return { ...old.reduce(without, state), floor };
}
