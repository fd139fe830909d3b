import fc from 'fast-check';
import { createSchedule } from '../../../src/adapters/jobs/schedule.ts';

const at = (text: string) => new Date(text);
const ticks = (pattern: string, zone: string, from: string, until: string): string[] => {
  const schedule = createSchedule(pattern, zone);
  const found: string[] = [];
  for (let tick = schedule.next(at(from)); tick && tick <= at(until); tick = schedule.next(tick)) found.push(tick.toISOString().slice(0, 19));
  return found;
};

describe('in Europe/Berlin, which jumps from 02:00 to 03:00 on 2026-03-29 and back from 03:00 to 02:00 on 2026-10-25', () => {
  test('a daily job at a time that does not exist runs once that day, an hour later by the clock', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-03-27T12:00:00Z', '2026-03-31T12:00:00Z')).toEqual(['2026-03-28T01:30:00', '2026-03-29T01:30:00', '2026-03-30T00:30:00', '2026-03-31T00:30:00']);
  });
  test('a daily job at a time that happens twice runs once that day, the first time', () => {
    expect(ticks('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual(['2026-10-25T00:30:00', '2026-10-26T01:30:00']);
  });
  test('a job of every five minutes neither pauses nor doubles', () => {
    for (const day of ['2026-03-29', '2026-10-25']) {
      const found = ticks('*/5 * * * *', 'Europe/Berlin', `${day}T00:00:00Z`, `${day}T04:00:00Z`);
      expect(found).toHaveLength(48);
      expect(new Set(found).size).toBe(48);
    }
  });
  test('every six hours is four times a day on either day', () => {
    expect(ticks('0 */6 * * *', 'Europe/Berlin', '2026-03-28T22:59:00Z', '2026-03-29T21:59:00Z')).toEqual(['2026-03-28T23:00:00', '2026-03-29T04:00:00', '2026-03-29T10:00:00', '2026-03-29T16:00:00']);
  });
});

test('a schedule in UTC does not mind what the clocks do', () => {
  expect(ticks('0 3 * * *', 'UTC', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual(['2026-03-29T03:00:00', '2026-03-30T03:00:00']);
});

test('seconds, days of the month, weekdays and months count', () => {
  expect(ticks('*/20 * * * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z')).toEqual(['2026-01-01T00:00:20', '2026-01-01T00:00:40', '2026-01-01T00:01:00']);
  expect(ticks('0 9 1 1,7 *', 'UTC', '2026-01-01T09:00:00Z', '2027-12-31T00:00:00Z')).toEqual(['2026-07-01T09:00:00', '2027-01-01T09:00:00', '2027-07-01T09:00:00']);
  expect(ticks('* * * * 0', 'UTC', '2026-11-20T00:00:00Z', '2026-11-22T00:01:00Z')).toEqual(['2026-11-22T00:00:00', '2026-11-22T00:01:00']);
});

test('missed ticks count as the last one', () => {
  const schedule = createSchedule('*/10 * * * * *', 'UTC');
  expect(schedule.lastIn(at('2026-01-01T00:00:00Z'), at('2026-02-01T00:00:05Z'))?.toISOString()).toBe('2026-02-01T00:00:00.000Z');
  expect(createSchedule('0 3 * * *', 'UTC').lastIn(at('2026-01-01T03:00:00Z'), at('2026-01-09T02:00:00Z'))?.toISOString()).toBe('2026-01-08T03:00:00.000Z');
  expect(createSchedule('0 3 * * *', 'UTC').lastIn(at('2026-01-01T03:00:00Z'), at('2026-01-02T02:59:59Z'))).toBeUndefined();
});

test('what is no pattern is refused', () => {
  expect(() => createSchedule('61 * * * *', 'UTC')).toThrow('no cron pattern');
  expect(() => createSchedule('0 0 L * *', 'UTC')).toThrow('not supported');
  expect(() => createSchedule('0 0 * * *', 'Europe/Atlantis')).toThrow();
});

test('the last tick of an interval is the last of its ticks, whatever the pattern, the zone and the interval', () => {
  const patterns = ['*/5 * * * *', '30 2 * * *', '15,45 1-3 * * *', '0 */6 * * *', '0 3 * * 1'];
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'];
  fc.assert(fc.property(fc.constantFrom(...patterns), fc.constantFrom(...zones), fc.integer({ min: 0, max: 364 }), fc.integer({ min: 1, max: 72 }), (pattern, zone, day, hours) => {
    const from = new Date(Date.UTC(2026, 0, 1 + day, 0, 7));
    const until = new Date(from.getTime() + hours * 3_600_000);
    const schedule = createSchedule(pattern, zone);
    let last: Date | undefined;
    let before = from;
    for (let tick = schedule.next(from); tick && tick <= until; tick = schedule.next(tick)) {
      expect(tick.getTime()).toBeGreaterThan(before.getTime());
      last = before = tick;
    }
    expect(schedule.lastIn(from, until)?.getTime()).toBe(last?.getTime());
  }), { numRuns: 60 });
});
