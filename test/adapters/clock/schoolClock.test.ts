import { ClockRunsBack, createSchoolClock } from '../../../src/adapters/clock/schoolClock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

const day = 86_400_000;

describe('the school\'s clock', () => {
  let database: TestDatabase;
  beforeAll(async () => { database = await createTestDatabase(); });
  afterAll(() => database.drop());

  it('only moves forwards, also the first time', async () => {
    const clock = await createSchoolClock(database.pool);
    await expect(clock.moveTo(new Date(Date.now() - day))).rejects.toThrow(ClockRunsBack);
    expect(clock.offsetMs()).toBe(0);
    await clock.moveTo(new Date(Date.now() + 2 * day));
    await expect(clock.moveTo(new Date(Date.now() + day))).rejects.toThrow(ClockRunsBack);
    expect(clock.offsetMs()).toBeGreaterThan(1.9 * day);
  });

  it('is the same in every process, and after a restart', async () => {
    const [one, other] = [await createSchoolClock(database.pool), await createSchoolClock(database.pool)];
    await one.moveTo(new Date(Date.now() + 5 * day));
    await other.refresh();
    expect(other.offsetMs()).toBe(one.offsetMs());
    expect((await createSchoolClock(database.pool)).offsetMs()).toBe(one.offsetMs());
  });
});
