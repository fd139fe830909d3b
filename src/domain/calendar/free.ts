import { find, visitFrom } from '../kernel/sortedList.ts';
import { inOrderOfHolder, startsAt, type Calendar, type Reservation } from './state.ts';

/** An interval one would like to have. `gap`: ms that two reservations of one place keep between them. `holder`: whose own reservations do not count. */
export type Wish = { from: number; until: number; gap: number; holder: string };

/** Other holders' reservations that come closer to the wish than the gap, in order of their start. */
export function neighbours(calendar: Calendar, { from, until, gap, holder }: Wish): Reservation[] {
  const near: Reservation[] = [];
  const end = until + gap;
  visitFrom(calendar.byStart, from - calendar.longest - gap, startsAt, (reservation) => {
    if (reservation.from >= end) return false;
    if (reservation.until + gap > from && reservation.holder !== holder) near.push(reservation);
    return true;
  });
  return near;
}

/**
 * Whether a place is left at every instant of the wish. Each reservation counts from its start to the gap after its end (then
 * intervals fit on n places exactly when never more than n overlap), and a holder who holds two while moving counts once.
 */
export const isFree = (calendar: Calendar, capacity: number, wish: Wish): boolean => fits(neighbours(calendar, wish), capacity, wish);

export function fits(near: readonly Reservation[], capacity: number, { from, gap }: Wish): boolean {
  if (near.length < capacity) return true;
  if (capacity <= 1) return near.length === 0;
  // The count only rises where an interval begins, so those instants are enough.
  return near.every((one) => {
    const instant = Math.max(one.from, from);
    const there = new Set<string>();
    for (const other of near) if (other.from <= instant && other.until + gap > instant) there.add(other.holder);
    return there.size < capacity;
  });
}

export const reservationOf = (calendar: Calendar, holder: string, reservationId: string): Reservation | undefined =>
  find(calendar.byHolder, { holder, reservationId }, inOrderOfHolder);

/** All that a holder holds. */
export function reservationsOf(calendar: Calendar, holder: string): Reservation[] {
  const held: Reservation[] = [];
  visitFrom(calendar.byHolder, { holder, reservationId: '' }, inOrderOfHolder, (reservation) => {
    if (reservation.holder !== holder) return false;
    held.push(reservation);
    return true;
  });
  return held;
}

/** Reservations that end after `now`, in order of their start. */
export function upcoming(calendar: Calendar, now: number): Reservation[] {
  const found: Reservation[] = [];
  visitFrom(calendar.byStart, now - calendar.longest, startsAt, (reservation) => {
    if (reservation.until > now) found.push(reservation);
    return true;
  });
  return found;
}

/** Of `reservations` (in order of their start), those that find no place if there are only `capacity` of them. */
export function surplus(reservations: readonly Reservation[], capacity: number, gap: number): Reservation[] {
  const longest = reservations.reduce((most, { from, until }) => Math.max(most, until - from), 0);
  const placed: Reservation[] = [];
  const over: Reservation[] = [];
  for (const one of reservations) {
    const there = new Set<string>();
    for (let i = placed.length - 1; i >= 0; i -= 1) {
      const other = placed[i];
      if (!other || other.from + longest + gap <= one.from) break;
      if (other.until + gap > one.from) there.add(other.holder);
    }
    there.delete(one.holder);
    (there.size < capacity ? placed : over).push(one);
  }
  return over;
}
