import { createHostDays } from '../../../src/adapters/zoom/hostDays.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let database: TestDatabase;
let now = new Date('2026-03-02T23:59:00Z');
const clock = { now: () => now };
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

describe('a host\'s day', () => {
  it('has 80 creates for lessons ahead and 100 in all, however many ask at once', async () => {
    const days = createHostDays(database.pool, clock);
    const ahead = await Promise.all(Array.from({ length: 150 }, () => days.take('a', 'ahead')));
    expect(ahead.filter(Boolean)).toHaveLength(80);
    const today = await Promise.all(Array.from({ length: 50 }, () => days.take('a', 'sameDay')));
    expect(today.filter(Boolean)).toHaveLength(20);
    expect([await days.left('a', 'ahead'), await days.left('a', 'sameDay'), await days.left('b', 'ahead')]).toEqual([0, 0, 80]);
  });

  it('is closed by a daily 429, and a new one begins at 00:00 UTC', async () => {
    const days = createHostDays(database.pool, clock);
    await days.take('c', 'ahead');
    await days.close('c');
    expect(await days.take('c', 'sameDay')).toBe(false);
    expect(days.msUntilReset()).toBe(60_000);
    now = new Date('2026-03-03T00:00:00Z');
    expect(await days.take('c', 'ahead')).toBe(true);
    expect(await days.left('c', 'ahead')).toBe(79);
  });
});
