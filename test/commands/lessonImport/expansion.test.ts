import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { windowsZoneNames, windowsZone } from '../../../src/commands/lessonImport/calendar/windowsZones.ts';
import { expandCalendar } from '../../../src/commands/lessonImport/calendar/expandCalendar.ts';
import { calendar, event, expand, refusals, settings, starts, startsOf } from './calendars.ts';

const kyiv = (stamp: string) => `DTSTART;TZID=Europe/Kyiv:${stamp}`;
const instants = (file: string): string[] => expand(file).occurrences.map(({ startsAt }) => startsAt.slice(0, 16)).sort();

describe('wall times', () => {
  test('18:00 stays 18:00 across both changes, in every zone (a naive model: that day, that time)', () => {
    fc.assert(fc.property(
      fc.constantFrom('Europe/Kyiv', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Santiago', 'Africa/Casablanca'),
      fc.integer({ min: 0, max: 300 }), fc.constantFrom(6, 9, 18, 22), fc.integer({ min: 1, max: 9 }),
      (zone, day, hour, interval) => {
        const first = Temporal.PlainDateTime.from({ year: 2026, month: 3, day: 2, hour }).add({ days: day });
        const expansion = expand(calendar(event(`DTSTART;TZID=${zone}:${first.toString().replace(/[-:]/g, '')}`, `RRULE:FREQ=DAILY;INTERVAL=${interval};COUNT=40`)), { daysAhead: 800 });
        const model = Array.from({ length: 40 }, (_, n) => first.add({ days: n * interval }));
        expect(expansion.occurrences.map(({ localStart, startsAt }) => [localStart, startsAt])).toEqual(model.map((local) => [
          local.toString().slice(0, 16), new Date(local.toZonedDateTime(zone).epochMilliseconds).toISOString(),
        ]));
      },
    ), { numRuns: 40 });
  });

  test('a time that does not exist is read with the offset before the gap, one that exists twice is the first', () => {
    expect(expand(calendar(event(kyiv('20260328T033000'), 'RRULE:FREQ=DAILY;COUNT=3'))).occurrences.map((o) => [o.recurrenceId, o.localStart, o.startsAt.slice(11, 16)])).toEqual([
      ['2026-03-28', '2026-03-28T03:30', '01:30'], ['2026-03-29', '2026-03-29T04:30', '01:30'], ['2026-03-30', '2026-03-30T03:30', '00:30'],
    ]);
    expect(instants(calendar(event(kyiv('20261025T033000'))))).toEqual(['2026-10-25T00:30']);
  });

  test('a rule in UTC stays in UTC; its second pass of a repeated hour is said in UTC', () => {
    const autumn = expand(calendar(event('DTSTART:20261024T013000Z', 'RRULE:FREQ=DAILY;COUNT=3')));
    expect(autumn.occurrences.map(({ localStart, zone }) => `${localStart} ${zone}`)).toEqual(['2026-10-24T04:30 Europe/Kyiv', '2026-10-25T01:30 UTC', '2026-10-26T03:30 Europe/Kyiv']);
  });

  test('UNTIL: in UTC an instant, without Z on the event’s clock, as a date that whole day', () => {
    const until = (text: string) => startsOf('RRULE:FREQ=DAILY;UNTIL=' + text).length;
    expect(until('20260304T160000Z')).toBe(3);
    expect(until('20260304T155959Z')).toBe(2);
    expect(until('20260304T180000')).toBe(3);
    expect(until('20260304T175959')).toBe(2);
    expect(until('20260304')).toBe(3);
  });

  test('EXDATE: in the event’s zone, another zone, UTC, without a zone, as a date, several in one line', () => {
    for (const except of ['EXDATE;TZID=Europe/Kyiv:20260303T180000', 'EXDATE;TZID=Europe/Berlin:20260303T170000', 'EXDATE:20260303T160000Z', 'EXDATE:20260303T180000', 'EXDATE;VALUE=DATE:20260303',
      'EXDATE:20270101T000000Z,20260303T160000Z']) {
      expect([except, ...startsOf('RRULE:FREQ=DAILY;COUNT=3', except)]).toEqual([except, '2026-03-02T18:00', '2026-03-04T18:00']);
    }
    expect(startsOf('RRULE:FREQ=DAILY;COUNT=4', 'EXRULE:FREQ=DAILY;INTERVAL=2')).toEqual(['2026-03-03T18:00', '2026-03-05T18:00']);
  });

  test('RDATE: several, in another zone, as a day, as a period; several RRULEs', () => {
    expect(startsOf('RDATE:20260310T090000Z,20260311T180000', 'RDATE;VALUE=DATE:20260312', 'RDATE;VALUE=PERIOD:20260313T080000Z/20260313T093000Z'))
      .toEqual(['2026-03-02T18:00', '2026-03-10T11:00', '2026-03-11T18:00', '2026-03-12T18:00', '2026-03-13T10:00']);
    expect(expand(calendar(event('RDATE;VALUE=PERIOD:20260313T080000Z/20260313T093000Z'))).occurrences.at(-1)?.durationMinutes).toBe(90);
    expect(startsOf('RRULE:FREQ=WEEKLY;COUNT=2', 'RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=2')).toEqual(['2026-03-02T18:00', '2026-03-04T18:00', '2026-03-09T18:00', '2026-03-11T18:00']);
  });
});

describe('moved occurrences', () => {
  const series = event('RRULE:FREQ=WEEKLY;COUNT=6');
  const at = (id: string, start: string, ...lines: string[]) => event(`RECURRENCE-ID${id}`, `DTSTART;TZID=Europe/Kyiv:${start}`, ...lines);

  test('RECURRENCE-ID in UTC, in its zone, as a date; the higher SEQUENCE wins; the name of the occurrence stays', () => {
    for (const id of [':20260309T160000Z', ';TZID=Europe/Kyiv:20260309T180000', ';TZID=Europe/Berlin:20260309T170000', ';VALUE=DATE:20260309', ':20260309T180000']) {
      const file = calendar(series, at(id, '20260310T100000', 'SEQUENCE:2'), at(id, '20260311T100000', 'SEQUENCE:1'));
      expect([id, ...expand(file).occurrences.slice(0, 3).map((o) => `${o.recurrenceId} ${o.localStart}`)]).toEqual([id, '2026-03-02 2026-03-02T18:00', '2026-03-09 2026-03-10T10:00', '2026-03-16 2026-03-16T18:00']);
    }
  });

  test('this and following: moved on the wall, across the change of clocks, until the next such change; a single one goes first', () => {
    const file = calendar(event('RRULE:FREQ=WEEKLY;COUNT=8'),
      at(';RANGE=THISANDFUTURE;TZID=Europe/Kyiv:20260316T180000', '20260317T190000', 'SUMMARY:Later', 'DURATION:PT45M'),
      at(';TZID=Europe/Kyiv:20260323T180000', '20260323T120000', 'SUMMARY:Once'),
      at(';RANGE=THISANDFUTURE;TZID=Europe/Kyiv:20260406T180000', '20260406T080000', 'SUMMARY:Early'));
    expect(expand(file).occurrences.map((o) => `${o.recurrenceId} ${o.localStart} ${o.title} ${o.durationMinutes}`)).toEqual([
      '2026-03-02 2026-03-02T18:00 Lesson 60', '2026-03-09 2026-03-09T18:00 Lesson 60', '2026-03-16 2026-03-17T19:00 Later 45',
      '2026-03-23 2026-03-23T12:00 Once 60', '2026-03-30 2026-03-31T19:00 Later 45', '2026-04-06 2026-04-06T08:00 Early 60',
      '2026-04-13 2026-04-13T08:00 Early 60', '2026-04-20 2026-04-20T08:00 Early 60',
    ]);
  });

  test('a broken one takes its occurrence out instead of leaving it where it was; one without its series stands alone', () => {
    const broken = expand(calendar(series, at(';TZID=Europe/Kyiv:20260309T180000', '20260399T180000')));
    expect(broken.occurrences.map(({ recurrenceId }) => recurrenceId)).toEqual(['2026-03-02', '2026-03-16', '2026-03-23', '2026-03-30', '2026-04-06']);
    expect(refusals(broken)).toEqual(['e1: badDate']);
    expect(starts(expand(calendar(at(';TZID=Europe/Kyiv:20260309T180000', '20260310T180000'))))).toEqual(['2026-03-10T18:00']);
  });

  test('a series that moves by an hour keeps its names; two a day are told apart', () => {
    const ids = (file: string) => expand(file).occurrences.map(({ recurrenceId }) => recurrenceId);
    expect(ids(calendar(event(kyiv('20260302T190000'), 'RRULE:FREQ=WEEKLY;COUNT=2')))).toEqual(['2026-03-02', '2026-03-09']);
    expect(ids(calendar(event(kyiv('20260302T090000'), 'RRULE:FREQ=DAILY;BYHOUR=9,14;COUNT=4')))).toEqual(['2026-03-02', '2026-03-02.2', '2026-03-03', '2026-03-03.2']);
    expect(ids(calendar(event()))).toEqual(['']);
  });

  test('called off: one, all after one, everything', () => {
    const off = (file: string) => expand(file).cancellations.map(({ recurrenceId }) => recurrenceId);
    expect(off(calendar(series, at(';TZID=Europe/Kyiv:20260309T180000', '20260309T180000', 'STATUS:CANCELLED')))).toEqual(['2026-03-09']);
    expect(off(calendar(series, at(';RANGE=THISANDFUTURE;TZID=Europe/Kyiv:20260330T180000', '20260330T180000', 'STATUS:CANCELLED')))).toEqual(['2026-03-30', '2026-04-06']);
    expect(off(calendar(event('RRULE:FREQ=WEEKLY;COUNT=6', 'STATUS:CANCELLED')))).toEqual([null]);
  });
});

describe('time zones', () => {
  const zoned = (tzid: string, ...definition: string[]) => expand(calendar(...definition, event(`DTSTART;TZID=${tzid}:20260701T120000`)));
  const custom = (tzid: string) => ['BEGIN:VTIMEZONE', `TZID:${tzid}`, 'BEGIN:STANDARD', 'DTSTART:19700101T000000', 'TZOFFSETFROM:+0530', 'TZOFFSETTO:+0530', 'END:STANDARD', 'END:VTIMEZONE'];

  test.each([
    ['Europe/Berlin', '10:00'], ['europe/berlin', '10:00'], ['"Europe/Berlin"', '10:00'], ['W. Europe Standard Time', '10:00'], ['"W. Europe Standard Time 1"', '10:00'], ['FLE Standard Time', '09:00'],
    ['/freeassociation.sourceforge.net/Europe/Berlin', '10:00'], ['/citadel.org/20260101_1/America/Argentina/Buenos_Aires', '15:00'], ['Asia/Calcutta', '06:30'], ['US/Eastern', '16:00'],
    ['UTC', '12:00'], ['"tzone://Microsoft/Utc"', '12:00'], ['GMT+0200', '10:00'], ['"-03:30"', '15:30'], ['Etc/GMT-2', '10:00'],
  ])('%s', (tzid, at) => expect(zoned(tzid).occurrences.map(({ startsAt }) => startsAt.slice(11, 16))).toEqual([at]));

  test('a name that nobody knows goes by the file’s own rules, a known one by the world’s; abbreviations by the file’s', () => {
    const at = (tzid: string) => zoned(tzid, ...custom(tzid)).occurrences[0]?.startsAt.slice(11, 16);
    expect(at('Head office')).toBe('06:30');
    expect(at('EST')).toBe('06:30');
    expect(at('Europe/Berlin')).toBe('10:00');
    expect(refusals(zoned('Head office'))).toEqual(['e1: unknownZone']);
  });

  test('a definition with many eras', () => {
    const era = (name: string, from: string, to: string, start: string, ...lines: string[]) => [`BEGIN:${name}`, `TZOFFSETFROM:${from}`, `TZOFFSETTO:${to}`, `DTSTART:${start}`, ...lines, `END:${name}`];
    const rules = ['BEGIN:VTIMEZONE', 'TZID:School hill',
      ...era('DAYLIGHT', '+0100', '+0200', '20000326T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20260329T010000Z'),
      ...era('STANDARD', '+0200', '+0100', '20001029T030000', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20251026T010000Z'),
      ...era('STANDARD', '+0200', '+0300', '20260601T000000', 'RDATE:20260601T000000'), 'END:VTIMEZONE'];
    const start = (stamp: string) => expand(calendar(...rules, event(`DTSTART;TZID=School hill:${stamp}`))).occurrences[0]?.startsAt.slice(0, 16);
    expect(start('20260302T120000')).toBe('2026-03-02T11:00');
    expect(start('20260501T120000')).toBe('2026-05-01T10:00');
    expect(start('20260701T120000')).toBe('2026-07-01T09:00');
    expect(start('20270201T120000')).toBe('2027-02-01T09:00');
  });

  test('every Windows name leads to a zone that exists', () => {
    for (const name of windowsZoneNames) expect(() => new Temporal.ZonedDateTime(0n, windowsZone(name)!)).not.toThrow();
    expect(windowsZoneNames.length).toBeGreaterThan(135);
  });
});

describe('the file itself', () => {
  const plain = calendar(event('SUMMARY:Größe und Übung 😀, lang genug für eine zweite Zeile und noch eine dritte', 'RRULE:FREQ=WEEKLY;COUNT=2'));

  test('folded anywhere, also inside a character, with CRLF, LF or CR, with or without a byte order mark, as UTF-16', () => {
    const expected = expand(plain).occurrences;
    expect(expected).toHaveLength(2);
    const bytes = Buffer.from(plain);
    fc.assert(fc.property(fc.integer({ min: 1, max: 75 }), fc.constantFrom('\r\n', '\n', '\r'), fc.constantFrom(' ', '\t'), fc.boolean(), (width, end, space, mark) => {
      const lines = plain.trimEnd().split('\r\n').map((line) => {
        const raw = Buffer.from(line);
        const pieces = Array.from({ length: Math.ceil(raw.length / width) }, (_, n) => raw.subarray(n * width, (n + 1) * width));
        return Buffer.concat(pieces.flatMap((piece, n) => (n === 0 ? [piece] : [Buffer.from(end + space), piece])));
      });
      const file = Buffer.concat([Buffer.from(mark ? '\uFEFF' : ''), ...lines.flatMap((line) => [line, Buffer.from(end)])]);
      expect(expand(file).occurrences.map((o) => ({ ...o, line: 0 }))).toEqual(expected.map((o) => ({ ...o, line: 0 })));
    }), { numRuns: 60 });
    expect(expand(Buffer.from(`\uFEFF${plain}`, 'utf16le')).occurrences).toEqual(expected);
    expect(expand(bytes).occurrences).toEqual(expected);
  });

  test('whatever the bytes are, reading ends and throws nothing', () => {
    const words = ['BEGIN:VEVENT', 'END:VEVENT', 'BEGIN:VCALENDAR', 'END:VCALENDAR', 'BEGIN:VTIMEZONE', 'END:VTIMEZONE', 'TZID:X', 'BEGIN:STANDARD', 'TZOFFSETFROM:+9999', 'DTSTART:20260302T180000Z',
      'DTSTART;TZID=X:20260302T180000', 'RRULE:FREQ=DAILY;COUNT=9', 'DURATION:PT1H', 'SUMMARY:A', 'UID:1', 'RECURRENCE-ID:20260303T180000Z', 'RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T180000Z', 'EXDATE:x', '\u0000', ' folded', ':', ';', 'A;B="', 'RDATE;VALUE=PERIOD:/'];
    fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 20 })), { maxLength: 60 }), (lines) => {
      expandCalendar(Buffer.from(['BEGIN:VCALENDAR', ...lines].join('\n')), settings);
    }), { numRuns: 300 });
  });

  test('titles are one line of plain text', () => {
    expect(expand(calendar(event('SUMMARY;LANGUAGE=de;ALTREP="http://x;y:z":A\\nB\\, C\\;\tD\u0007'))).occurrences[0]?.title).toBe('A B, C; D');
    expect(refusals(expand(calendar(event(`SUMMARY:${'x'.repeat(201)}`), event('UID:e2', 'SUMMARY:  '))))).toEqual(['e1: longTitle', 'e2: noTitle']);
  });

  test('lengths: DTEND in another zone, DURATION in weeks is too long, none is none', () => {
    expect(expand(calendar(event('DTEND;TZID=Europe/Berlin:20260302T180000'))).occurrences[0]?.durationMinutes).toBe(60);
    expect(refusals(expand(calendar(event('DURATION:P1W'), event('UID:e2', 'DTEND;VALUE=DATE:20260303'), event('UID:e3', 'DURATION:PT4M'), event('UID:e4', 'DURATION:bla'))))).toEqual(['e1: badLength', 'e2: badLength', 'e3: badLength', 'e4: badLength']);
  });

  test('400 days ahead, past ones are counted', () => {
    const expansion = expand(calendar(event(kyiv('20200101T180000'), 'RRULE:FREQ=DAILY')));
    expect(expansion.occurrences).toHaveLength(400);
    expect(expansion.skippedPast).toBe(2251);
  });
});
