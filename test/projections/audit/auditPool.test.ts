import type { Decoded, Recorded } from '../../../src/eventLog/recorded.ts';
import { auditPool } from '../../../src/projections/audit/auditPool.ts';
import { createHistory, plusMinutes, registerAccount, schedule, type History } from '../support/history.ts';

const logOf = (events: readonly Recorded[], pageSize = 3) => ({
  async *readAll(): AsyncIterable<Decoded[]> {
    for (let i = 0; i < events.length; i += pageSize) yield events.slice(i, i + pageSize).map((event) => ({ ok: true as const, event }));
  },
});
const audit = (history: History) => auditPool(logOf(history.events), { gapMinutes: 5 });
const kinds = async (history: History) => (await audit(history)).findings.map(({ kind }) => kind);

const nine = '2026-03-03T09:00:00.000Z';
const school = (capacity = 1) => {
  const history = createHistory();
  registerAccount(history, 'a1', capacity);
  registerAccount(history, 'a2', 1);
  return history;
};
const lesson = (id: string, more: Partial<Parameters<typeof schedule>[1]> = {}) => ({ id, account: 'a1', teacher: `t-${id}`, group: null, from: nine, minutes: 60, ...more });
const reserve = (history: History, stream: string, reservationId: string, from = nine, minutes = 60, when = '2026-03-01T08:00:00.000Z') =>
  history.add(stream, 'PlaceReserved', { reservationId, holder: reservationId.split('.')[0]!, from, until: plusMinutes(from, minutes), reservedAt: when }, when);
const place = { accountId: 'a1', reservationId: 'l1.1' };
const when = { localStart: '2026-03-03T12:00', zone: 'UTC', durationMinutes: 60, startsAt: '2026-03-03T12:00:00.000Z', endsAt: '2026-03-03T13:00:00.000Z' };

describe('audit pool', () => {
  it('finds nothing in the life of a school that keeps the rules', async () => {
    const history = school(2);
    schedule(history, lesson('l1'));
    schedule(history, lesson('l2'));
    schedule(history, lesson('l3', { from: plusMinutes(nine, 65) }));
    // l1 moves: the new place first, then the record, then the old place is given back
    reserve(history, 'zoomAccount-a1', 'l1.2', when.startsAt);
    reserve(history, 'teacherAgenda-t-l1', 'l1.2', when.startsAt);
    history.add('lesson-l1', 'LessonRescheduled', { ...when, lessonId: 'l1', accountId: 'a1', reservationId: 'l1.2', previous: { ...place, agendaReservationId: 'l1.1' } });
    history.add('zoomAccount-a1', 'PlaceReleased', { reservationId: 'l1.1', holder: 'l1', releasedAt: nine, reason: 'moved' });
    history.add('teacherAgenda-t-l1', 'PlaceReleased', { reservationId: 'l1.1', holder: 'l1', releasedAt: nine, reason: 'moved' });
    // l2 is taught
    history.add('zoomAccount-a1', 'LeaseAcquired', { leaseId: 'x', holder: 'l2', acquiredAt: nine, until: plusMinutes(nine, 60) });
    history.add('lesson-l2', 'LessonStarted', { lessonId: 'l2', startedAt: nine, accountId: 'a1', leaseId: 'x', by: 'teacher' });
    history.add('lesson-l2', 'LessonFinished', { lessonId: 'l2', finishedAt: plusMinutes(nine, 60), by: 'teacher' });
    history.add('zoomAccount-a1', 'LeaseReleased', { leaseId: 'x', holder: 'l2', releasedAt: plusMinutes(nine, 60), reason: 'over' }, plusMinutes(nine, 60));
    history.add('lesson-l3', 'LessonCancelled', { lessonId: 'l3', cancelledAt: nine, reason: 'ill' });
    history.add('zoomAccount-a1', 'PlaceReleased', { reservationId: 'l3.1', holder: 'l3', releasedAt: nine, reason: 'cancelled' });
    history.add('teacherAgenda-t-l3', 'PlaceReleased', { reservationId: 'l3.1', holder: 'l3', releasedAt: nine, reason: 'cancelled' });
    expect(await audit(history)).toMatchObject({ ok: true, findings: [], orphanReservations: [], openLessons: 1, events: history.events.length });
  });

  it('sees two lessons on one place, also when only the gap between them is missing', async () => {
    const overlap = school();
    schedule(overlap, lesson('l1'));
    schedule(overlap, lesson('l2', { from: plusMinutes(nine, 30) }));
    expect(await kinds(overlap)).toEqual(['overbooked']);
    const noGap = school();
    schedule(noGap, lesson('l1'));
    schedule(noGap, lesson('l2', { from: plusMinutes(nine, 64) }));
    expect(await kinds(noGap)).toEqual(['overbooked']);
    const justGap = school();
    schedule(justGap, lesson('l1'));
    schedule(justGap, lesson('l2', { from: plusMinutes(nine, 65) }));
    expect(await kinds(justGap)).toEqual([]);
  });

  it('counts instants, not neighbours: three lessons fit on two places unless all three run at once', async () => {
    const chain = school(2);
    for (const [i, id] of ['l1', 'l2', 'l3'].entries()) schedule(chain, lesson(id, { from: plusMinutes(nine, i * 40) }));
    expect(await kinds(chain)).toEqual([]);
    const pile = school(2);
    for (const [i, id] of ['l1', 'l2', 'l3'].entries()) schedule(pile, lesson(id, { from: plusMinutes(nine, i * 20) }));
    expect(await kinds(pile)).toEqual(['overbooked']);
  });

  it('sees an overlap across midnight UTC', async () => {
    const history = school();
    schedule(history, lesson('l1', { from: '2026-03-03T23:30:00.000Z' }));
    schedule(history, lesson('l2', { from: '2026-03-04T00:20:00.000Z' }));
    expect(await kinds(history)).toEqual(['overbooked']);
  });

  it('sees a capacity that was lowered below the plan or the use', async () => {
    const plan = school(2);
    schedule(plan, lesson('l1'));
    schedule(plan, lesson('l2'));
    plan.add('zoomAccount-a1', 'ZoomAccountChanged', { accountId: 'a1', capacity: 1 });
    expect(await kinds(plan)).toEqual(['overbooked']);
    const use = school(2);
    for (const id of ['x', 'y']) use.add('zoomAccount-a1', 'LeaseAcquired', { leaseId: id, holder: id, acquiredAt: nine, until: nine });
    use.add('zoomAccount-a1', 'ZoomAccountChanged', { accountId: 'a1', capacity: 1 });
    expect(await kinds(use)).toEqual(['tooManyLeases']);
  });

  it('sees a meeting too many', async () => {
    const history = school();
    for (const id of ['x', 'y']) history.add('zoomAccount-a1', 'LeaseAcquired', { leaseId: id, holder: id, acquiredAt: nine, until: nine });
    expect(await kinds(history)).toEqual(['tooManyLeases']);
  });

  it('sees what happens on disabled or unknown accounts', async () => {
    const history = school();
    schedule(history, lesson('l1'));
    history.add('zoomAccount-a1', 'ZoomAccountDisabled', { accountId: 'a1', reason: 'x' });
    reserve(history, 'zoomAccount-a1', 'l9.1', plusMinutes(nine, 600));
    history.add('zoomAccount-a1', 'LeaseAcquired', { leaseId: 'x', holder: 'l9', acquiredAt: nine, until: nine });
    reserve(history, 'zoomAccount-nowhere', 'l9.1');
    expect(await kinds(history)).toEqual(['disabledAccountUsed', 'disabledAccountUsed', 'disabledAccountUsed', 'unknownAccount']);
  });

  it('sees a teacher in two places, unless a reason is recorded', async () => {
    const history = school();
    schedule(history, lesson('l1', { teacher: 't' }));
    schedule(history, lesson('l2', { teacher: 't', account: 'a2', from: plusMinutes(nine, 59) }));
    expect(await kinds(history)).toEqual(['teacherDoubleBooked']);
    const excused = school();
    schedule(excused, lesson('l1', { teacher: 't' }));
    excused.add('teacherAgenda-t', 'PlaceReserved', { reservationId: 'l2.1', holder: 'l2', from: nine, until: plusMinutes(nine, 60), reservedAt: nine, override: { reason: 'co-teaching' } });
    expect(await kinds(excused)).toEqual([]);
    const backToBack = school();
    schedule(backToBack, lesson('l1', { teacher: 't' }));
    schedule(backToBack, lesson('l2', { teacher: 't', account: 'a2', from: plusMinutes(nine, 60) }));
    expect(await kinds(backToBack)).toEqual([]);
  });

  it('sees a lesson that is recorded without its place, or loses it', async () => {
    const none = school();
    none.add('lesson-l1', 'LessonScheduled', {
      ...when, lessonId: 'l1', title: 'x', teacherId: 't', groupId: null, provider: 'zoom', autoRecord: false, accountId: 'a1', reservationId: 'l1.1',
    });
    expect(await kinds(none)).toEqual(['lessonWithoutPlace', 'lessonWithoutPlace']);
    const lost = school();
    schedule(lost, lesson('l1'));
    lost.add('zoomAccount-a1', 'PlaceReleased', { reservationId: 'l1.1', holder: 'l1', releasedAt: nine, reason: 'mistake' });
    expect(await kinds(lost)).toEqual(['lessonWithoutPlace']);
    const forfeited = school();
    schedule(forfeited, lesson('l1'));
    forfeited.add('lesson-l1', 'LessonPlaceForfeited', { lessonId: 'l1', reservationId: 'l1.1', reason: 'mistake' });
    expect(await kinds(forfeited)).toEqual(['lessonWithoutPlace']);
    const unleased = school();
    schedule(unleased, lesson('l1'));
    unleased.add('lesson-l1', 'LessonStarted', { lessonId: 'l1', startedAt: nine, accountId: 'a1', leaseId: 'x', by: 'teacher' });
    expect(await kinds(unleased)).toEqual(['lessonWithoutPlace']);
  });

  it('sees a place that is for another time', async () => {
    const history = school();
    schedule(history, lesson('l1'));
    reserve(history, 'zoomAccount-a1', 'l1.2', plusMinutes(nine, 120));
    reserve(history, 'teacherAgenda-t-l1', 'l1.2', when.startsAt);
    history.add('lesson-l1', 'LessonRescheduled', { ...when, lessonId: 'l1', accountId: 'a1', reservationId: 'l1.2', previous: { ...place, agendaReservationId: 'l1.1' } });
    expect(await kinds(history)).toEqual(['wrongPlace']);
  });

  it('sees steps that a status does not allow', async () => {
    const history = school();
    schedule(history, lesson('l1'));
    history.add('lesson-l1', 'LessonFinished', { lessonId: 'l1', finishedAt: nine, by: 'teacher' }); // never started
    history.add('lesson-l1', 'LessonStarted', { lessonId: 'l1', startedAt: nine, accountId: 'a1', leaseId: null, by: 'teacher' }); // finished
    history.add('lesson-l1', 'LessonCancelled', { lessonId: 'l1', cancelledAt: nine, reason: 'x' }); // finished
    history.add('lesson-l1', 'LessonAbandoned', { lessonId: 'l1', reason: 'x' }); // it exists
    history.add('lesson-l2', 'LessonAbandoned', { lessonId: 'l2', reason: 'slow' });
    schedule(history, lesson('l2', { from: plusMinutes(nine, 600) })); // abandoned
    expect(await kinds(history)).toEqual(['badStatus', 'badStatus', 'badStatus', 'badStatus', 'badStatus']);
  });

  it('sees two current meetings of one lesson, the same Zoom user twice, a reservation made twice', async () => {
    const history = school();
    schedule(history, lesson('l1'));
    const claim = (generation: number) => history.add('zoomMeeting-l1', 'MeetingClaimed', { lessonId: 'l1', generation, accountId: 'a1', claimedAt: nine, title: 'x', startsAt: nine, zone: 'UTC', durationMinutes: 60, autoRecord: false });
    claim(1);
    claim(2);
    history.add('zoomMeeting-l1', 'MeetingDeleted', { lessonId: 'l1', generation: 2, meetingId: '', alreadyGone: false });
    claim(3);
    history.add('zoomPool-school', 'ZoomUserEnlisted', { accountId: 'a1', zoomUser: 'Host@school.test' });
    history.add('zoomPool-school', 'ZoomUserEnlisted', { accountId: 'a2', zoomUser: 'host@school.test' });
    reserve(history, 'zoomAccount-a1', 'l1.1');
    expect(await kinds(history)).toEqual(['meetingNotCounted', 'zoomUserTwice', 'reservedTwice']);
  });

  it('names an event that cannot be read', async () => {
    const [event] = school().events;
    const raw = { ...event!, data: 'not JSON' };
    const log = { async *readAll(): AsyncIterable<Decoded[]> { yield [{ ok: false, reason: 'unreadable', error: 'the data is not a JSON object', raw }]; } };
    expect(await auditPool(log, { gapMinutes: 5 })).toMatchObject({ ok: false, findings: [{ kind: 'unreadable', stream: 'zoomAccount-a1', revision: 0 }] });
  });

  it('lists reservations that nobody stands for an hour later', async () => {
    const history = school();
    reserve(history, 'zoomAccount-a1', 'l1.1', '2026-03-09T09:00:00.000Z');
    history.add('zoomAccount-a2', 'ZoomAccountEnabled', { accountId: 'a2' }, '2026-03-01T09:01:00.000Z');
    expect((await audit(history)).orphanReservations).toEqual([{ stream: 'zoomAccount-a1', reservationId: 'l1.1', holder: 'l1', from: '2026-03-09T09:00:00.000Z' }]);
  });

  it('forgets what is past, so that its memory does not grow with the log', async () => {
    const history = school();
    for (let day = 0; day < 60; day += 1) {
      const at = plusMinutes('2026-03-01T09:00:00.000Z', day * 1440);
      const id = `l${day}`;
      schedule(history, lesson(id, { from: plusMinutes(at, 60) }), at);
      history.add(`lesson-${id}`, 'LessonCancelled', { lessonId: id, cancelledAt: at, reason: 'x' }, at);
    }
    const result = await audit(history);
    expect(result).toMatchObject({ ok: true, openLessons: 0 });
    expect(result.orphanReservations.length).toBeLessThan(5);
  });
});
