import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { auditLog } from './support/auditLog.ts';
import { asks, deskClock, openSchool, type School } from './support/school.ts';

describe('a lesson that runs', () => {
  let database: TestDatabase;
  let school: School;
  beforeEach(async () => {
    database = await createTestDatabase();
    school = openSchool({ url: database.url, clock: deskClock('2026-03-02T16:00:00.000Z') });
  });
  afterEach(async () => {
    expect((await auditLog(school.log)).orphans).toEqual([]);
    await school.close();
    await database.drop();
  });
  const userOf = (accountId: string) => `${accountId}@zoom.example`;

  /** What the reactor does when the vendor answers at once. */
  async function mint(lessonId: string): Promise<string> {
    const { meeting } = await school.meetings.claim({ lessonId }, asks('system'));
    const { generation } = meeting;
    const meetingId = `m-${lessonId}.${generation}`;
    await school.meetings.created({ lessonId, generation, meetingId, uuid: `u-${generation}`, joinUrl: 'https://join.example/1', passcode: '1', adopted: false }, asks('system'));
    return meetingId;
  }
  /** A lesson at 18:00 in Berlin (17:00 UTC), with its meeting. */
  async function planned(more: Parameters<School['plan']>[1] & { at?: string } = {}) {
    const { at = '2026-03-02T18:00', ...rest } = more;
    const teacherId = rest.teacherId ?? (await school.teacher());
    const { id, lesson } = await school.plan(at, { ...rest, teacherId });
    const meetingId = await mint(id);
    return { id, teacherId, accountId: lesson.accountId ?? '', meetingId, teacher: () => asks('teacher', teacherId) };
  }

  it('is started by its teacher from 15 minutes before, who gets a fresh start link each time', async () => {
    await school.account();
    const { id, meetingId, teacher } = await planned();
    school.clock.put('2026-03-02T16:44:59.000Z');
    await expect(school.lessons.start({ lessonId: id }, teacher())).rejects.toMatchObject({ code: 'tooEarly', details: { earliest: '2026-03-02T16:45:00.000Z' } });
    school.clock.put('2026-03-02T16:45:00.000Z');
    const started = await school.lessons.start({ lessonId: id }, teacher());
    expect(started).toMatchObject({ lesson: { status: 'live' }, startUrl: `https://start.example/${meetingId}?n=1`, meetingState: 'created', moved: false });
    const again = await school.lessons.start({ lessonId: id }, teacher());
    expect(again).toMatchObject({ revision: started.revision, leaseId: started.leaseId, startUrl: `https://start.example/${meetingId}?n=2` });
  });

  it('is started by an admin without the link, and by nobody else', async () => {
    await school.account();
    const { id } = await planned();
    school.clock.put('2026-03-02T16:50:00.000Z');
    await expect(school.lessons.start({ lessonId: id }, asks('teacher', 'somebody'))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(school.lessons.start({ lessonId: id }, asks('manager'))).rejects.toMatchObject({ code: 'forbidden' });
    expect(await school.lessons.start({ lessonId: id }, asks('admin'))).toMatchObject({ lesson: { status: 'live' }, startUrl: null });
    await expect(school.lessons.end({ lessonId: id }, asks('manager'))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('cannot be started when its time is over', async () => {
    await school.account();
    const { id, teacher } = await planned();
    school.clock.put('2026-03-02T18:00:00.000Z');
    await expect(school.lessons.start({ lessonId: id }, teacher())).rejects.toMatchObject({ code: 'lessonOver' });
  });

  it('changes nothing when the vendor gives no link', async () => {
    const accountId = await school.account();
    const { id, teacher } = await planned();
    school.clock.put('2026-03-02T16:50:00.000Z');
    school.vendor.goDown();
    await expect(school.lessons.start({ lessonId: id }, teacher())).rejects.toMatchObject({ code: 'vendorUnavailable' });
    expect((await auditLog(school.log)).accounts.get(accountId)?.leases).toEqual([]);
    expect(await school.streamTypes(`lesson-${id}`)).toEqual(['LessonScheduled']);
    school.vendor.comeBack();
    expect((await school.lessons.start({ lessonId: id }, teacher())).lesson.status).toBe('live');
  });

  it('starts on a full account by releasing the lease of a lesson past its end that the vendor does not report live', async () => {
    const accountId = await school.account();
    const first = await planned({ at: '2026-03-02T17:00', durationMinutes: 55 });
    const second = await planned();
    school.clock.put('2026-03-02T16:00:00.000Z');
    await school.lessons.start({ lessonId: first.id }, first.teacher());
    school.clock.put('2026-03-02T16:57:00.000Z'); // two minutes past its end: the job's grace is not over
    const started = await school.lessons.start({ lessonId: second.id }, second.teacher());
    expect(started).toMatchObject({ lesson: { status: 'live', accountId }, moved: false });
    expect((await school.streamTypes(`lesson-${first.id}`)).at(-1)).toBe('LessonFinished');
  });

  it('moves to a free account when the one before it runs on, and gets its link once the new meeting is there', async () => {
    const accountId = await school.account();
    const first = await planned({ at: '2026-03-02T17:00', durationMinutes: 55 });
    const second = await planned();
    const other = await school.account();
    await school.lessons.start({ lessonId: first.id }, first.teacher());
    school.clock.put('2026-03-02T17:05:00.000Z');
    school.vendor.report(userOf(accountId), [first.meetingId]);
    const started = await school.lessons.start({ lessonId: second.id }, second.teacher());
    expect(started).toMatchObject({ lesson: { status: 'live', accountId: other }, moved: true, startUrl: null });
    await school.meetings.deleted({ lessonId: second.id, generation: 1, meetingId: second.meetingId, alreadyGone: false }, asks('system'));
    const meetingId = await mint(second.id);
    expect((await school.lessons.start({ lessonId: second.id }, second.teacher())).startUrl).toContain(meetingId);
    await school.meetings.ended({ lessonId: second.id, meetingId: second.meetingId, uuid: 'late', at: '2026-03-02T17:06:00.000Z' }, asks('system'));
    expect((await school.lessons.start({ lessonId: second.id }, second.teacher())).lesson.status).toBe('live'); // the end of the old meeting is not its end
  });

  it('is refused when every account is in use, names who holds its account, and nothing has changed', async () => {
    const accountId = await school.account();
    const first = await planned({ at: '2026-03-02T17:00', durationMinutes: 55 });
    const second = await planned();
    const { leaseId } = await school.lessons.start({ lessonId: first.id }, first.teacher());
    school.clock.put('2026-03-02T17:05:00.000Z');
    school.vendor.report(userOf(accountId), [first.meetingId]);
    const before = await school.log.head();
    await expect(school.lessons.start({ lessonId: second.id }, second.teacher())).rejects.toMatchObject({
      code: 'zoomAccountFull', details: { accountId, leases: [{ leaseId, holder: first.id, until: '2026-03-02T16:55:00.000Z' }] },
    });
    expect(await school.log.head()).toBe(before);
  });

  it('ended early it frees account and teacher for the rest of its time', async () => {
    await school.account();
    const { id, teacherId, teacher } = await planned();
    school.clock.put('2026-03-02T17:00:00.000Z');
    await expect(school.lessons.end({ lessonId: id }, teacher())).rejects.toMatchObject({ code: 'lessonNotLive' });
    await school.lessons.start({ lessonId: id }, teacher());
    school.clock.put('2026-03-02T17:20:00.000Z');
    expect((await school.lessons.end({ lessonId: id }, teacher())).lesson.status).toBe('finished');
    expect((await school.lessons.end({ lessonId: id }, teacher())).lesson.status).toBe('finished');
    expect((await school.plan('2026-03-02T18:30', { teacherId })).lesson.status).toBe('scheduled');
  });

  it('follows the webhooks of its current meeting, in any order, late or twice', async () => {
    const accountId = await school.account();
    const { id: lessonId, meetingId } = await planned();
    const runs = (uuid: string, at: string) => ({ lessonId, meetingId, uuid, at });
    school.clock.put('2026-03-02T12:00:00.000Z');
    await school.meetings.started(runs('trial', '2026-03-02T12:00:00.000Z'), asks('system'));
    await school.meetings.ended(runs('trial', '2026-03-02T12:01:00.000Z'), asks('system'));
    expect(await school.streamTypes(`lesson-${lessonId}`)).toEqual(['LessonScheduled']);
    school.clock.put('2026-03-02T16:58:00.000Z');
    for (let i = 0; i < 2; i += 1) await school.meetings.started(runs('real', '2026-03-02T16:58:00.000Z'), asks('system'));
    expect((await auditLog(school.log)).accounts.get(accountId)?.leases).toHaveLength(1);
    school.clock.put('2026-03-02T18:01:00.000Z');
    for (let i = 0; i < 2; i += 1) await school.meetings.ended(runs('real', '2026-03-02T18:01:00.000Z'), asks('system'));
    await school.meetings.started(runs('real', '2026-03-02T16:58:00.000Z'), asks('system'));
    expect(await school.streamTypes(`lesson-${lessonId}`)).toEqual(['LessonScheduled', 'LessonStarted', 'LessonFinished']);
    expect((await auditLog(school.log)).accounts.get(accountId)?.leases).toEqual([]);
    await school.meetings.ended(runs('unheard of', '2026-03-02T18:01:00.000Z'), asks('system'));
  });

  it('the lifecycle: 2 of 2 in use, the job releases only the finished one (1 of 2), and the end of the active one frees the account', async () => {
    const accountId = await school.account(2);
    const finished = await planned({ at: '2026-03-02T17:00' });
    const active = await planned({ at: '2026-03-02T17:30' });
    await school.lessons.start({ lessonId: finished.id }, finished.teacher());
    school.clock.put('2026-03-02T16:30:00.000Z');
    await school.lessons.start({ lessonId: active.id }, active.teacher());
    const inUse = async () => (await auditLog(school.log)).accounts.get(accountId)?.leases.map(({ holder }) => holder);
    school.clock.put('2026-03-02T17:09:00.000Z');
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ accountsProcessed: 1, meetingsReleased: 0 });
    school.clock.put('2026-03-02T17:10:00.000Z');
    expect(await inUse()).toEqual([finished.id, active.id]);
    await expect(school.accounts.acquire({ accountId, holder: 'x', until: '2026-03-02T19:00:00.000Z' }, asks('admin'))).rejects.toMatchObject({ code: 'noLeaseFree' });
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ accountsProcessed: 1, meetingsReleased: 1 });
    expect(await inUse()).toEqual([active.id]);
    expect((await school.streamTypes(`lesson-${finished.id}`)).at(-1)).toBe('LessonFinished');
    await school.lessons.end({ lessonId: active.id }, active.teacher());
    expect(await inUse()).toEqual([]);
  });

  it('the job keeps a lease whose meeting still runs, says so once, and moves the next lesson or warns of it', async () => {
    const accountId = await school.account();
    const first = await planned({ at: '2026-03-02T17:00', durationMinutes: 55 });
    const next = await planned();
    await school.lessons.start({ lessonId: first.id }, first.teacher());
    school.vendor.report(userOf(accountId), [first.meetingId]);
    school.clock.put('2026-03-02T17:10:00.000Z');
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ meetingsReleased: 0, overruns: 1, threatenedLessons: [next.id], movedLessons: [] });
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ overruns: 1 });
    const other = await school.account();
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ overruns: 1, threatenedLessons: [], movedLessons: [next.id] });
    expect((await school.pipeline.load((await import('../../src/domain/lesson/index.ts')).lesson, next.id)).state).toMatchObject({ accountId: other });
    const overruns = (await school.store.readStream(`zoomAccount-${accountId}`)).filter(({ type }) => type === 'LeaseOverran');
    expect(overruns.map(({ data }) => data)).toMatchObject([{ threatens: [next.id] }]);
    school.vendor.report(userOf(accountId), []);
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ meetingsReleased: 1, overruns: 0 });
  });

  it('the job waits for a vendor that does not answer, but not for ever', async () => {
    await school.account();
    const { id, teacher } = await planned();
    school.clock.put('2026-03-02T17:00:00.000Z');
    await school.lessons.start({ lessonId: id }, teacher());
    school.vendor.goDown();
    school.clock.put('2026-03-02T18:10:00.000Z');
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ meetingsReleased: 0, unanswered: 1 });
    school.clock.put('2026-03-02T19:10:00.000Z');
    expect(await school.releaseFinished(asks('system'))).toMatchObject({ meetingsReleased: 1, unanswered: 0 });
  });
});
