import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { auditLog } from './support/auditLog.ts';
import { asks, deskClock, openSchool, type School } from './support/school.ts';

describe('scheduling a lesson', () => {
  let database: TestDatabase;
  let school: School;
  beforeEach(async () => {
    database = await createTestDatabase();
    school = openSchool({ url: database.url, clock: deskClock('2026-03-02T08:00:00.000Z') });
  });
  afterEach(async () => {
    await auditLog(school.log);
    await school.close();
    await database.drop();
  });

  it('reserves the teacher and an account, then records it', async () => {
    const accountId = await school.account();
    const teacherId = await school.teacher();
    const answer = await school.plan('2026-03-02T18:00', { teacherId });
    expect(answer.lesson).toMatchObject({ status: 'scheduled', accountId, teacherId, startsAt: '2026-03-02T17:00:00.000Z', endsAt: '2026-03-02T18:00:00.000Z' });
    expect(answer).toMatchObject({ revision: 0, warnings: [] });
    expect(await school.streamTypes(`zoomAccount-${accountId}`)).toEqual(['ZoomAccountRegistered', 'PlaceReserved']);
    expect(await school.streamTypes(`teacherAgenda-${teacherId}`)).toEqual(['PlaceReserved']);
    expect(await school.streamTypes(`lesson-${answer.id}`)).toEqual(['LessonScheduled']);
  });

  it('needs no account for a lesson without a vendor', async () => {
    expect((await school.plan('2026-03-02T18:00', { provider: 'none' })).lesson.accountId).toBeNull();
  });

  it('spreads lessons over the accounts, the one with fewest that day first', async () => {
    const accounts = [await school.account(), await school.account(), await school.account()];
    const used = [];
    for (const hour of ['10', '12', '14']) used.push((await school.plan(`2026-03-03T${hour}:00`)).lesson.accountId);
    expect(new Set(used)).toEqual(new Set(accounts));
  });

  it('puts a recorded lesson only where recording is licensed', async () => {
    await school.account(1, { cloudRecording: false });
    const records = await school.account();
    expect((await school.plan('2026-03-02T18:00', { autoRecord: true })).lesson.accountId).toBe(records);
    await expect(school.plan('2026-03-02T18:00', { autoRecord: true })).rejects.toMatchObject({ code: 'noZoomAccountFree' });
  });

  it('refuses when no account is free, names who is in the way and offers the nearest free times, and leaves nothing reserved', async () => {
    const accountId = await school.account();
    const first = await school.plan('2026-03-02T18:00');
    const teacherId = await school.teacher();
    const refused = await school.plan('2026-03-02T18:30', { teacherId }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'noZoomAccountFree',
      details: {
        conflicts: [{ accountId, lessonId: first.id, from: '2026-03-02T17:00:00.000Z', until: '2026-03-02T18:00:00.000Z' }],
        suggestions: [
          { startsAt: '2026-03-02T18:05:00.000Z', endsAt: '2026-03-02T19:05:00.000Z' },
          { startsAt: '2026-03-02T18:20:00.000Z', endsAt: '2026-03-02T19:20:00.000Z' },
          { startsAt: '2026-03-02T18:35:00.000Z', endsAt: '2026-03-02T19:35:00.000Z' },
        ],
      },
    });
    expect(await school.streamTypes(`teacherAgenda-${teacherId}`)).toEqual(['PlaceReserved', 'PlaceReleased']);
    expect((await auditLog(school.log)).orphans).toEqual([]);
  });

  it('suggests times at which the teacher is free as well', async () => {
    await school.account();
    const teacherId = await school.teacher();
    await school.plan('2026-03-02T18:00');
    await school.plan('2026-03-02T19:10', { teacherId, provider: 'none' });
    const refused = (await school.plan('2026-03-02T18:00', { teacherId }).catch((error: unknown) => error)) as { details: { suggestions: { startsAt: string }[] } };
    expect(refused.details.suggestions.map(({ startsAt }) => startsAt)).toEqual(['2026-03-02T15:25:00.000Z', '2026-03-02T15:40:00.000Z', '2026-03-02T15:55:00.000Z']);
  });

  it('finds an account that another process has just registered before it says that none is free', async () => {
    const other = openSchool({ url: database.url });
    await expect(school.plan('2026-03-02T18:00')).rejects.toMatchObject({ code: 'noZoomAccountFree' });
    const accountId = await other.account();
    expect((await school.plan('2026-03-02T18:00')).lesson.accountId).toBe(accountId);
    await other.close();
  });

  it('does not plan a teacher twice, unless a manager gives a reason', async () => {
    await school.account(2);
    const teacherId = await school.teacher();
    const first = await school.plan('2026-03-02T18:00', { teacherId });
    await expect(school.plan('2026-03-02T18:30', { teacherId })).rejects.toMatchObject({ code: 'teacherBusy', details: { conflicts: [{ lessonId: first.id }] } });
    const input = school.lessonAt(teacherId, '2026-03-02T18:30', { override: { reason: 'team teaching' } });
    await expect(school.lessons.schedule(input, asks('teacher', teacherId))).rejects.toMatchObject({ code: 'overrideNotAllowed' });
    const { id } = await school.lessons.schedule(input, asks('manager'));
    const [recorded] = await school.store.readStream(`lesson-${id}`);
    expect(recorded?.data).toMatchObject({ override: { reason: 'team teaching' } });
  });

  it('refuses what cannot be, before anything is reserved', async () => {
    const accountId = await school.account();
    const teacherId = await school.teacher();
    const student = randomUUID();
    await school.directory.registerPerson({ personId: student, name: 'Bo', email: 'b@x', role: 'student', timeZone: 'UTC' }, asks('admin'));
    const refusal = (more: object) => school.plan('2026-03-03T18:00', { teacherId, ...more }).then(() => 'scheduled', (error: { code: string }) => error.code);
    expect(await refusal({ localStart: '2026-03-02T08:00' })).toBe('startInPast');
    expect(await refusal({ localStart: '2026-03-29T02:30' })).toBe('wallTimeSkipped');
    expect(await refusal({ localStart: '2026-10-25T02:30' })).toBe('wallTimeAmbiguous');
    expect(await refusal({ localStart: '2026-02-30T10:00' })).toBe('invalidWallTime');
    expect(await refusal({ zone: 'Mars/Olympus' })).toBe('unknownTimeZone');
    expect(await refusal({ durationMinutes: 4 })).toBe('invalidLesson');
    expect(await refusal({ title: '' })).toBe('invalidLesson');
    expect(await refusal({ teacherId: randomUUID() })).toBe('unknownTeacher');
    expect(await refusal({ teacherId: student })).toBe('notATeacher');
    expect(await refusal({ groupId: randomUUID() })).toBe('unknownGroup');
    await school.directory.deactivatePerson({ personId: teacherId }, asks('admin'));
    expect(await refusal({})).toBe('teacherInactive');
    expect(await school.streamTypes(`zoomAccount-${accountId}`)).toEqual(['ZoomAccountRegistered']);
    expect(await school.streamTypes(`teacherAgenda-${teacherId}`)).toEqual([]);
  });

  it('repeated under the same command answers the same and adds nothing', async () => {
    await school.account();
    const input = school.lessonAt(await school.teacher(), '2026-03-02T18:00');
    const ctx = asks();
    const first = await school.lessons.schedule(input, ctx);
    const elsewhere = openSchool({ url: database.url });
    expect(await elsewhere.lessons.schedule(input, { ...ctx, mayBeRepeat: true })).toMatchObject({ id: first.id, revision: 0 });
    expect((await auditLog(school.log)).orphans).toEqual([]);
    await elsewhere.close();
  });

  it('warns of students who have another lesson then, and schedules all the same', async () => {
    const groupId = await school.group();
    const warned = openSchool({ url: database.url, studentOverlaps: async () => [{ lessonId: 'other', students: ['s1'] }] });
    const input = warned.lessonAt(await warned.teacher(), '2026-03-02T18:00', { groupId, provider: 'none' });
    expect((await warned.lessons.schedule(input, asks())).warnings).toEqual([{ code: 'studentsOverlap', lessonId: 'other', students: ['s1'] }]);
    await warned.close();
  });
});
