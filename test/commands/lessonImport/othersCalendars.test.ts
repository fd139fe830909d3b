import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import type { Expansion } from '../../../src/commands/lessonImport/expansion.ts';
import { expandTimetable } from '../../../src/commands/lessonImport/csv/readTimetable.ts';
import { expand, refusals, settings } from './calendars.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/calendars/${name}`, import.meta.url));
/** `<rid> <local> <zone> <instant> <minutes>` */
const table = (expansion: Expansion, uid: string): string[] =>
  expansion.occurrences.filter((o) => o.uid.includes(uid)).map((o) => [o.recurrenceId || '-', o.localStart, o.zone, o.startsAt.slice(0, 16), o.durationMinutes].join(' '));

describe('Google’s export', () => {
  const google = expand(fixture('google.ics'));

  test('names the calendar', () => expect(google.calendar).toBe('Online School Spring'));

  test('a weekly series across the change to summer time, one moved, one left out, the last day included', () => {
    expect(table(google, '2vf3k8q0i9rjn1s2@')).toEqual([
      '2026-03-23 2026-03-23T18:00 Europe/Kyiv 2026-03-23T16:00 60',
      '2026-03-25 2026-03-26T19:30 Europe/Kyiv 2026-03-26T17:30 60',
      '2026-04-01 2026-04-01T18:00 Europe/Kyiv 2026-04-01T15:00 60',
      '2026-04-06 2026-04-06T18:00 Europe/Kyiv 2026-04-06T15:00 60',
      '2026-04-08 2026-04-08T18:00 Europe/Kyiv 2026-04-08T15:00 60',
    ]);
  });

  test('“this and following” continues under a UID of its own; a deleted one is called off', () => {
    expect(table(google, '_R20260413')).toEqual([
      '2026-04-13 2026-04-13T18:30 Europe/Kyiv 2026-04-13T15:30 60',
      '2026-04-27 2026-04-27T18:30 Europe/Kyiv 2026-04-27T15:30 60',
    ]);
    expect(google.cancellations).toEqual([expect.objectContaining({ uid: '2vf3k8q0i9rjn1s2_R20260413T150000@google.com', recurrenceId: '2026-04-20' })]);
  });

  test('folded lines, escaped text and people', () => {
    const first = google.occurrences.find((o) => o.uid.startsWith('2vf3k8q0i9rjn1s2@'));
    expect(first?.title).toBe('Граматика B2, вечірня група «Понеділок і середа»');
    expect(first).toMatchObject({ organizer: 'olena@school.example', attendees: ['olena@school.example', 'student@home.example'] });
  });

  test('a time in UTC is put on the school’s clock', () => expect(table(google, '5b1trialqqq')).toEqual(['- 2026-03-10T18:00 Europe/Kyiv 2026-03-10T16:00 45']));

  test('all-day events are refused with the reason; past ones are skipped and counted', () => {
    expect(refusals(google)).toEqual(['holiday77@google.com: allDay']);
    expect(table(google, 'morningseries')).toHaveLength(2);
    expect(google.skippedPast).toBe(9);
  });
});

describe('Outlook’s export', () => {
  const outlook = expand(fixture('outlook.ics'));

  test('Windows zone names, and the second Tuesday of the month by BYSETPOS', () => {
    expect(table(outlook, 'AABBCCDDEEFF')).toEqual([
      '2026-03-10 2026-03-10T17:00 Europe/Berlin 2026-03-10T16:00 90',
      '2026-04-14 2026-04-14T17:00 Europe/Berlin 2026-04-14T15:00 90',
      '2026-05-12 2026-05-12T17:00 Europe/Berlin 2026-05-12T15:00 90',
      '2026-06-09 2026-06-09T17:00 Europe/Berlin 2026-06-09T15:00 90',
    ]);
    expect(outlook.occurrences[0]).toMatchObject({ organizer: 'jonas@school.example', groups: ['Group A1', 'Blue category'], title: 'Deutsch A1 (zweiter Dienstag)' });
  });

  test('the last weekday of the month', () => {
    expect(table(outlook, 'LASTWEEKDAY').map((line) => line.split(' ')[1])).toEqual(['2026-03-31T09:00', '2026-04-30T09:00', '2026-05-29T09:00']);
  });

  test('a zone that only the file knows goes by the file’s own rules, since 1601', () => {
    expect(table(outlook, 'CUSTOM')).toEqual([
      '2026-03-05 2026-03-06T02:00 Europe/Kyiv 2026-03-06T00:00 60',
      '2026-03-12 2026-03-13T01:00 Europe/Kyiv 2026-03-12T23:00 60',
    ]);
  });

  test('every other week, when weeks begin on Sunday', () => {
    expect(table(outlook, 'E008WKST').map((line) => line.slice(0, 10))).toEqual(['2026-03-08', '2026-03-10', '2026-03-22', '2026-03-24']);
  });

  test('nothing is refused', () => expect(outlook.refused).toEqual([]));
});

describe('Thunderbird’s export', () => {
  const thunderbird = expand(fixture('thunderbird.ics'));

  test('COUNT counts what EXDATE (in UTC) leaves out; one lesson is longer', () => {
    expect(table(thunderbird, '6c0a1d7e')).toEqual([
      '2026-03-27 2026-03-27T18:00 Europe/Berlin 2026-03-27T17:00 60',
      '2026-03-28 2026-03-28T18:00 Europe/Berlin 2026-03-28T17:00 60',
      '2026-03-30 2026-03-30T17:30 Europe/Berlin 2026-03-30T15:30 120',
      '2026-03-31 2026-03-31T18:00 Europe/Berlin 2026-03-31T16:00 60',
    ]);
  });

  test('RDATE, RDATE with a period, RANGE=THISANDFUTURE', () => {
    expect(table(thunderbird, '0a0e4f5e').map((line) => line.replace(' Europe/Berlin', ''))).toEqual([
      '2026-04-08 2026-04-08T17:00 2026-04-08T15:00 60',
      '2026-04-11 2026-04-11T11:00 2026-04-11T09:00 180',
      '2026-04-15 2026-04-15T17:00 2026-04-15T15:00 60',
      '2026-04-18 2026-04-18T11:00 2026-04-18T09:00 60',
      '2026-04-22 2026-04-22T18:00 2026-04-22T16:00 90',
      '2026-04-29 2026-04-29T18:00 2026-04-29T16:00 90',
      '2026-05-06 2026-05-06T18:00 2026-05-06T16:00 90',
    ]);
    expect(thunderbird.occurrences.find((o) => o.recurrenceId === '2026-04-29')?.title).toBe('Orchestra (new hall)');
  });

  test('floating times are the school’s; old zone prefixes are understood; tasks are no lessons', () => {
    expect(table(thunderbird, 'floating-one')).toEqual(['- 2026-04-02T12:00 Europe/Kyiv 2026-04-02T09:00 60']);
    expect(table(thunderbird, 'old-prefix')).toEqual(['- 2026-04-02T14:00 Europe/Berlin 2026-04-02T12:00 60']);
    expect(thunderbird.refused).toEqual([]);
  });
});

describe('ical.js, the library inside Thunderbird', () => {
  /** It knows no PERIODs (2.2.1 throws); floating and unknown zones it leaves to its caller, and cancelled ones it shows crossed out. */
  const theirs = (text: string): string[] => {
    const component = new ICAL.Component(ICAL.parse(text) as never);
    ICAL.TimezoneService.reset();
    for (const zone of component.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    const all = component.getAllSubcomponents('vevent');
    const events = all.map((event) => new ICAL.Event(event));
    const off = new Set(all.flatMap((event, n) => (event.getFirstPropertyValue('status') === 'CANCELLED' ? [`${events[n]!.uid} ${events[n]!.startDate.toUnixTime()}`] : [])));
    return events.filter((event) => !event.isRecurrenceException() && event.isRecurring()).flatMap((event) => {
      for (const other of events) if (other.isRecurrenceException() && other.uid === event.uid) event.relateException(other);
      const iterator = event.iterator();
      const found: string[] = [];
      for (let next = iterator.next(); next as ICAL.Time | null; next = iterator.next()) {
        const { startDate, endDate } = event.getOccurrenceDetails(next);
        const [start, end] = [startDate.toUnixTime(), endDate.toUnixTime()];
        if (!off.has(`${event.uid} ${start}`)) found.push(`${event.uid} ${new Date(start * 1000).toISOString()} ${(end - start) / 60}`);
      }
      return found;
    }).sort();
  };

  test.each(['google.ics', 'outlook.ics', 'thunderbird.ics'])('gives the same for every series of %s', (name) => {
    const text = fixture(name).toString('utf8').replace(/^RDATE;VALUE=PERIOD.*\r?\n/m, '');
    const ours = expand(text, { now: '2026-01-01T00:00:00.000Z' }).occurrences.filter(({ recurrenceId }) => recurrenceId !== '').map((o) => `${o.uid} ${o.startsAt} ${o.durationMinutes}`).sort();
    expect(ours).toEqual(theirs(text));
    expect(ours.length).toBeGreaterThan(8);
  });
});

describe('a broken calendar', () => {
  const broken = expand(fixture('broken.ics'));

  test('loses only its broken events, each by name, line and reason', () => {
    expect(broken.refused.map(({ uid, line, reason }) => `${line} ${uid} ${reason}`)).toEqual([
      '13 bad-date badDate',
      '21 no-colon badLine',
      '28 bad-rule badRule',
      '33 nowhere unknownZone',
      '36 backwards badLength',
      '42 no-start noStart',
      '60 seconds-for-ever tooManyOccurrences',
      '72 not-closed truncated',
      '74 latin damagedText',
    ]);
    expect(broken.occurrences.map(({ title }) => title)).toEqual(['First good one', 'No UID', 'Raw line breaks in the description', 'Last good one']);
  });
});

describe('a timetable as CSV', () => {
  const outcome = expandTimetable(fixture('timetable.csv'), { ...settings, format: 'csv' });
  if (outcome.outcome !== 'read') throw new Error(outcome.detail);
  const { expansion } = outcome;

  test('goes in line by line; broken lines are refused', () => {
    expect(table(expansion, 'a')).toEqual([
      '- 2026-03-27T18:00 Europe/Kyiv 2026-03-27T16:00 60',
      '- 2026-03-30T18:00 Europe/Kyiv 2026-03-30T15:00 45',
      '- 2026-03-30T19:00 Europe/Kyiv 2026-03-30T16:00 90',
      '- 2026-04-01T18:00 Europe/Berlin 2026-04-01T16:00 60',
      '- 2026-04-03T18:00 Europe/Kyiv 2026-04-03T15:00 60',
    ]);
    expect(expansion.occurrences[1]).toMatchObject({ title: 'Geometry; for "seven"', provider: 'none', autoRecord: false, organizer: 'olena@school.example', groups: ['7-A'], line: 3 });
    expect(refusals(expansion)).toEqual(['a3: duplicate', ': noUid', 'a5: badDate', 'a6: badLength', ': badLine']);
    expect(expansion.skippedPast).toBe(1);
    expect(expansion.notes).toEqual(['These columns were not read: Colour.']);
  });
});
