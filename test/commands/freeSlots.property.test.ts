import fc from 'fast-check';
import { searchFreeSlots } from '../../src/commands/zoomAccounts/freeSlots.ts';
import { emptyCalendar, evolveCalendar, isFree, type Calendar } from '../../src/domain/calendar/index.ts';

const minute = 60_000;
const grid = 5 * minute;
const base = Date.parse('2026-03-02T00:00:00.000Z');
const busy = fc.array(fc.record({ from: fc.integer({ min: 0, max: 280 }), length: fc.integer({ min: 1, max: 30 }) }), { maxLength: 40 });

const calendarOf = (intervals: readonly { from: number; length: number }[]): Calendar => intervals.reduce((calendar, { from, length }, i) => evolveCalendar(calendar, {
  type: 'PlaceReserved',
  data: { reservationId: `${i}.1`, holder: `${i}`, from: new Date(base + from * grid).toISOString(), until: new Date(base + (from + length) * grid).toISOString(), reservedAt: new Date(base).toISOString() },
}), emptyCalendar);

describe('the nearest free slots', () => {
  it('are free on an account and for the teacher, ahead, and none on the grid is nearer than the nearest', () => {
    fc.assert(fc.property(fc.array(busy, { minLength: 1, maxLength: 3 }), busy, fc.integer({ min: 0, max: 280 }), fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 2 }), (accountsBusy, teacherBusy, at, length, capacity) => {
      const gap = 5 * minute;
      const accounts = accountsBusy.map((intervals) => ({ calendar: calendarOf(intervals), capacity, gap }));
      const teacher = { calendar: calendarOf(teacherBusy), capacity: 1, gap: 0 };
      const wish = { from: base + at * grid, until: base + (at + length) * grid, gap, holder: 'x' };
      const now = base + 20 * grid;
      const free = (from: number) => {
        const asked = { ...wish, from, until: from + length * grid };
        return from > now && accounts.some(({ calendar }) => isFree(calendar, capacity, asked)) && isFree(teacher.calendar, 1, { ...asked, gap: 0 });
      };
      const search = searchFreeSlots(wish, [teacher], { now, count: 3 });
      for (const account of accounts) search.look(account);
      const slots = search.found();
      expect(slots).toHaveLength(3); // a week is never full here
      for (const slot of slots) expect(free(slot)).toBe(true);
      const nearest = Math.min(...slots.map((slot) => Math.abs(slot - wish.from)));
      for (let distance = 0; distance < nearest; distance += grid) {
        expect(free(wish.from + distance)).toBe(false);
        expect(free(wish.from - distance)).toBe(false);
      }
    }), { numRuns: 200 });
  });
});
