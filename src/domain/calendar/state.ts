import { emptyList, type SortedList } from '../kernel/sortedList.ts';

/** Instants are milliseconds since 1970, UTC. */
export type Reservation = { reservationId: string; holder: string; from: number; until: number; reservedAt: number };
/** `overran`: the vendor still reported it live after its end. `threatens`: the holders who were said to have no place because of that. */
export type Lease = { leaseId: string; holder: string; acquiredAt: number; until: number; overran: boolean; threatens: readonly string[] };

export type Calendar = {
  byStart: SortedList<Reservation>;
  byHolder: SortedList<Reservation>;
  /** The longest interval ever reserved: how far back from an instant an interval that covers it can have begun. */
  longest: number;
  /** What ended before this was dropped; nothing can be reserved before it. */
  floor: number;
  /** Active ones, in the order they were acquired. */
  leases: readonly Lease[];
  /** The latest reservation or lease; 0 when there was none. */
  lastUsedAt: number;
};

export const emptyCalendar: Calendar = { byStart: emptyList(), byHolder: emptyList(), longest: 0, floor: 0, leases: [], lastUsedAt: 0 };

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);

export const inOrderOfStart = (a: Reservation, b: Reservation): number => a.from - b.from || compare(a.holder, b.holder) || compare(a.reservationId, b.reservationId);
export const startsAt = (a: Reservation, from: number): number => a.from - from;
export const inOrderOfHolder = (a: Reservation, b: { holder: string; reservationId: string }): number =>
  compare(a.holder, b.holder) || compare(a.reservationId, b.reservationId);
