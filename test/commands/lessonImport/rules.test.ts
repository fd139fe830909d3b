import fc from 'fast-check';
import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { parseRule } from '../../../src/commands/lessonImport/calendar/recurrenceRule.ts';
import { ruleOccurrences } from '../../../src/commands/lessonImport/calendar/ruleOccurrences.ts';
import { localText, wallOf, type Wall } from '../../../src/commands/lessonImport/calendar/wallTime.ts';
import { calendar, event, expand, startsOf } from './calendars.ts';

const DAY = 86_400;
const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const mine = (rule: string, start: Wall, last: Wall, most = 200): string[] => {
  const found: string[] = [];
  for (const wall of ruleOccurrences(parseRule(rule), start, last, { left: 5_000_000 })) {
    if (found.length === most) break;
    found.push(localText(wall));
  }
  return found;
};

/** The same by asking of every single day whether the rule holds on it: slow, short, and nothing shared with what is tested. */
function naive({ freq, interval, byDay, byMonthDay, byMonth, wkst = 'MO' }: Plain, start: Wall, days: number): string[] {
  const first = new Date(start * 1000);
  const found: string[] = [];
  for (let n = 0; n < days; n++) {
    const date = new Date(first.getTime() + n * DAY * 1000);
    const name = names[(date.getUTCDay() + 6) % 7]!;
    const months = (date.getUTCFullYear() - first.getUTCFullYear()) * 12 + date.getUTCMonth() - first.getUTCMonth();
    const sinceWeekBegan = (at: Date) => (at.getUTCDay() - (names.indexOf(wkst) + 1) + 14) % 7;
    const weeks = Math.round((date.getTime() - sinceWeekBegan(date) * DAY * 1000 - (first.getTime() - sinceWeekBegan(first) * DAY * 1000)) / (7 * DAY * 1000));
    const period = { DAILY: n, WEEKLY: weeks, MONTHLY: months, YEARLY: date.getUTCFullYear() - first.getUTCFullYear() }[freq];
    if (period % interval !== 0) continue;
    if (byMonth && !byMonth.includes(date.getUTCMonth() + 1)) continue;
    if (!byMonth && freq === 'YEARLY' && !byDay && !byMonthDay && date.getUTCMonth() !== first.getUTCMonth()) continue;
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    const day = date.getUTCDate();
    if (byMonthDay && !byMonthDay.some((wanted) => (wanted > 0 ? wanted : lastDay + 1 + wanted) === day)) continue;
    if (byDay) {
      const ordinal = Math.floor((day - 1) / 7) + 1;
      const fromEnd = -(Math.floor((lastDay - day) / 7) + 1);
      if (!byDay.some((wanted) => wanted === name || wanted === `${ordinal}${name}` || wanted === `${fromEnd}${name}`)) continue;
    } else if (!byMonthDay) {
      if (freq === 'WEEKLY' && name !== names[(first.getUTCDay() + 6) % 7]) continue;
      if ((freq === 'MONTHLY' || freq === 'YEARLY') && day !== first.getUTCDate()) continue;
    }
    found.push(date.toISOString().slice(0, 16));
  }
  return found;
}
type Plain = { freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'; interval: number; byDay?: string[]; byMonthDay?: number[]; byMonth?: number[]; wkst?: string };
const written = ({ freq, interval, byDay, byMonthDay, byMonth, wkst }: Plain) =>
  [`FREQ=${freq}`, `INTERVAL=${interval}`, byDay && `BYDAY=${byDay.join(',')}`, byMonthDay && `BYMONTHDAY=${byMonthDay.join(',')}`, byMonth && `BYMONTH=${byMonth.join(',')}`, wkst && `WKST=${wkst}`].filter(Boolean).join(';');

const some = <T>(of: readonly T[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 4 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const start = fc.integer({ min: 0, max: 6 * 365 }).map((day) => wallOf(2023, 1, 1, 18, 30) + day * DAY);
const nths = names.flatMap((name) => [name, `1${name}`, `2${name}`, `5${name}`, `-1${name}`]);
const plain: fc.Arbitrary<Plain> = fc.oneof(
  fc.record({ freq: fc.constantFrom('DAILY' as const, 'WEEKLY' as const), interval: fc.integer({ min: 1, max: 5 }), byDay: maybe(some(names)), byMonth: maybe(some([1, 2, 3, 10, 12])), wkst: maybe(fc.constantFrom(...names)) }),
  fc.record({ freq: fc.constant('MONTHLY' as const), interval: fc.integer({ min: 1, max: 5 }), byDay: maybe(some(nths)), byMonthDay: maybe(some([1, 13, 29, 30, 31, -1, -2])), byMonth: maybe(some([1, 2, 3, 10])) }),
  fc.record({ freq: fc.constant('YEARLY' as const), interval: fc.integer({ min: 1, max: 4 }), byMonth: maybe(some([1, 2, 3, 10])), byMonthDay: maybe(some([1, 29, 31, -1])) }),
).map((rule) => Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined)) as Plain);

describe('recurrence rules', () => {
  test('agree with a model that asks of every day whether the rule holds on it', () => {
    fc.assert(fc.property(plain, start, (rule, from) => {
      expect(mine(written(rule), from, from + 1_000 * DAY - 1, 2_000)).toEqual(naive(rule, from, 1_000));
    }), { numRuns: 300 });
  });

  const parts = fc.record({
    freq: fc.constantFrom('YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'),
    interval: fc.integer({ min: 1, max: 3 }),
    byDay: maybe(some(names)),
    byHour: maybe(some([8, 18, 23])),
    byMinute: maybe(some([0, 45])),
    bySetPos: maybe(some([1, 2, -1])),
    byYearDay: maybe(some([1, 60, 100, 366, -1])),
  });
  test('agree with rrule-temporal, an implementation of others, also by hours, positions and days of the year', () => {
    fc.assert(fc.property(parts, start, ({ freq, interval, byDay, byHour, byMinute, bySetPos, byYearDay }, from) => {
      const rule = [
        `FREQ=${freq}`, `INTERVAL=${interval}`, byDay && `BYDAY=${byDay.join(',')}`, byHour && `BYHOUR=${byHour.join(',')}`, byMinute && `BYMINUTE=${byMinute.join(',')}`,
        bySetPos && `BYSETPOS=${bySetPos.join(',')}`, // (Where both are given, it does not limit the days of the year by BYDAY, as RFC 5545 says, note 2 on its table.)
        byYearDay && freq === 'YEARLY' && !byDay && `BYYEARDAY=${byYearDay.join(',')}`,
      ].filter(Boolean).join(';');
      const last = from + 1_000 * DAY;
      const stamp = (wall: Wall) => `${localText(wall).replace(/[-:]/g, '')}00Z`;
      const theirs = new RRuleTemporal({ rruleString: `DTSTART:${stamp(from)}\nRRULE:${rule};UNTIL=${stamp(last)}`, temporal: Temporal } as never).all() as { toPlainDateTime(): { toString(): string } }[];
      expect(mine(rule, from, last, 100_000)).toEqual(theirs.map((at) => at.toPlainDateTime().toString().slice(0, 16)));
    }), { numRuns: 60 });
  });

  test.each([
    ['the examples of RFC 5545: first Friday of the month', 'FREQ=MONTHLY;COUNT=3;BYDAY=1FR', '19970905T090000', ['1997-09-05', '1997-10-03', '1997-11-07']],
    ['second to last Monday', 'FREQ=MONTHLY;COUNT=3;BYDAY=-2MO', '19970922T090000', ['1997-09-22', '1997-10-20', '1997-11-17']],
    ['third to last day', 'FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=3', '19970928T090000', ['1997-09-28', '1997-10-29', '1997-11-28']],
    ['every 20th Monday of the year', 'FREQ=YEARLY;BYDAY=20MO;COUNT=3', '19970519T090000', ['1997-05-19', '1998-05-18', '1999-05-17']],
    ['Monday of week 20', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;COUNT=3', '19970512T090000', ['1997-05-12', '1998-05-11', '1999-05-17']],
    ['Friday the 13th', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=4', '19980213T090000', ['1998-02-13', '1998-03-13', '1998-11-13', '1999-08-13']],
    ['US presidential election day', 'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8;COUNT=3', '19961105T090000', ['1996-11-05', '2000-11-07', '2004-11-02']],
    ['the third of Tuesday, Wednesday, Thursday', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3', '19970904T090000', ['1997-09-04', '1997-10-07', '1997-11-06']],
    ['invalid days are passed over', 'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5', '20070115T090000', ['2007-01-15', '2007-01-30', '2007-02-15', '2007-03-15', '2007-03-30']],
    ['the 29th of February', 'FREQ=YEARLY;COUNT=3', '20240229T090000', ['2024-02-29', '2028-02-29', '2032-02-29']],
    ['weeks from Monday', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO', '19970805T090000', ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24']],
    ['weeks from Sunday', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU', '19970805T090000', ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31']],
    ['every 10 days', 'FREQ=DAILY;INTERVAL=10;COUNT=3', '19970902T090000', ['1997-09-02', '1997-09-12', '1997-09-22']],
    ['every 90 minutes by hours', 'FREQ=HOURLY;INTERVAL=36;COUNT=3', '19970902T090000', ['1997-09-02', '1997-09-03', '1997-09-05']],
  ])('%s', (_, rule, from, days) => {
    const now = '1995-01-01T00:00:00Z';
    const expansion = expand(calendar(event(`DTSTART;TZID=Europe/Kyiv:${from}`, `RRULE:${rule}`)), { now, daysAhead: 20_000 });
    expect(expansion.occurrences.map(({ localStart }) => localStart.slice(0, 10))).toEqual(days);
  });

  test.each(['', 'FREQ=DAILY;INTERVAL=0', 'FREQ=FORTNIGHTLY', 'INTERVAL=2', 'FREQ=DAILY;BYDAY=XX', 'FREQ=DAILY;COUNT=0', 'FREQ=DAILY;COUNT=-1', 'FREQ=DAILY;UNTIL=tomorrow', 'FREQ=DAILY;BYMONTH=13',
    'FREQ=MONTHLY;BYMONTHDAY=0', 'FREQ=DAILY;BYEASTER=1', 'FREQ=DAILY;FREQ=WEEKLY', 'FREQ=DAILY;BYDAY', 'FREQ=MONTHLY;BYDAY=0MO', 'RSCALE=CHINESE;FREQ=YEARLY'])('“%s” is refused, not guessed', (rule) => {
    expect(expand(calendar(event(`RRULE:${rule}`))).refused).toEqual([expect.objectContaining({ reason: rule.includes('UNTIL') ? 'badDate' : 'badRule', line: 9 })]);
  });

  test('DTSTART counts, also where the rule would not have put it', () => {
    expect(startsOf('DTSTART;TZID=Europe/Kyiv:20260303T180000', 'RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3')).toEqual(['2026-03-03T18:00', '2026-03-09T18:00', '2026-03-16T18:00']);
  });
});
