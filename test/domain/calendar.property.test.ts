import fc from 'fast-check';
import { decideCalendar, emptyCalendar, evolveCalendar, type Calendar, type CalendarCommand, type CalendarEvent } from '../../src/domain/calendar/index.ts';
import { DomainError } from '../../src/domain/kernel/domainError.ts';

/** A calendar as one would write it down: everything that was ever reserved, counted minute by minute. */
type Naive = { reservationId: string; holder: string; from: number; until: number }[];
const minute = 60_000;
const day0 = Date.parse('2026-03-02T00:00:00.000Z');
const iso = (minutes: number) => new Date(day0 + minutes * minute).toISOString();

type Ask = { holder: string; n: number; from: number; length: number; gap: number; at: number };
const holders = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Lessons of an afternoon, on a grid of five minutes, so that they meet often. `spread`: days between the first and the last. */
const asks = (spread: number) => fc.array(fc.record({
  kind: fc.constantFrom('reserve', 'reserve', 'reserve', 'release'),
  holder: fc.constantFrom(...holders), n: fc.integer({ min: 1, max: 2 }),
  slot: fc.integer({ min: 0, max: 48 }), day: fc.integer({ min: 0, max: spread }), length: fc.integer({ min: 1, max: 24 }),
}), { maxLength: 60 });

const reserve = ({ holder, n, from, length, gap, at }: Ask): CalendarCommand => ({
  type: 'reserve', reservationId: `${holder}.${n}`, holder, from: iso(from), until: iso(from + length), gapMinutes: gap, at: iso(at),
});

const most = (held: Naive, gap: number): number => {
  let highest = 0;
  for (const { from } of held) {
    for (const instant of [from, from + 1, from - 1]) {
      highest = Math.max(highest, new Set(held.filter((one) => one.from <= instant && instant < one.until + gap * minute).map(({ holder }) => holder)).size);
    }
  }
  return highest;
};

const attempt = (command: CalendarCommand, state: Calendar, capacity: number): CalendarEvent[] | string => {
  try {
    return decideCalendar(command, state, capacity);
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

const apply = (held: Naive, event: CalendarEvent): Naive => {
  if (event.type === 'PlaceReserved') {
    const { reservationId, holder, from, until } = event.data;
    return [...held, { reservationId, holder, from: Date.parse(from), until: Date.parse(until) }];
  }
  return event.type === 'PlaceReleased' ? held.filter(({ reservationId }) => reservationId !== event.data.reservationId) : held;
};

describe('a calendar', () => {
  it.each([[1, 0], [1, 5], [2, 5], [3, 5]])('of %i places with a gap of %i min is never over its capacity at any instant, and refuses only when it would be', (capacity, gap) => {
    fc.assert(fc.property(asks(0), (script) => {
      let state: Calendar = emptyCalendar;
      let naive: Naive = [];
      for (const { kind, holder, n, slot, length } of script) {
        const ask: Ask = { holder, n, from: slot * 5, length: length * 5, gap, at: 0 };
        const command: CalendarCommand = kind === 'reserve' ? reserve(ask) : { type: 'release', reservationId: `${holder}.${n}`, holder, reason: '', at: iso(0) };
        const outcome = attempt(command, state, capacity);
        const there = naive.find(({ reservationId }) => reservationId === `${holder}.${n}`);
        if (kind === 'release') expect(outcome).toHaveLength(there ? 1 : 0);
        else if (there) expect(outcome).toEqual(there.from === Date.parse(iso(ask.from)) && there.until === Date.parse(iso(ask.from + ask.length)) ? [] : 'reservationTaken');
        else {
          const wish = { reservationId: 'x', holder, from: Date.parse(iso(ask.from)), until: Date.parse(iso(ask.from + ask.length)) };
          // One's own reservations do not count against oneself: only others who are there together with the wish do.
          const others = naive.filter((one) => one.holder !== holder && one.from < wish.until + gap * minute && one.until + gap * minute > wish.from)
            .map((one) => ({ ...one, from: Math.max(one.from, wish.from) }));
          const fits = others.length === 0 || most(others, gap) < capacity;
          expect(outcome === 'placeTaken').toBe(!fits);
        }
        if (typeof outcome === 'string') continue;
        for (const event of outcome) {
          state = evolveCalendar(state, event);
          naive = apply(naive, event);
        }
        expect(most(naive, gap)).toBeLessThanOrEqual(capacity);
      }
    }), { numRuns: 300 });
  });

  it('decides the same on the same state, and changes no state that somebody holds', () => {
    fc.assert(fc.property(asks(3), (script) => {
      let state: Calendar = emptyCalendar;
      for (const { holder, n, slot, day, length } of script) {
        const command = reserve({ holder, n, from: day * 1440 + slot * 5, length: length * 5, gap: 5, at: day * 1440 });
        const before = JSON.stringify(state);
        const first = attempt(command, state, 2);
        expect(attempt(command, state, 2)).toEqual(first);
        if (typeof first === 'string') continue;
        const next = first.reduce(evolveCalendar, state);
        expect(first.reduce(evolveCalendar, state)).toEqual(next);
        expect(JSON.stringify(state)).toBe(before);
        state = next;
      }
    }), { numRuns: 100 });
  });

  it('forgets what ended more than a day ago, and decides on the future as if it forgot nothing', () => {
    fc.assert(fc.property(asks(20), (script) => {
      let forgetful: Calendar = emptyCalendar;
      let all: Calendar = emptyCalendar;
      let naive: Naive = [];
      let now = 0;
      for (const { kind, holder, n, slot, day, length } of script) {
        now = Math.max(now, day * 1440);
        const ask: Ask = { holder: `${holder}${day}`, n, from: now + slot * 5, length: length * 5, gap: 5, at: now };
        const command: CalendarCommand = kind === 'reserve' ? reserve(ask) : { type: 'release', reservationId: `${ask.holder}.${n}`, holder: ask.holder, reason: '', at: iso(now) };
        const ahead = naive.find(({ reservationId }) => reservationId === `${ask.holder}.${n}`);
        if (ahead && ahead.until <= Date.parse(iso(now))) continue; // about the past
        const outcome = attempt(command, forgetful, 2);
        expect(outcome).toEqual(attempt(command, all, 2));
        if (typeof outcome === 'string') continue;
        for (const event of outcome) {
          forgetful = evolveCalendar(forgetful, event);
          all = { ...evolveCalendar({ ...all, floor: Infinity }, event), floor: 0 }; // a floor in eternity: never the time to forget
          naive = apply(naive, event);
        }
      }
      const oldest = Date.parse(iso(now)) - 25 * 60 * minute;
      for (const chunk of forgetful.byStart.chunks) for (const { until } of chunk) expect(until).toBeGreaterThanOrEqual(Math.min(oldest, forgetful.floor));
      expect(forgetful.byHolder.size).toBe(forgetful.byStart.size);
    }), { numRuns: 200 });
  });

  it('keeps the gap before and after the longest of its intervals', () => {
    const state = evolveCalendar(emptyCalendar, { type: 'PlaceReserved', data: { reservationId: 'a.1', holder: 'a', from: iso(60), until: iso(120), reservedAt: iso(0) } });
    const at = (from: number) => attempt(reserve({ holder: 'b', n: 1, from, length: 30, gap: 5, at: 0 }), state, 1);
    expect([at(124), at(26)]).toEqual(['placeTaken', 'placeTaken']);
    expect([at(125), at(25)]).toMatchObject([[{ type: 'PlaceReserved' }], [{ type: 'PlaceReserved' }]]);
  });

  it('remembers what began long ago and is not over', () => {
    const events: CalendarEvent[] = [
      { type: 'PlaceReserved', data: { reservationId: 'fair.1', holder: 'fair', from: iso(0), until: iso(5_000), reservedAt: iso(0) } },
      { type: 'PlaceReserved', data: { reservationId: 'b.1', holder: 'b', from: iso(6_000), until: iso(6_060), reservedAt: iso(3_000) } },
    ];
    expect(attempt(reserve({ holder: 'c', n: 1, from: 4_000, length: 60, gap: 5, at: 3_000 }), events.reduce(evolveCalendar, emptyCalendar), 1)).toBe('placeTaken');
  });

  it('refuses a place in a time that it has forgotten', () => {
    const state = evolveCalendar(emptyCalendar, { type: 'PlaceReserved', data: { reservationId: 'a.1', holder: 'a', from: iso(5_000), until: iso(5_060), reservedAt: iso(5_000) } });
    expect(attempt(reserve({ holder: 'b', n: 1, from: 0, length: 60, gap: 5, at: 5_000 }), state, 1)).toBe('tooLongAgo');
  });

  it('keeps leases within capacity; a release ends its own lease, once', () => {
    const leases = fc.array(fc.record({ acquire: fc.boolean(), holder: fc.constantFrom(...holders), lease: fc.integer({ min: 1, max: 20 }) }), { maxLength: 40 });
    fc.assert(fc.property(leases, fc.integer({ min: 1, max: 3 }), (script, capacity) => {
      let state: Calendar = emptyCalendar;
      const active = new Map<string, string>();
      for (const [i, { acquire, holder, lease }] of script.entries()) {
        const command: CalendarCommand = acquire
          ? { type: 'acquireLease', leaseId: `l${i}`, holder, until: iso(60), at: iso(0) }
          : { type: 'releaseLease', leaseId: `l${lease}`, reason: '', at: iso(0) };
        const outcome = attempt(command, state, capacity);
        if (acquire) expect(outcome === 'noLeaseFree').toBe(active.size >= capacity && ![...active.values()].includes(holder));
        else expect(outcome).toHaveLength(active.has(`l${lease}`) ? 1 : 0);
        if (typeof outcome === 'string') continue;
        for (const event of outcome) {
          state = evolveCalendar(state, event);
          if (event.type === 'LeaseAcquired') active.set(event.data.leaseId, event.data.holder);
          if (event.type === 'LeaseReleased') active.delete(event.data.leaseId);
        }
        expect(new Map(state.leases.map((one) => [one.leaseId, one.holder]))).toEqual(active);
        expect(active.size).toBeLessThanOrEqual(capacity);
      }
    }));
  });
});
