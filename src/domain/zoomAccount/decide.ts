import { decideCalendar, shownLease, shownReservation, surplus, upcoming, type CalendarCommand } from '../calendar/index.ts';
import { DomainError } from '../kernel/domainError.ts';
import type { ZoomAccountEvent } from './evolve.ts';
import type { ZoomAccount } from './state.ts';

export type ZoomAccountCommand =
  | { type: 'register'; accountId: string; zoomUser: string; capacity: number; credentialsRef: string; cloudRecording: boolean }
  /** `unrecorded`: reservations whose lessons are known not to be recorded; without cloud recording only these may stay. */
  | { type: 'change'; capacity?: number; credentialsRef?: string; cloudRecording?: boolean; unrecorded?: ReadonlySet<string>; gapMinutes: number; at: string }
  | { type: 'disable'; reason: string; at: string }
  | { type: 'enable' }
  | Exclude<CalendarCommand, { type: 'reserve' }>
  /** On an account nobody passes over the capacity. `recording`: the lesson is to be recorded in the cloud. */
  | (Omit<Extract<CalendarCommand, { type: 'reserve' }>, 'override'> & { recording?: boolean });

/** @throws DomainError `zoomAccountNotFound`, `zoomAccountExists`, `zoomAccountDisabled`, `zoomAccountCannotRecord`, `zoomAccountHasReservations`, `zoomAccountInUse`, `invalidCapacity`, and those of a calendar */
export function decideZoomAccount(command: ZoomAccountCommand, account: ZoomAccount): ZoomAccountEvent[] {
  const { accountId } = account;
  if (command.type === 'register') return register(command, account);
  if (!account.registered) throw new DomainError('zoomAccountNotFound', 'there is no such Zoom account');
  switch (command.type) {
    case 'change':
      return change(command, account);
    case 'disable': {
      if (!account.enabled) return [];
      const reservations = upcoming(account.calendar, Date.parse(command.at));
      if (reservations.length > 0) {
        throw new DomainError('zoomAccountHasReservations', 'lessons are planned on this account', { reservations: reservations.map(shownReservation) });
      }
      return [{ type: 'ZoomAccountDisabled', data: { accountId, reason: command.reason } }];
    }
    case 'enable':
      return account.enabled ? [] : [{ type: 'ZoomAccountEnabled', data: { accountId } }];
    case 'reserve':
    case 'acquireLease': {
      const events = decideCalendar(command, account.calendar, account.capacity);
      if (events.length > 0 && !account.enabled) throw new DomainError('zoomAccountDisabled', 'this account is disabled');
      if (events.length > 0 && command.type === 'reserve' && command.recording && !account.cloudRecording) {
        throw new DomainError('zoomAccountCannotRecord', 'this account has no cloud recording');
      }
      return events;
    }
    default:
      return decideCalendar(command, account.calendar, account.capacity);
  }
}

function register({ type: _, ...data }: Extract<ZoomAccountCommand, { type: 'register' }>, account: ZoomAccount): ZoomAccountEvent[] {
  checkCapacity(data.capacity);
  if (!account.registered) return [{ type: 'ZoomAccountRegistered', data }];
  throw new DomainError('zoomAccountExists', 'this account is registered already', { accountId: account.accountId });
}

function change(command: Extract<ZoomAccountCommand, { type: 'change' }>, account: ZoomAccount): ZoomAccountEvent[] {
  const { capacity, credentialsRef, cloudRecording } = command;
  const changes = {
    ...(capacity !== undefined && capacity !== account.capacity && { capacity }),
    ...(credentialsRef !== undefined && credentialsRef !== account.credentialsRef && { credentialsRef }),
    ...(cloudRecording !== undefined && cloudRecording !== account.cloudRecording && { cloudRecording }),
  };
  if (changes.capacity !== undefined) {
    checkCapacity(changes.capacity);
    const over = overCapacity(account, changes.capacity, command.gapMinutes, Date.parse(command.at));
    if (over.length > 0) {
      throw new DomainError('zoomAccountHasReservations', `${over.length} planned lessons would have no place`, { reservations: over.map(shownReservation) });
    }
    if (account.calendar.leases.length > changes.capacity) {
      throw new DomainError('zoomAccountInUse', 'more meetings are running than that', { leases: account.calendar.leases.map(shownLease) });
    }
  }
  if (changes.cloudRecording === false) {
    const recorded = toBeRecorded(account, command.unrecorded ?? new Set(), Date.parse(command.at));
    if (recorded.length > 0) {
      throw new DomainError('zoomAccountHasReservations', `${recorded.length} planned lessons could not be recorded`, { reservations: recorded.map(shownReservation) });
    }
  }
  return Object.keys(changes).length > 0 ? [{ type: 'ZoomAccountChanged', data: { accountId: account.accountId, ...changes } }] : [];
}

/** The planned lessons that would have no place with that capacity. */
export const overCapacity = (account: ZoomAccount, capacity: number, gapMinutes: number, now: number) =>
  surplus(upcoming(account.calendar, now), capacity, gapMinutes * 60_000);

/** The planned lessons that need cloud recording, as far as they are not known to do without. */
export const toBeRecorded = (account: ZoomAccount, unrecorded: ReadonlySet<string>, now: number) =>
  upcoming(account.calendar, now).filter(({ reservationId }) => !unrecorded.has(reservationId));

function checkCapacity(capacity: number): void {
  if (!Number.isInteger(capacity) || capacity < 1) throw new DomainError('invalidCapacity', 'a capacity is a whole number from 1', { field: 'capacity' });
}
