import { jest } from '@jest/globals';
import { EventStoreError, type EventStore } from '../../../src/ports/eventStore.ts';
import { auditPool } from '../../../src/projections/audit/auditPool.ts';
import { calendar, event } from './calendars.ts';
import { openSchool, type School } from './school.ts';

jest.setTimeout(120_000);
const teachers = 25;

/**
 * `perDay` weekly series on each of five days, four weeks long, of 90 minutes; never more than twelve at once: as many as
 * four accounts of capacity 1 and four of capacity 2 take.
 */
const timetable = (perDay: number): string => calendar(...Array.from({ length: 5 * perDay }, (_, n) => {
  const day = Math.floor(n / perDay);
  const hour = String(9 + Math.floor((n % perDay) / 12) * 2).padStart(2, '0');
  return event(`UID:s${n}`, `SUMMARY:Series ${n}`, `DTSTART;TZID=Europe/Kyiv:202603${String(16 + day)}T${hour}0000`, 'DURATION:PT90M', 'RRULE:FREQ=WEEKLY;COUNT=4',
    `ORGANIZER:mailto:t${n % teachers}@school.example`);
}));

const furnish = async (school: School) => {
  await Promise.all(Array.from({ length: teachers }, (_, n) => school.addTeacher(`t${n}`)));
  for (let n = 0; n < 8; n++) await school.addAccount(`z${n}`, n < 4 ? 1 : 2);
};
const noFinding = async (school: School) => expect(await auditPool(school.log, { gapMinutes: 5 })).toMatchObject({ ok: true, findingCount: 0, orphanReservations: [] });

/** Lets appends through until told otherwise; then some are lost after they were written, and every one after `calls` does not get through at all. */
function unreliable() {
  const trouble = { after: Infinity, loseEvery: Infinity };
  let calls = 0;
  const wrap = (store: EventStore): EventStore => ({
    ...store,
    async append(stream, events, options) {
      calls++;
      if (calls > trouble.after) throw new EventStoreError('unavailable', 'the log is away');
      const outcome = await store.append(stream, events, options);
      if (calls % trouble.loseEvery === 0) throw new EventStoreError('unknownOutcome', 'the answer was lost');
      return outcome;
    },
  });
  return { wrap, trouble, calls: () => calls };
}

describe('a school’s timetable', () => {
  test('500 lessons fill 8 accounts to the brim without a refusal or an overlap; again changes nothing', async () => {
    const school = await openSchool();
    try {
      await furnish(school);
      const file = timetable(25);
      const began = performance.now();
      const report = await school.import(file);
      const took = performance.now() - began;
      expect(report.counts).toMatchObject({ scheduled: 500, refused: 0 });
      await noFinding(school);
      const before = await school.events();
      const again = performance.now();
      expect((await school.openProcess().imports.importLessons({ file: Buffer.from(file), format: 'ics' }, school.context())).counts).toMatchObject({ unchanged: 500, scheduled: 0, moved: 0, changed: 0 });
      expect(await school.events()).toBe(before + 2);
      process.stdout.write(`500 lessons imported in ${Math.round(took)} ms, again in ${Math.round(performance.now() - again)} ms\n`);
    } finally {
      await school.close();
    }
  });

  test.each([
    [20, 'a repeat of the same command'], [70, 'a repeat of the same command'], [130, 'a repeat of the same command'], [70, 'another import of the file'],
  ])('an import that dies after %i appends is finished by %s, nothing twice, nothing overbooked', async (after, by) => {
    const { wrap, trouble, calls } = unreliable();
    const school = await openSchool({ wrap });
    try {
      await furnish(school);
      const file = timetable(5); // 100 lessons
      const ctx = school.context();
      trouble.after = calls() + after;
      await expect(school.imports.importLessons({ file: Buffer.from(file), format: 'ics' }, ctx)).rejects.toMatchObject({ code: 'unavailable' });
      trouble.after = Infinity;
      // Another process, which knows only the log.
      const same = by.startsWith('a repeat');
      const { counts } = await school.openProcess().imports.importLessons({ file: Buffer.from(file), format: 'ics' }, same ? { ...ctx, mayBeRepeat: true } : school.context());
      expect(counts).toMatchObject(same ? { scheduled: 100, refused: 0 } : { refused: 0 });
      expect(counts.scheduled + counts.unchanged).toBe(100);
      expect(await school.timetable()).toHaveLength(100);
      await noFinding(school);
      expect((await school.import(file)).counts).toMatchObject({ unchanged: 100, scheduled: 0 });
    } finally {
      await school.close();
    }
  });

  test('the same file imported by two processes at once makes each lesson once', async () => {
    const school = await openSchool();
    try {
      await furnish(school);
      const file = Buffer.from(timetable(5));
      const both = await Promise.all([school.openProcess(), school.openProcess()].map(({ imports }) => imports.importLessons({ file, format: 'ics' }, school.context())));
      for (const { counts } of both) expect(counts.refused).toBe(0);
      expect(await school.timetable()).toHaveLength(100);
      await noFinding(school);
    } finally {
      await school.close();
    }
  });

  test('one answer in ten is lost after the write: no lesson twice', async () => {
    const { wrap, trouble } = unreliable();
    const school = await openSchool({ wrap });
    try {
      await furnish(school);
      trouble.loseEvery = 10;
      const file = timetable(5);
      const run = async (attempt: number): Promise<unknown> =>
        school.import(file).catch((error: unknown) => {
          if (attempt > 30 || !(error instanceof EventStoreError)) throw error;
          return run(attempt + 1);
        });
      await run(1);
      trouble.loseEvery = Infinity;
      await school.import(file);
      expect(await school.timetable()).toHaveLength(100);
      await noFinding(school);
    } finally {
      await school.close();
    }
  });
});
