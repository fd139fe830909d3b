import { lessons } from '../../src/projections/lessons/projection.ts';
import { createLessonQueries } from '../../src/projections/lessons/queries.ts';
import type { Sql } from '../../src/projections/engine/readModel.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { at, createHistory, schedule } from './support/history.ts';
import { atSchemas, projectInto } from './support/readModelTables.ts';

describe('the trail of a lesson in the streams that it shares', () => {
  let db: TestDatabase;
  beforeAll(async () => { db = await createTestDatabase(); });
  afterAll(() => db.drop());

  it('has its places and leases; leases for another use leave none, however many there are', async () => {
    const history = createHistory();
    const when = at('2026-03-02T08:00:00.000');
    const lease = (holder: string, n: number) => {
      history.add('zoomAccount-a1', 'LeaseAcquired', { leaseId: `${holder}.${n}`, holder, acquiredAt: when, until: at('2026-03-02T09:00:00.000') });
      if (n % 2 === 0) history.add('zoomAccount-a1', 'LeaseOverran', { leaseId: `${holder}.${n}`, holder, observedAt: when, threatens: [] });
      history.add('zoomAccount-a1', 'LeaseReleased', { leaseId: `${holder}.${n}`, holder, releasedAt: when, reason: 'over' });
    };
    schedule(history, { id: 'l1', account: 'a1', teacher: 'ada', group: null, from: at('2026-03-02T08:00:00.000'), minutes: 60 });
    lease('l1', 1);
    for (let n = 0; n < 50; n += 1) lease('staffMeeting', n);
    history.add('teacherAgenda-ada', 'PlaceReserved', { reservationId: 'l2.1', holder: 'l2', from: when, until: at('2026-03-02T09:00:00.000'), reservedAt: when });
    await projectInto(db.pool, lessons, 'trails', [history.events]);
    const queries = createLessonQueries(db.pool as unknown as Sql, atSchemas({ lessons: 'trails' }));
    expect(await queries.trail('l1')).toEqual(['zoomAccount-a1@0', 'teacherAgenda-ada@0', 'zoomAccount-a1@1', 'zoomAccount-a1@2']);
    expect(await queries.trail('l2')).toEqual(['teacherAgenda-ada@1']); // a place for a lesson that is not recorded (yet)
    expect(await queries.trail('staffMeeting')).toBeUndefined();
    const { rows } = await db.pool.query<{ trail: string[] }>(`select trail from trails.lessons where lesson_id = 'staffMeeting'`);
    expect(rows.flatMap(({ trail }) => trail)).toEqual([]);
  });
});
