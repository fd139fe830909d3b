import { eventually } from '../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { auditLog } from './support/auditLog.ts';
import { asks, openSchool, type School } from './support/school.ts';

/** An import derives a lesson's id from the file, so two commands may mean the same lesson. */
describe('two commands that are given the same lesson', () => {
  let database: TestDatabase;
  let school: School;
  let other: School;
  beforeEach(async () => {
    database = await createTestDatabase();
    school = openSchool({ url: database.url });
    other = openSchool({ url: database.url, clock: school.clock });
  });
  afterEach(async () => {
    await Promise.all([school.close(), other.close()]);
    await database.drop();
  });

  it('one after the other make it once', async () => {
    await school.account();
    const input = school.lessonAt(await school.teacher(), '2026-03-02T18:00', { lessonId: 'from-a-file' });
    const first = await school.lessons.schedule(input, asks());
    expect(await other.lessons.schedule(input, asks())).toMatchObject({ id: first.id, revision: 0, lesson: { accountId: first.lesson.accountId } });
    expect((await auditLog(school.log)).orphans).toEqual([]);
  });

  it('at once make it once, and nothing is left of the other', async () => {
    for (let i = 0; i < 3; i += 1) await school.account(1 + i);
    const teacherId = await school.teacher();
    await Promise.all(Array.from({ length: 12 }, async (_, i) => {
      const input = school.lessonAt(teacherId, `2026-03-${String(3 + i).padStart(2, '0')}T18:00`, { lessonId: `from-a-file-${i}` });
      const [a, b] = await Promise.all([school.lessons.schedule(input, asks()), other.lessons.schedule(input, asks())]);
      expect(a.lesson).toEqual(b.lesson);
    }));
    const { lessons, orphans } = await auditLog(school.log);
    expect([lessons.size, orphans]).toEqual([12, []]);
  });

  it('when one is refused while the other is under way, it undoes only its own', async () => {
    await school.account(1, { cloudRecording: false });
    const teacherId = await school.teacher();
    const input = school.lessonAt(teacherId, '2026-03-02T18:00', { lessonId: 'from-a-file' });
    let wake: () => void = () => undefined;
    let sleeping = false;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const slow = openSchool({
      url: database.url, clock: school.clock,
      wrap: (store) => ({
        ...store,
        async append(stream, events, options) {
          if (stream === 'lesson-from-a-file') {
            sleeping = true;
            await asleep;
          }
          return store.append(stream, events, options);
        },
      }),
    });
    const scheduling = slow.lessons.schedule(input, asks());
    await eventually(() => sleeping);
    await expect(other.lessons.schedule({ ...input, autoRecord: true }, asks())).rejects.toMatchObject({ code: 'noZoomAccountFree' });
    wake();
    expect((await scheduling).lesson.status).toBe('scheduled');
    expect((await auditLog(school.log)).orphans).toEqual([]);
    await slow.close();
  });
});
