import { jest } from '@jest/globals';
import { expandFile } from '../../../src/commands/lessonImport/expandFile.ts';
import { calendar, event, refusals, settings } from './calendars.ts';

const MB = 1024 * 1024;
const good = event('UID:good', 'SUMMARY:Neighbour');
// Steps are what is tested; on a busy machine the thread may take its time.
const patient = { deadlineMs: 120_000 };
jest.setTimeout(150_000);
const read = (file: string) => expandFile(Buffer.from(file), settings, patient);
const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('\r\n');

describe('a file can neither hang nor bloat the server', () => {
  test.each([
    ['every second, for ever', 'RRULE:FREQ=SECONDLY', 'tooManyOccurrences'],
    ['a thousand million times', 'RRULE:FREQ=MINUTELY;COUNT=1000000000', 'tooManyOccurrences'],
    ['every second since 1970', 'DTSTART;TZID=Europe/Kyiv:19700101T000000\r\nRRULE:FREQ=SECONDLY', 'tooMuchWork'],
    ['a rule that nothing fits', 'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', 'tooMuchWork'],
    ['all of every day', `RRULE:FREQ=DAILY;BYHOUR=${Array.from({ length: 24 }, (_, n) => n)};BYMINUTE=${Array.from({ length: 60 }, (_, n) => n)};BYSECOND=${Array.from({ length: 60 }, (_, n) => n)};BYSETPOS=-1`, 'tooMuchWork'],
    ['a rule of ten thousand parts', `RRULE:FREQ=DAILY;BYHOUR=${'1,'.repeat(9_000)}1`, 'badRule'],
  ])('%s: refused by name, its neighbour goes in', async (_, rule, reason) => {
    const expansion = await read(calendar(event('UID:bad', ...rule.split('\r\n')), good));
    expect(refusals(expansion)).toEqual([`bad: ${reason}`]);
    expect(expansion.occurrences.map(({ uid }) => uid)).toEqual(['good']);
  });

  test('rules that never fit but cost little just give nothing', async () => {
    const expansion = await read(calendar(event('UID:bad', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'), good));
    expect(expansion.occurrences).toHaveLength(2); // DTSTART itself, which every program shows
  });

  test('floods of dates, lines of megabytes, a deep nest', async () => {
    const dates = Array.from({ length: 200_000 }, (_, n) => new Date(Date.UTC(2026, 2, 3) + n * 60_000).toISOString().replace(/[-:]|\.\d+/g, '')).join(',');
    const flood = await read(calendar(event('UID:bad', `RDATE:${dates}`), good));
    expect(refusals(flood)).toEqual(['bad: tooManyOccurrences']);
    const fat = await read(calendar(event('UID:bad', `SUMMARY:${'x'.repeat(4 * MB)}`), event('UID:fat', `DESCRIPTION:${'y,;:"'.repeat(100_000)}`), `ATTENDEE${';A="'.repeat(100_000)}`, good));
    expect(refusals(fat)).toEqual(['bad: longTitle']);
    expect(fat.occurrences.map(({ uid }) => uid)).toEqual(['fat', 'good']);
    const nest = await read(calendar(`${'BEGIN:VALARM\r\n'.repeat(50_000)}${'END:VALARM\r\n'.repeat(50_000)}${good}`));
    expect(nest.occurrences.map(({ uid }) => uid)).toEqual(['good']);
  });

  test('a hundred thousand events: five thousand lessons at most, and an answer of bounded size', async () => {
    const many = lines(12_000, (n) => event(`UID:u${n}`, `DTSTART:20260401T${String(n % 24).padStart(2, '0')}0000Z`));
    const expansion = await read(calendar(many));
    expect(expansion.occurrences).toHaveLength(5_000);
    expect(expansion.refusedCount).toBe(7_000);
    expect(expansion.refused).toHaveLength(1_000);
    const rubbish = await read(calendar(lines(60_000, () => 'BEGIN:VEVENT\r\nUID:x\r\nEND:VEVENT')));
    expect(rubbish.refusedCount).toBe(60_000);
    expect(rubbish.refused).toHaveLength(1_000);
  });

  test('thousands of costly rules together use up the file’s own budget, not the server’s time', async () => {
    const expansion = await read(calendar(lines(3_000, (n) => event(`UID:u${n}`, 'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'))));
    expect(expansion.refusedCount).toBe(3_000);
  });

  test('zones: hundreds, and definitions that run wild', async () => {
    const wild = ['BEGIN:VTIMEZONE', 'TZID:Wild', 'BEGIN:STANDARD', 'DTSTART:19000101T000000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200', 'RRULE:FREQ=SECONDLY', 'END:STANDARD', 'END:VTIMEZONE'].join('\r\n');
    const expansion = await read(calendar(wild, event('UID:bad', 'DTSTART;TZID=Wild:20260302T180000'), good));
    expect(refusals(expansion)).toEqual(['bad: tooMuchWork']);
    expect(expansion.occurrences.map(({ uid }) => uid)).toEqual(['good']);
  });

  test('five megabytes of the shortest lines, and of parameters without end', async () => {
    const short = await read(calendar(`BEGIN:VEVENT\n${'A:\n'.repeat(1_600_000)}END:VEVENT`, good));
    expect(short.occurrences.map(({ uid }) => uid)).toEqual(['good']);
    const params = await read(calendar(`X${';a'.repeat(2_400_000)}:`, `BEGIN:VEVENT\nSUMMARY${';a'.repeat(100_000)}:x\nEND:VEVENT`, good));
    expect(params.occurrences.map(({ uid }) => uid)).toEqual(['good']);
    expect(params.refused.map(({ reason }) => reason)).toEqual(['badLine']);
  });

  test('what takes too long or too much memory is ended from outside', async () => {
    const file = Buffer.from(calendar(lines(20_000, (n) => event(`UID:u${n}`, 'RRULE:FREQ=DAILY'))));
    await expect(expandFile(file, settings, { deadlineMs: 1 })).rejects.toMatchObject({ code: 'importTooHeavy' });
    await expect(expandFile(file, { ...settings, maxOccurrences: 5_000_000 }, { ...patient, memoryMb: 24 })).rejects.toMatchObject({ code: 'importTooHeavy' });
  });

  test('the thread sees nothing of the process’s environment, and the caller’s bytes stay the caller’s', async () => {
    const file = Buffer.from(calendar(good));
    const before = Buffer.from(file);
    await expandFile(file, settings, patient);
    expect(file.equals(before)).toBe(true);
  });

  test('CSV: a quotation mark that never closes costs one line; long cells and many rows are bounded', async () => {
    const rows = ['uid,title,start,duration', 'a,A,2026-03-02 18:00,60', 'b,"B,2026-03-02 18:00,60', 'c,C,2026-03-03 18:00,60', `d,${'x'.repeat(MB)},2026-03-03 18:00,60`];
    const expansion = await expandFile(Buffer.from(rows.join('\n')), { ...settings, format: 'csv' }, patient);
    expect(expansion.occurrences.map(({ uid, line }) => `${uid} ${line}`)).toEqual(['a 2', 'c 4']);
    expect(expansion.refused.map(({ line, reason }) => `${line} ${reason}`)).toEqual(['3 badLine', '5 badLine']);
    const many = ['uid,title,start,duration', ...Array.from({ length: 100_000 }, (_, n) => `${n},T,2026-04-01 10:00,60`)].join('\n');
    const large = await expandFile(Buffer.from(many), { ...settings, format: 'csv' }, patient);
    expect([large.occurrences.length, large.refusedCount]).toEqual([5_000, 95_000]);
    await expect(expandFile(Buffer.from('name;when\n1;2'), { ...settings, format: 'csv' }, patient)).rejects.toMatchObject({ code: 'importUnreadable' });
    await expect(expandFile(Buffer.from(''), { ...settings, format: 'csv' }, patient)).rejects.toMatchObject({ code: 'importUnreadable' });
  });
});
