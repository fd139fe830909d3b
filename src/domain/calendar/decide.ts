import { DomainError } from '../kernel/domainError.ts';
import type { CalendarEvent } from './evolve.ts';
import { fits, neighbours, reservationOf } from './free.ts';
import type { Calendar, Lease, Reservation } from './state.ts';

/** Instants are RFC 3339 UTC. `at`: now. */
export type CalendarCommand =
  | { type: 'reserve'; reservationId: string; holder: string; from: string; until: string; gapMinutes: number; at: string; override?: { reason: string } }
  | { type: 'release'; reservationId: string; holder: string; reason: string; at: string }
  | { type: 'acquireLease'; leaseId: string; holder: string; until: string; at: string }
  | { type: 'releaseLease'; leaseId: string; reason: string; at: string }
  /** Recorded once per lease, and again when it threatens somebody new. */
  | { type: 'noteOverrun'; leaseId: string; threatens: readonly string[]; at: string };

/** @throws DomainError `placeTaken`, `reservationTaken`, `tooLongAgo`, `noLeaseFree` */
export function decideCalendar(command: CalendarCommand, state: Calendar, capacity: number): CalendarEvent[] {
  switch (command.type) {
    case 'reserve':
      return reserve(command, state, capacity);
    case 'release': {
      const { reservationId, holder, reason, at } = command;
      return reservationOf(state, holder, reservationId) ? [{ type: 'PlaceReleased', data: { reservationId, holder, releasedAt: at, reason } }] : [];
    }
    case 'acquireLease': {
      const { leaseId, holder, until, at } = command;
      if (state.leases.some((lease) => lease.holder === holder)) return [];
      if (state.leases.length >= capacity) {
        throw new DomainError('noLeaseFree', `all ${capacity} places are in use`, { capacity, leases: state.leases.map(shownLease) });
      }
      return [{ type: 'LeaseAcquired', data: { leaseId, holder, acquiredAt: at, until } }];
    }
    case 'releaseLease': {
      const lease = state.leases.find(({ leaseId }) => leaseId === command.leaseId);
      return lease ? [{ type: 'LeaseReleased', data: { leaseId: lease.leaseId, holder: lease.holder, releasedAt: command.at, reason: command.reason } }] : [];
    }
    case 'noteOverrun': {
      const lease = state.leases.find(({ leaseId }) => leaseId === command.leaseId);
      if (!lease || (lease.overran && command.threatens.every((holder) => lease.threatens.includes(holder)))) return [];
      return [{ type: 'LeaseOverran', data: { leaseId: lease.leaseId, holder: lease.holder, observedAt: command.at, threatens: [...command.threatens] } }];
    }
  }
}

function reserve(command: Extract<CalendarCommand, { type: 'reserve' }>, state: Calendar, capacity: number): CalendarEvent[] {
  const { reservationId, holder, override, at } = command;
  const wish = { from: Date.parse(command.from), until: Date.parse(command.until), gap: command.gapMinutes * 60_000, holder };
  if (!(wish.from < wish.until)) throw new DomainError('emptyInterval', 'an interval ends after it begins', { from: command.from, until: command.until });
  const held = reservationOf(state, holder, reservationId);
  if (held) {
    if (held.from === wish.from && held.until === wish.until) return [];
    throw new DomainError('reservationTaken', 'this reservation is for another time', { reservationId });
  }
  if (wish.from < state.floor) throw new DomainError('tooLongAgo', 'this calendar has forgotten that day', { from: command.from });
  if (!override) {
    const near = neighbours(state, wish);
    if (!fits(near, capacity, wish)) throw new DomainError('placeTaken', 'no place is free at that time', { conflicts: near.map(shownReservation) });
  }
  return [{ type: 'PlaceReserved', data: { reservationId, holder, from: command.from, until: command.until, reservedAt: at, ...(override ? { override } : {}) } }];
}

/** As refusals show it. */
export const shownReservation = ({ holder, from, until }: Reservation) => ({ lessonId: holder, from: new Date(from).toISOString(), until: new Date(until).toISOString() });
export const shownLease = ({ leaseId, holder, acquiredAt, until }: Lease) => ({
  leaseId, holder, acquiredAt: new Date(acquiredAt).toISOString(), until: new Date(until).toISOString(),
});
