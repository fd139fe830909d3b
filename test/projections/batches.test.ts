import fc from 'fast-check';
import type { Recorded } from '../../src/eventLog/recorded.ts';
import { directory } from '../../src/projections/directory/projection.ts';
import { lessons } from '../../src/projections/lessons/projection.ts';
import { zoomAccounts } from '../../src/projections/zoomAccounts/projection.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createHistory, plusMinutes, registerAccount, registerPerson, schedule } from './support/history.ts';
import { dump, projectInto } from './support/readModelTables.ts';

/** What happens to a school, step by step; the same ids come back again and again, so that rows meet many events. */
const step = fc.record({
  kind: fc.constantFrom('schedule', 'reschedule', 'claim', 'create', 'fail', 'delete', 'start', 'finish', 'cancel', 'lease', 'release', 'overrun', 'person', 'group', 'member', 'account', 'abandon', 'imported', 'unrelated'),
  lesson: fc.constantFrom('l1', 'l2', 'l3'),
  account: fc.constantFrom('a1', 'a2'),
  person: fc.constantFrom('t1', 't2'),
  n: fc.integer({ min: 1, max: 3 }),
  flag: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function eventsOf(steps: readonly Step[]): readonly Recorded[] {
  const history = createHistory();
  for (const [i, { kind, lesson, account, person, n, flag }] of steps.entries()) {
    const when = plusMinutes('2026-03-02T08:00:00.000Z', i);
    const from = plusMinutes('2026-03-03T08:00:00.000Z', n * 60);
    const meeting = { lessonId: lesson, generation: n };
    switch (kind) {
      case 'schedule': schedule(history, { id: lesson, account, teacher: person, group: flag ? 'g1' : null, from, minutes: 45 }, when, n); break;
      case 'reschedule':
        history.add(`zoomAccount-${account}`, 'PlaceReserved', { reservationId: `${lesson}.${n}`, holder: lesson, from, until: plusMinutes(from, 30), reservedAt: when }, when);
        history.add(`lesson-${lesson}`, 'LessonRescheduled', {
          lessonId: lesson, localStart: from.slice(0, 16), zone: 'UTC', durationMinutes: 30, startsAt: from, endsAt: plusMinutes(from, 30), accountId: account, reservationId: `${lesson}.${n}`,
          previous: { accountId: account, reservationId: `${lesson}.0`, agendaReservationId: `${lesson}.0` },
          ...(flag ? { override: { reason: 'substitute' } } : {}),
        }, when);
        break;
      case 'claim': history.add(`zoomMeeting-${lesson}`, 'MeetingClaimed', { ...meeting, accountId: account, claimedAt: when, title: 't', startsAt: from, zone: 'UTC', durationMinutes: 45, autoRecord: false }, when); break;
      case 'create': history.add(`zoomMeeting-${lesson}`, 'MeetingCreated', { ...meeting, accountId: account, meetingId: String(i), uuid: `u${i}`, joinUrl: `https://zoom.test/j/${n}`, passcode: 'x"\\\n', adopted: flag }, when); break;
      case 'fail': history.add(`zoomMeeting-${lesson}`, 'MeetingFailed', { ...meeting, code: 'unavailable', message: 'Zoom is away', parked: flag }, when); break;
      case 'delete': history.add(`zoomMeeting-${lesson}`, 'MeetingDeleted', { ...meeting, meetingId: '1', alreadyGone: flag }, when); break;
      case 'start': history.add(`lesson-${lesson}`, 'LessonStarted', { lessonId: lesson, startedAt: when, accountId: flag ? account : null, leaseId: flag ? `${lesson}.lease` : null, by: 'teacher' }, when); break;
      case 'finish': history.add(`lesson-${lesson}`, 'LessonFinished', { lessonId: lesson, finishedAt: when, by: 'meeting' }, when); break;
      case 'cancel': history.add(`lesson-${lesson}`, 'LessonCancelled', { lessonId: lesson, cancelledAt: when, reason: 'ill' }, when); break;
      case 'lease': history.add(`zoomAccount-${account}`, 'LeaseAcquired', { leaseId: `${lesson}.lease`, holder: lesson, acquiredAt: when, until: from }, when); break;
      case 'release':
        if (flag) history.add(`zoomAccount-${account}`, 'LeaseReleased', { leaseId: `${lesson}.lease`, holder: lesson, releasedAt: when, reason: 'over' }, when);
        else history.add(`zoomAccount-${account}`, 'PlaceReleased', { reservationId: `${lesson}.${n}`, holder: lesson, releasedAt: when, reason: 'moved' }, when);
        break;
      case 'overrun': history.add(`zoomAccount-${account}`, 'LeaseOverran', { leaseId: `${lesson}.lease`, holder: lesson, observedAt: when, threatens: [] }, when); break;
      case 'person':
        if (n === 1) registerPerson(history, person, flag ? 'teacher' : 'student');
        else if (n === 2) history.add(`person-${person}`, 'PersonChanged', { personId: person, ...(flag ? { name: 'Ünal "Ü" \\ Öz' } : { role: 'manager' }) }, when);
        else history.add(`person-${person}`, flag ? 'PersonDeactivated' : 'PersonReactivated', { personId: person }, when);
        break;
      case 'group': history.add('group-g1', flag ? 'GroupCreated' : 'GroupRenamed', { groupId: 'g1', name: `Group ${i}` }, when); break;
      case 'member': history.add('group-g1', flag ? 'GroupMemberAdded' : 'GroupMemberRemoved', { groupId: 'g1', personId: person }, when); break;
      case 'account':
        if (n === 1) registerAccount(history, account, 2);
        else if (n === 2) history.add(`zoomAccount-${account}`, 'ZoomAccountChanged', { accountId: account, ...(flag ? { capacity: 3 } : { cloudRecording: false }) }, when);
        else if (flag) history.add(`zoomAccount-${account}`, 'ZoomAccountDisabled', { accountId: account, reason: 'licence ended' }, when);
        else history.add(`zoomAccount-${account}`, 'ZoomAccountEnabled', { accountId: account }, when);
        break;
      case 'abandon': history.add(`lesson-${lesson}`, 'LessonAbandoned', { lessonId: lesson, reason: 'slow' }, when); break;
      case 'imported':
        history.add(`lesson-${lesson}`, 'LessonImportedAgain', {
          lessonId: lesson,
          imported: { importId: `i${n}`, calendar: 'spring', uid: `uid-${lesson}`, recurrenceId: '', title: 't', teacherId: person, groupId: null, localStart: '2026-03-03T08:00', zone: 'UTC', durationMinutes: 45 },
        }, when);
        break;
      case 'unrelated': history.add('job-x', 'JobRunFailed', { job: 'x', runId: `r${i}`, scheduledFor: when, error: 'no' }, when); break;
    }
  }
  return history.events;
}

const cut = (events: readonly Recorded[], sizes: readonly number[]): Recorded[][] => {
  const batches: Recorded[][] = [];
  let start = 0;
  for (let i = 0; start < events.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    batches.push(events.slice(start, start + size));
    start += size;
  }
  return batches;
};

describe.each([directory, lessons, zoomAccounts])('read model $name', (model) => {
  let database: TestDatabase;
  beforeAll(async () => { database = await createTestDatabase(); });
  afterAll(() => database.drop());

  it('has the same rows however the log is cut into batches, and without the events of other types than it declares', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }), async (steps, sizes) => {
        run += 1;
        const events = eventsOf(steps);
        await projectInto(database.pool, model, `whole_${run}`, [events]);
        await projectInto(database.pool, model, `cut_${run}`, cut(events, sizes));
        expect(await dump(database.pool, `cut_${run}`)).toEqual(await dump(database.pool, `whole_${run}`));
        await projectInto(database.pool, model, `some_${run}`, cut(events.filter(({ type }) => model.types?.includes(type)), sizes));
        expect(await dump(database.pool, `some_${run}`)).toEqual(await dump(database.pool, `whole_${run}`));
        await database.pool.query(`drop schema whole_${run} cascade; drop schema cut_${run} cascade; drop schema some_${run} cascade`);
      }),
      { numRuns: 40 },
    );
  });
});
