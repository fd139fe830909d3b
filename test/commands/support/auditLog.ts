import type { EventLog } from '../../../src/eventLog/eventLog.ts';

type Held = { reservationId: string; holder: string; from: number; until: number; overridden: boolean };
type Account = { capacity: number; enabled: boolean; held: Held[]; leases: { leaseId: string; holder: string }[] };
type Lesson = { status: string; teacherId: string; accountId: string | null; reservationId: string; agendaReservationId: string; startsAt: number; endsAt: number; schedules: number };

/**
 * Replays the whole log with its own, plain idea of the school (it shares no code with the deciders) and throws at the first event
 * that breaks a promise. Answers what stands at the end.
 */
export async function auditLog(log: EventLog) {
  const accounts = new Map<string, Account>();
  const agendas = new Map<string, Held[]>();
  const lessons = new Map<string, Lesson>();
  const ids = new Set<string>();
  const complain = (what: string, where: unknown): never => {
    throw new Error(`${what}: ${JSON.stringify(where)}`);
  };
  const account = (id: string): Account => {
    let found = accounts.get(id);
    if (!found) accounts.set(id, (found = { capacity: 0, enabled: true, held: [], leases: [] }));
    return found;
  };
  const agenda = (id: string): Held[] => {
    let found = agendas.get(id);
    if (!found) agendas.set(id, (found = []));
    return found;
  };
  /** While the newcomer is there, never more lessons at once than places, looked at wherever one begins; with the gap kept. (What is past may be from days of more places.) */
  const mustFit = (held: readonly Held[], newcomer: Held, capacity: number, gapMs: number, where: unknown) => {
    for (const one of held) {
      const from = Math.max(one.from, newcomer.from);
      if (from >= newcomer.until + gapMs) continue;
      const there = new Set(held.filter((other) => other.from <= from && other.until + gapMs > from).map(({ holder }) => holder));
      if (there.size > capacity) complain(`${there.size} at once on ${capacity}`, where);
    }
  };
  const mustHold = (held: readonly Held[], reservationId: string, { startsAt, endsAt }: { startsAt: number; endsAt: number }, where: unknown) => {
    if (!held.some((one) => one.reservationId === reservationId && one.from === startsAt && one.until === endsAt)) complain('recorded without its place', where);
  };

  for await (const page of log.readAll()) {
    for (const decoded of page) {
      if (!decoded.ok) throw new Error(decoded.error);
      const { event } = decoded;
      if (ids.has(event.id)) complain('an event twice', event);
      ids.add(event.id);
      const [category = '', ...rest] = event.stream.split('-');
      const streamId = rest.join('-');
      const mine = category === 'zoomAccount' ? account(streamId).held : agenda(streamId);
      switch (event.type) {
        case 'ZoomAccountRegistered':
          account(streamId).capacity = event.data.capacity;
          break;
        case 'ZoomAccountChanged':
          account(streamId).capacity = event.data.capacity ?? account(streamId).capacity;
          break;
        case 'ZoomAccountDisabled':
          account(streamId).enabled = false;
          break;
        case 'ZoomAccountEnabled':
          account(streamId).enabled = true;
          break;
        case 'PlaceReserved': {
          const { reservationId, holder, from, until, override } = event.data;
          if (mine.some((one) => one.reservationId === reservationId)) complain('reserved twice', event);
          const newcomer: Held = { reservationId, holder, from: Date.parse(from), until: Date.parse(until), overridden: override !== undefined };
          mine.push(newcomer);
          if (category === 'zoomAccount') {
            if (!account(streamId).enabled) complain('reserved on a disabled account', event);
            mustFit(mine, newcomer, account(streamId).capacity, 5 * 60_000, event);
          } else if (!override) mustFit(mine.filter(({ overridden }) => !overridden), newcomer, 1, 0, event);
          break;
        }
        case 'PlaceReleased': {
          const at = mine.findIndex(({ reservationId }) => reservationId === event.data.reservationId);
          if (at < 0) complain('released what was not held', event);
          mine.splice(at, 1);
          break;
        }
        case 'LeaseAcquired':
          account(streamId).leases.push({ leaseId: event.data.leaseId, holder: event.data.holder });
          if (account(streamId).leases.length > account(streamId).capacity) complain('more in use than there are places', event);
          break;
        case 'LeaseReleased': {
          const { leases } = account(streamId);
          const at = leases.findIndex(({ leaseId }) => leaseId === event.data.leaseId);
          if (at < 0) complain('a lease that was not held', event);
          leases.splice(at, 1);
          break;
        }
        case 'LessonScheduled': {
          const { teacherId, accountId, reservationId, startsAt, endsAt } = event.data;
          const before = lessons.get(streamId);
          if (before) complain('scheduled twice or after it was abandoned', event);
          const found: Lesson = {
            status: 'scheduled', teacherId, accountId, reservationId, agendaReservationId: reservationId, startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt), schedules: 1,
          };
          lessons.set(streamId, found);
          mustHold(agenda(teacherId), reservationId, found, event);
          if (accountId !== null) mustHold(account(accountId).held, reservationId, found, event);
          break;
        }
        case 'LessonAbandoned':
          lessons.set(streamId, { status: 'abandoned', teacherId: '', accountId: null, reservationId: '', agendaReservationId: '', startsAt: 0, endsAt: 0, schedules: 0 });
          break;
        case 'LessonRescheduled':
        case 'LessonMovedToAccount':
        case 'LessonTeacherReassigned': {
          const found = lessons.get(streamId);
          if (found?.status !== 'scheduled') return complain('changed, yet not scheduled', event);
          if (event.type === 'LessonRescheduled') {
            const { startsAt, endsAt, accountId, reservationId } = event.data;
            Object.assign(found, { startsAt: Date.parse(startsAt), endsAt: Date.parse(endsAt), accountId, reservationId, agendaReservationId: reservationId });
          } else if (event.type === 'LessonMovedToAccount') {
            Object.assign(found, { accountId: event.data.accountId, reservationId: event.data.reservationId });
          } else Object.assign(found, { teacherId: event.data.teacherId, agendaReservationId: event.data.reservationId });
          mustHold(agenda(found.teacherId), found.agendaReservationId, found, event);
          if (found.accountId !== null) mustHold(account(found.accountId).held, found.reservationId, found, event);
          break;
        }
        case 'LessonStarted':
        case 'LessonFinished':
        case 'LessonCancelled': {
          const found = lessons.get(streamId);
          if (!found || ['finished', 'cancelled', 'abandoned'].includes(found.status)) return complain('a final lesson went on', event);
          found.status = event.type === 'LessonStarted' ? 'live' : event.type === 'LessonFinished' ? 'finished' : 'cancelled';
          break;
        }
        default:
      }
    }
  }
  for (const [id, lesson] of lessons) {
    if (lesson.status !== 'scheduled') continue;
    mustHold(agenda(lesson.teacherId), lesson.agendaReservationId, lesson, { id, lesson });
    if (lesson.accountId !== null) mustHold(account(lesson.accountId).held, lesson.reservationId, lesson, { id, lesson });
  }
  const sitsHere = (held: Held, where: { accountId?: string; teacherId?: string }): boolean => {
    const lesson = lessons.get(held.holder);
    if (!lesson || lesson.status === 'cancelled' || lesson.status === 'abandoned') return false;
    return where.accountId !== undefined
      ? lesson.accountId === where.accountId && lesson.reservationId === held.reservationId
      : lesson.teacherId === where.teacherId && lesson.agendaReservationId === held.reservationId;
  };
  const orphans = [
    ...[...accounts].flatMap(([accountId, { held }]) => held.filter((one) => !sitsHere(one, { accountId })).map((one) => ({ accountId, ...one }))),
    ...[...agendas].flatMap(([teacherId, held]) => held.filter((one) => !sitsHere(one, { teacherId })).map((one) => ({ teacherId, ...one }))),
  ];
  return { accounts, agendas, lessons, orphans };
}
