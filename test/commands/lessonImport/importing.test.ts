import { readFileSync } from 'node:fs';
import { calendar, event } from './calendars.ts';
import { openSchool, type School } from './school.ts';

const counts = { scheduled: 0, unchanged: 0, moved: 0, changed: 0, cancelled: 0, vanished: 0, refused: 0, skippedPast: 0 };
const olena = 'ORGANIZER:mailto:olena@school.example';
const weekly = (...lines: string[]) => calendar(event('RRULE:FREQ=WEEKLY;COUNT=3', olena, ...lines));

describe('importing a timetable', () => {
  let school: School;
  beforeEach(async () => {
    school = await openSchool();
    await Promise.all([school.addTeacher('olena'), school.addTeacher('taras'), school.addStudent('ira'), school.addGroup('g1', 'Group A1'), school.addAccount('z1', 1)]);
  });
  afterEach(() => school.close());

  test('schedules one lesson per occurrence, with teacher and group; the same file again changes nothing', async () => {
    const file = weekly('CATEGORIES:Blue,group a1');
    const report = await school.import(file);
    expect(report.counts).toEqual({ ...counts, scheduled: 3 });
    expect(await school.timetable()).toEqual(['2026-03-02T18:00 Lesson olena', '2026-03-09T18:00 Lesson olena', '2026-03-16T18:00 Lesson olena']);
    const lesson = await school.lessonQueries.lesson(report.items[0]!.lessonId!);
    expect(lesson).toMatchObject({ group_id: 'g1', account_id: 'z1', uid: 'e1', recurrence_id: '2026-03-02', calendar: 'timetable' });
    const before = await school.events();
    expect((await school.import(file)).counts).toEqual({ ...counts, unchanged: 3 });
    expect(await school.events()).toBe(before + 2); // that it was imported, nothing else
  });

  test('what people moved by hand stays, what the file changes is changed', async () => {
    const report = await school.import(weekly());
    const [first, second] = report.items;
    await school.lessons.reschedule({ lessonId: first!.lessonId!, localStart: '2026-03-03T12:00' }, school.context());
    await school.lessons.changeDetails({ lessonId: second!.lessonId!, title: 'Renamed by hand' }, school.context());
    expect((await school.import(weekly())).counts).toEqual({ ...counts, unchanged: 3 });
    expect(await school.timetable()).toEqual(['2026-03-03T12:00 Lesson olena', '2026-03-09T18:00 Renamed by hand olena', '2026-03-16T18:00 Lesson olena']);

    const longer = await school.import(weekly('SUMMARY:Lesson', 'DURATION:PT90M'));
    expect(longer.counts).toEqual({ ...counts, moved: 3 });
    // Longer by the file, yet on the day that people chose and under the title that they gave.
    expect(await school.timetable()).toEqual(['2026-03-03T12:00 Lesson olena', '2026-03-09T18:00 Renamed by hand olena', '2026-03-16T18:00 Lesson olena']);
    expect(await school.lessonQueries.lesson(first!.lessonId!)).toMatchObject({ duration_minutes: 90 });
  });

  test('a series that moves by an hour keeps its lessons, also back to back with another', async () => {
    const two = (hour: number) => calendar(
      event('UID:a', `DTSTART;TZID=Europe/Kyiv:20260302T${hour}0000`, 'RRULE:FREQ=WEEKLY;COUNT=4', olena),
      event('UID:b', `DTSTART;TZID=Europe/Kyiv:20260302T${hour + 1}1000`, 'RRULE:FREQ=WEEKLY;COUNT=4', olena),
    );
    const made = await school.import(two(16));
    expect(made.counts).toEqual({ ...counts, scheduled: 8 });
    const moved = await school.import(two(17));
    expect(moved.counts).toEqual({ ...counts, moved: 8 });
    const ids = (report: typeof made) => report.items.map(({ lessonId }) => lessonId).sort();
    expect(ids(moved)).toEqual(ids(made));
    expect((await school.timetable())[0]).toBe('2026-03-02T17:00 Lesson olena');
  });

  test('another teacher, another title and another group in the file', async () => {
    await school.import(weekly());
    const report = await school.import(calendar(event('RRULE:FREQ=WEEKLY;COUNT=3', 'ORGANIZER:mailto:TARAS@school.example', 'SUMMARY:New', 'CATEGORIES:Group A1')));
    expect(report.counts).toEqual({ ...counts, changed: 3 });
    expect(report.items[0]!.detail).toBe('changed: teacher, title, group');
    expect((await school.timetable())[0]).toBe('2026-03-02T18:00 New taras');
  });

  test('what vanished is reported, and cancelled only by flag; back in the file it is scheduled anew', async () => {
    await school.import(weekly());
    const less = weekly('EXDATE;TZID=Europe/Kyiv:20260309T180000');
    const report = await school.import(less);
    expect(report.counts).toEqual({ ...counts, unchanged: 2, vanished: 1 });
    expect(await school.timetable()).toHaveLength(3);
    expect((await school.import(less, { cancelVanished: true })).counts).toEqual({ ...counts, unchanged: 2, cancelled: 1 });
    expect(await school.timetable()).toEqual(['2026-03-02T18:00 Lesson olena', '2026-03-16T18:00 Lesson olena']);
    expect((await school.import(weekly())).counts).toEqual({ ...counts, unchanged: 2, scheduled: 1 });
    expect(await school.timetable()).toHaveLength(3);
  });

  test('a lesson that people cancelled stays cancelled', async () => {
    const report = await school.import(weekly());
    await school.lessons.cancel({ lessonId: report.items[0]!.lessonId!, reason: 'ill' }, school.context());
    expect((await school.import(weekly())).counts).toEqual({ ...counts, unchanged: 3 });
    expect(await school.timetable()).toHaveLength(2);
  });

  test('an event that can no longer be read has not vanished, nor has anything when the file breaks off', async () => {
    await school.import(calendar(event('UID:a', olena), event('UID:b', 'DTSTART;TZID=Europe/Kyiv:20260303T180000', olena)));
    const broken = await school.import(calendar(event('UID:a', olena), event('UID:b', 'DTSTART;TZID=Europe/Kyiv:20260399T180000', olena)), { cancelVanished: true });
    expect(broken.counts).toEqual({ ...counts, unchanged: 1, refused: 1 });
    const whole = calendar(event('UID:a', olena));
    const cut = await school.import(whole.slice(0, whole.indexOf('END:VCALENDAR')), { cancelVanished: true });
    expect(cut.counts).toEqual({ ...counts, unchanged: 1 });
    expect(await school.timetable()).toHaveLength(2);
  });

  test('what the file calls off is cancelled', async () => {
    await school.import(weekly());
    const off = calendar(event('RRULE:FREQ=WEEKLY;COUNT=3', olena), event('RECURRENCE-ID;TZID=Europe/Kyiv:20260309T180000', 'DTSTART;TZID=Europe/Kyiv:20260309T180000', 'STATUS:CANCELLED'));
    expect((await school.import(off)).counts).toEqual({ ...counts, unchanged: 2, cancelled: 1 });
    expect((await school.import(off)).counts).toEqual({ ...counts, unchanged: 2 });
    const method = calendar('METHOD:CANCEL', event('STATUS:CANCELLED'));
    expect((await school.import(method)).counts).toEqual({ ...counts, cancelled: 2 });
  });

  test('undo cancels what one import scheduled and nothing else; the file can be imported again', async () => {
    await school.import(calendar(event('UID:other', 'DTSTART;TZID=Europe/Kyiv:20260320T100000', olena)), { calendar: 'other' });
    const report = await school.import(weekly());
    expect(await school.imports.undo(report.id, school.context())).toMatchObject({ cancelled: 3, kept: 0 });
    expect(await school.timetable()).toEqual(['2026-03-20T10:00 Lesson olena']);
    expect(await school.imports.undo(report.id, school.context())).toMatchObject({ cancelled: 0, kept: 0 });
    expect(await school.imports.status(report.id)).toMatchObject({ status: 'undone', counts: { scheduled: 3 } });
    expect((await school.import(weekly())).counts).toEqual({ ...counts, scheduled: 3 });
    await expect(school.imports.undo('nothing', school.context())).rejects.toMatchObject({ code: 'importNotFound' });
  });

  test('refuses by name and with the reason what cannot be, and takes the rest', async () => {
    const at = (hour: string) => `DTSTART;TZID=Europe/Kyiv:20260302T${hour}0000`;
    const report = await school.import(calendar(
      event('UID:fine', at('10'), olena),
      event('UID:no account', 'DTSTART;TZID=Europe/Kyiv:20260302T101500', 'ORGANIZER:mailto:taras@school.example'),
      event('UID:busy', 'DTSTART;TZID=Europe/Kyiv:20260302T103000', olena, 'X-LECTERN-PROVIDER:none'),
      event('UID:student', at('12'), 'ORGANIZER:mailto:ira@home.example'),
      event('UID:nobody', at('13')),
      event('UID:two', at('14'), 'ATTENDEE:mailto:olena@school.example', 'ATTENDEE:mailto:taras@school.example'),
      event('UID:by attendee', at('15'), 'ORGANIZER:mailto:office@school.example', 'ATTENDEE:mailto:ira@home.example', 'ATTENDEE:mailto:taras@school.example'),
    ));
    expect(report.items.filter(({ outcome }) => outcome === 'refused').map(({ uid, reason }) => [uid, reason])).toEqual(expect.arrayContaining([
      ['busy', 'teacherBusy'], ['student', 'teacherNotKnown'], ['nobody', 'teacherNotNamed'], ['two', 'severalTeachers'], ['no account', 'noZoomAccountFree'],
    ]));
    expect(report.counts).toMatchObject({ refused: 5, scheduled: 2 });
    expect((await school.timetable()).at(-1)).toBe('2026-03-02T15:00 Lesson taras');
    const second = await school.import(calendar(event('UID:nobody', at('13'))), { teacher: 'taras@school.example' });
    expect(second.counts).toMatchObject({ scheduled: 1 });
  });

  test('lessons are placed in order of their start, whatever their order in the file: no more accounts are needed than the busiest moment has lessons', async () => {
    await school.addAccount('z2', 1);
    await school.addTeacher('maryna');
    const lesson = (uid: string, start: string, minutes: number, teacher: string) =>
      event(`UID:${uid}`, `DTSTART;TZID=Europe/Kyiv:20260302T${start}00`, `DURATION:PT${minutes}M`, `ORGANIZER:mailto:${teacher}@school.example`);
    // Placed as they stand, the third would meet the first on one account and the second on the other.
    const report = await school.import(calendar(lesson('a', '0900', 60, 'olena'), lesson('b', '1050', 60, 'taras'), lesson('c', '0930', 80, 'maryna')));
    expect(report.counts).toMatchObject({ scheduled: 3, refused: 0 });
  });

  test('a dry run says the same and writes nothing', async () => {
    const before = await school.events();
    const dry = await school.import(weekly(), { dryRun: true });
    expect(dry).toMatchObject({ dryRun: true, counts: { ...counts, scheduled: 3 } });
    expect(await school.events()).toBe(before);
  });

  test('the same command again (its answer was lost) makes nothing twice and reports the same', async () => {
    const ctx = school.context();
    const file = Buffer.from(weekly());
    const first = await school.imports.importLessons({ file, format: 'ics' }, ctx);
    const second = await school.openProcess().imports.importLessons({ file, format: 'ics' }, { ...ctx, mayBeRepeat: true });
    expect(second.counts).toEqual(first.counts);
    expect(second.id).toBe(first.id);
    expect(await school.timetable()).toHaveLength(3);
  });

  test('a timetable as CSV', async () => {
    const report = await school.import(readFileSync(new URL('../../fixtures/calendars/timetable.csv', import.meta.url)), { format: 'csv' });
    expect(report.items.filter(({ outcome }) => outcome === 'refused').map(({ uid, reason }) => `${uid} ${reason}`))
      .toEqual(expect.arrayContaining(['a1 unknownGroup', 'a2 unknownGroup', 'a3 duplicate']));
    expect(report.counts).toMatchObject({ scheduled: 3, skippedPast: 1 });
  });

  test('what is no calendar is refused as a whole', async () => {
    await expect(school.import('<html>')).rejects.toMatchObject({ code: 'importUnreadable' });
    await expect(school.import(calendar('METHOD:REPLY', event()))).rejects.toMatchObject({ code: 'importUnreadable' });
  });
});
