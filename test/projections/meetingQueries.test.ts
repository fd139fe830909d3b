import { createMeetingQueries } from '../../src/projections/lessons/meetingQueries.ts';
import { lessons } from '../../src/projections/lessons/projection.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createHistory, schedule, type History } from './support/history.ts';

let database: TestDatabase;
let queries: ReturnType<typeof createMeetingQueries>;
const now = '2026-03-02T10:00:00.000Z';
const day = (n: number) => new Date(Date.parse(now) + n * 86_400_000).toISOString();

const claim = (history: History, lessonId: string, generation = 1) =>
  history.add(`zoomMeeting-${lessonId}`, 'MeetingClaimed', { lessonId, generation, accountId: 'a1', claimedAt: now, title: 't', startsAt: day(1), zone: 'UTC', durationMinutes: 45, autoRecord: false });
const created = (history: History, lessonId: string, meetingId: string, generation = 1) =>
  history.add(`zoomMeeting-${lessonId}`, 'MeetingCreated', { lessonId, generation, accountId: 'a1', meetingId, uuid: 'u', joinUrl: `https://z/${meetingId}`, passcode: 'p', adopted: false });
const failed = (history: History, lessonId: string, code: string, parked: boolean) => history.add(`zoomMeeting-${lessonId}`, 'MeetingFailed', { lessonId, generation: 1, code, message: 'm', parked });

beforeAll(async () => {
  database = await createTestDatabase();
  const history = createHistory();
  const lesson = (id: string, from: string, account: string | null = 'a1') => schedule(history, { id, account, teacher: 't1', group: null, from, minutes: 45 });
  lesson('third', day(3));
  lesson('first', day(1));
  lesson('second', day(2));
  lesson('far', day(20));
  lesson('past', day(-1));
  lesson('unhosted', day(1), null);
  lesson('other', day(1), 'a2');
  lesson('made', day(4));
  lesson('remade', day(5));
  lesson('trying', day(6));
  lesson('parked', day(7));
  claim(history, 'second');
  for (const id of ['made', 'remade', 'trying', 'parked']) claim(history, id);
  created(history, 'made', 'm1');
  created(history, 'remade', 'm2');
  history.add('zoomMeeting-remade', 'MeetingDeleted', { lessonId: 'remade', generation: 1, meetingId: 'm2', alreadyGone: false });
  claim(history, 'remade', 2);
  created(history, 'remade', 'm3', 2);
  failed(history, 'trying', 'unavailable', false);
  failed(history, 'parked', 'unavailable', true);
  await database.pool.query('create schema lessons_test');
  await database.pool.query(lessons.schemaSql('"lessons_test"'));
  await lessons.project(history.events, database.pool, '"lessons_test"');
  queries = createMeetingQueries(database.pool, { schema: async () => '"lessons_test"' });
});
afterAll(async () => {
  await database.drop();
});

describe('what the Zoom adapter asks of the lessons', () => {
  it('lessons without a meeting, soonest first; not the past, the far, the failed, nor those on no account', async () => {
    expect((await queries.lessonsWithoutMeeting(now, day(14), 10)).map(({ lessonId }) => lessonId)).toEqual(['first', 'other', 'second', 'third']);
    expect(await queries.lessonsWithoutMeeting(now, day(14), 1)).toEqual([{ lessonId: 'first', accountId: 'a1', startsAt: day(1) }]);
  });

  it('how many of an account come sooner, the ones that are still tried included', async () => {
    expect(await queries.soonerWithoutMeeting('a1', now, day(3))).toBe(2);
    expect(await queries.soonerWithoutMeeting('a1', now, day(10))).toBe(4);
  });

  it('the current meetings of an account, and whose meeting one is', async () => {
    expect(await queries.lessonsWithMeeting('a1', now, day(15))).toEqual([
      { lessonId: 'made', meetingId: 'm1', generation: 1, startsAt: day(4) }, { lessonId: 'remade', meetingId: 'm3', generation: 2, startsAt: day(5) },
    ]);
    expect([await queries.lessonOfMeeting('m3'), await queries.lessonOfMeeting('m2')]).toEqual(['remade', undefined]);
  });

  it('what failed because Zoom was away and is not parked', async () => {
    expect(await queries.lessonsThatFailed(['unavailable'], now, 10)).toEqual(['trying']);
    expect(await queries.lessonsThatFailed(['rejected'], now, 10)).toEqual([]);
  });
});
