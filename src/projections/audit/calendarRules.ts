import type { Recorded } from '../../eventLog/recorded.ts';
import { streamOf } from '../streams.ts';
import type { Report } from './findings.ts';
import { createIntervals, type Interval, type Intervals } from './intervals.ts';

export type AuditedAccount = {
  capacity: number; enabled: boolean; intervals: Intervals;
  /** Lease id → holder. */
  leases: Map<string, string>;
  /** Most reservations that one instant ever held, and most leases at once. */
  peakReserved: number; peakLeased: number;
};

type CalendarEvent = Extract<Recorded, { type: 'PlaceReserved' | 'PlaceReleased' | 'LeaseAcquired' | 'LeaseReleased' | 'LeaseOverran' }>;

/** Rules about accounts and agendas: never past the capacity, in plan or in use; no teacher in two places without a reason. */
export function createCalendarRules(gapMs: number, report: Report) {
  const accounts = new Map<string, AuditedAccount>();
  const agendas = new Map<string, Intervals>();
  const zoomUsers = new Map<string, string>();

  const agendaOf = (teacherId: string): Intervals => {
    const agenda = agendas.get(teacherId) ?? createIntervals(0);
    agendas.set(teacherId, agenda);
    return agenda;
  };

  const reserve = (event: Extract<Recorded, { type: 'PlaceReserved' }>): void => {
    const { reservationId, holder, override } = event.data;
    const [category, id] = streamOf(event.stream);
    const interval: Interval = {
      id: reservationId, holder, from: Date.parse(event.data.from), until: Date.parse(event.data.until), reservedAt: Date.parse(event.metadata.occurredAt),
    };
    const calendar = category === 'zoomAccount' ? accounts.get(id)?.intervals : agendaOf(id);
    if (!calendar) return report('unknownAccount', event, `${reservationId} is reserved on an account that is not registered`);
    if (calendar.get(reservationId)) report('reservedTwice', event, `${reservationId} is reserved already`);
    calendar.remove(reservationId);
    const account = category === 'zoomAccount' ? accounts.get(id) : undefined;
    if (account) {
      if (!account.enabled) report('disabledAccountUsed', event, `${reservationId} is reserved on a disabled account`);
      const peak = calendar.peakDuring(interval);
      account.peakReserved = Math.max(account.peakReserved, peak);
      if (peak > account.capacity) report('overbooked', event, `${reservationId} makes ${peak} reservations at once, the capacity is ${account.capacity}`);
    } else if (override === undefined || override.reason.trim() === '') {
      const others = calendar.near(interval);
      if (others.length > 0) report('teacherDoubleBooked', event, `${reservationId} overlaps ${others.map((other) => other.id).join(', ')} and no reason is recorded`);
    }
    calendar.add(interval);
  };

  const calendarEvent = (event: CalendarEvent): void => {
    if (event.type === 'PlaceReserved') return reserve(event);
    const [category, id] = streamOf(event.stream);
    const account = category === 'zoomAccount' ? accounts.get(id) : undefined;
    switch (event.type) {
      case 'PlaceReleased':
        (account ? account.intervals : agendas.get(id))?.remove(event.data.reservationId);
        return;
      case 'LeaseAcquired':
        if (!account) return report('unknownAccount', event, 'a lease on an account that is not registered');
        account.leases.set(event.data.leaseId, event.data.holder);
        account.peakLeased = Math.max(account.peakLeased, account.leases.size);
        if (!account.enabled) report('disabledAccountUsed', event, `lease ${event.data.leaseId} on a disabled account`);
        if (account.leases.size > account.capacity) report('tooManyLeases', event, `${account.leases.size} leases at once, the capacity is ${account.capacity}`);
        return;
      case 'LeaseReleased':
        account?.leases.delete(event.data.leaseId);
        return;
      case 'LeaseOverran':
    }
  };

  /** A capacity that shrinks, or a door that closes, must leave everybody who is yet to come with a place. */
  const checkShrunk = (event: Recorded, account: AuditedAccount, capacity: number): void => {
    const now = Date.parse(event.metadata.occurredAt);
    for (const interval of account.intervals.all()) {
      if (interval.until <= now) continue;
      if (!account.enabled) return report('disabledAccountUsed', event, `disabled while ${interval.id} is planned there`);
      const peak = account.intervals.peakDuring(interval);
      if (peak > capacity) return report('overbooked', event, `${peak} reservations at once around ${interval.id}, the capacity is now ${capacity}`);
    }
    if (account.leases.size > capacity) report('tooManyLeases', event, `${account.leases.size} leases, the capacity is now ${capacity}`);
  };

  return {
    accounts,
    agendas,
    apply(event: Recorded): void {
      switch (event.type) {
        case 'ZoomUserEnlisted': {
          const other = zoomUsers.get(event.data.zoomUser.toLowerCase());
          if (other !== undefined && other !== event.data.accountId) report('zoomUserTwice', event, `accounts ${other} and ${event.data.accountId} are the same Zoom user`);
          zoomUsers.set(event.data.zoomUser.toLowerCase(), event.data.accountId);
          return;
        }
        case 'ZoomAccountRegistered':
          accounts.set(event.data.accountId, {
            capacity: event.data.capacity, enabled: true, intervals: accounts.get(event.data.accountId)?.intervals ?? createIntervals(gapMs), leases: new Map(), peakReserved: 0, peakLeased: 0,
          });
          return;
        case 'ZoomAccountChanged': {
          const account = accounts.get(event.data.accountId);
          if (!account) return report('unknownAccount', event, 'an account that is not registered was changed');
          const shrinks = event.data.capacity !== undefined && event.data.capacity < account.capacity;
          account.capacity = event.data.capacity ?? account.capacity;
          if (shrinks) checkShrunk(event, account, account.capacity);
          return;
        }
        case 'ZoomAccountDisabled': case 'ZoomAccountEnabled': {
          const account = accounts.get(event.data.accountId);
          if (!account) return report('unknownAccount', event, 'an account that is not registered was switched');
          account.enabled = event.type === 'ZoomAccountEnabled';
          if (!account.enabled) checkShrunk(event, account, account.capacity);
          return;
        }
        case 'PlaceReserved': case 'PlaceReleased': case 'LeaseAcquired': case 'LeaseReleased': case 'LeaseOverran':
          return calendarEvent(event);
        default:
      }
    },
    forgetBefore(instant: number): void {
      for (const { intervals } of accounts.values()) intervals.forgetBefore(instant);
      for (const [teacherId, agenda] of agendas) {
        agenda.forgetBefore(instant);
        if (agenda.size() === 0) agendas.delete(teacherId);
      }
    },
  };
}

export type CalendarRules = ReturnType<typeof createCalendarRules>;
