import { lesson } from '../../src/domain/lesson/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { auditLog } from './support/auditLog.ts';
import { asks, openSchool, type School } from './support/school.ts';

describe('changing a lesson', () => {
  let database: TestDatabase;
  let school: School;
  beforeEach(async () => {
    database = await createTestDatabase();
    school = openSchool({ url: database.url });
  });
  afterEach(async () => {
    expect((await auditLog(school.log)).orphans).toEqual([]);
    await school.close();
    await database.drop();
  });
  const codeOf = (promise: Promise<unknown>) => promise.then(() => 'done', (error: { code: string }) => error.code);

  it('moved by half an hour it keeps its account, although it overlaps itself', async () => {
    const accountId = await school.account();
    const { id } = await school.plan('2026-03-02T18:00');
    const moved = await school.lessons.reschedule({ lessonId: id, localStart: '2026-03-02T18:30' }, asks());
    expect(moved.lesson).toMatchObject({ accountId, startsAt: '2026-03-02T17:30:00.000Z', endsAt: '2026-03-02T18:30:00.000Z' });
    expect(await school.streamTypes(`zoomAccount-${accountId}`)).toEqual(['ZoomAccountRegistered', 'PlaceReserved', 'PlaceReserved', 'PlaceReleased']);
  });

  it('moves to another account when its own is taken then, and nowhere when none is free', async () => {
    await school.account();
    await school.account();
    const first = await school.plan('2026-03-02T18:00');
    const second = await school.plan('2026-03-02T20:00');
    const third = await school.plan('2026-03-02T20:00');
    const moved = await school.lessons.reschedule({ lessonId: second.id, localStart: '2026-03-02T18:00' }, asks());
    expect(moved.lesson.accountId).not.toBe(first.lesson.accountId);
    const before = await school.streamTypes(`lesson-${third.id}`);
    await expect(school.lessons.reschedule({ lessonId: third.id, localStart: '2026-03-02T18:00' }, asks())).rejects.toMatchObject({ code: 'noZoomAccountFree' });
    expect(await school.streamTypes(`lesson-${third.id}`)).toEqual(before);
  });

  it('only longer, in another zone, or to where it is', async () => {
    await school.account();
    const { id } = await school.plan('2026-03-02T18:00');
    expect((await school.lessons.reschedule({ lessonId: id, durationMinutes: 90 }, asks())).lesson).toMatchObject({ startsAt: '2026-03-02T17:00:00.000Z', endsAt: '2026-03-02T18:30:00.000Z' });
    expect((await school.lessons.reschedule({ lessonId: id, zone: 'Europe/Kyiv' }, asks())).lesson).toMatchObject({ startsAt: '2026-03-02T16:00:00.000Z', localStart: '2026-03-02T18:00' });
    expect((await school.lessons.reschedule({ lessonId: id, localStart: '2026-03-02T18:00' }, asks())).revision).toBe(2);
  });

  it('is refused for a revision that is not the newest, and nothing is reserved', async () => {
    await school.account();
    const { id, revision } = await school.plan('2026-03-02T18:00');
    await school.lessons.changeDetails({ lessonId: id, title: 'French' }, asks(), { ifMatch: revision });
    await expect(school.lessons.reschedule({ lessonId: id, localStart: '2026-03-02T20:00' }, asks(), { ifMatch: revision })).rejects.toMatchObject({ code: 'staleRevision' });
  });

  it('gets another teacher, whose time is taken while the first one is free again', async () => {
    await school.account(2);
    const [first, second] = [await school.teacher(), await school.teacher()];
    const { id } = await school.plan('2026-03-02T18:00', { teacherId: first });
    expect((await school.lessons.reassignTeacher({ lessonId: id, teacherId: second }, asks())).lesson.teacherId).toBe(second);
    expect(await codeOf(school.plan('2026-03-02T18:00', { teacherId: second, provider: 'none' }))).toBe('teacherBusy');
    expect(await codeOf(school.plan('2026-03-02T18:00', { teacherId: first, provider: 'none' }))).toBe('done');
    expect(await codeOf(school.lessons.reassignTeacher({ lessonId: id, teacherId: first }, asks()))).toBe('teacherBusy');
    expect(await codeOf(school.lessons.reassignTeacher({ lessonId: id, teacherId: first, override: { reason: 'both rooms' } }, asks()))).toBe('done');
  });

  it('that is to be recorded moves to an account that can', async () => {
    const plain = await school.account(1, { cloudRecording: false });
    const { id, lesson } = await school.plan('2026-03-02T18:00');
    expect(lesson.accountId).toBe(plain);
    expect(await codeOf(school.lessons.changeDetails({ lessonId: id, autoRecord: true }, asks()))).toBe('noZoomAccountFree');
    const records = await school.account();
    expect((await school.lessons.changeDetails({ lessonId: id, autoRecord: true }, asks())).lesson).toMatchObject({ accountId: records, autoRecord: true });
  });

  it('cancelled it gives everything back, is final, and may be cancelled again', async () => {
    const accountId = await school.account();
    const teacherId = await school.teacher();
    const { id } = await school.plan('2026-03-02T18:00', { teacherId });
    const ctx = asks();
    const cancelled = await school.lessons.cancel({ lessonId: id, reason: 'ill' }, ctx);
    expect(cancelled.lesson.status).toBe('cancelled');
    expect((await school.lessons.cancel({ lessonId: id, reason: 'ill' }, asks())).revision).toBe(cancelled.revision);
    expect(await codeOf(school.lessons.reschedule({ lessonId: id, localStart: '2026-03-03T18:00' }, asks()))).toBe('lessonFinal');
    expect((await school.plan('2026-03-02T18:00', { teacherId })).lesson.accountId).toBe(accountId);
  });

  it('when a teacher is ill all lessons of the day are cancelled or reassigned, each with its own answer', async () => {
    await school.account(4);
    const [ill, well] = [await school.teacher(), await school.teacher()];
    const ids = [];
    for (const hour of ['10', '12', '14']) ids.push((await school.plan(`2026-03-03T${hour}:00`, { teacherId: ill })).id);
    await school.plan('2026-03-03T12:30', { teacherId: well });
    const ctx = asks();
    const { results } = await school.lessons.reassignMany({ lessonIds: ids, teacherId: well }, ctx);
    expect(results.map((one) => (one.outcome === 'done' ? 'done' : one.code))).toEqual(['done', 'teacherBusy', 'done']);
    const again = await school.lessons.reassignMany({ lessonIds: ids, teacherId: well }, { ...ctx, mayBeRepeat: true });
    expect(again.results.map(({ outcome }) => outcome)).toEqual(['done', 'refused', 'done']);
    const cancelled = await school.lessons.cancelMany({ lessonIds: [...ids, 'nobody'], reason: 'ill' }, asks());
    expect(cancelled.results.map((one) => (one.outcome === 'done' ? 'done' : one.code))).toEqual(['done', 'done', 'done', 'lessonNotFound']);
  });
});

describe('changing the pool', () => {
  let database: TestDatabase;
  let school: School;
  beforeEach(async () => {
    database = await createTestDatabase();
    school = openSchool({ url: database.url });
  });
  afterEach(async () => {
    expect((await auditLog(school.log)).orphans).toEqual([]);
    await school.close();
    await database.drop();
  });

  it('enlists no Zoom user twice, and completes a registration that died halfway', async () => {
    const input = { zoomUser: 'Host@School.example', capacity: 1, credentialsRef: 'main', cloudRecording: true };
    const ctx = asks('admin');
    const first = await school.accounts.register(input, ctx);
    expect(await school.accounts.register(input, { ...ctx, mayBeRepeat: true })).toMatchObject({ id: first.id, revision: 0 });
    await expect(school.accounts.register({ ...input, zoomUser: 'host@school.example' }, asks('admin'))).rejects.toMatchObject({ code: 'zoomUserEnlisted', details: { accountId: first.id } });
    const { zoomPool, poolId } = await import('../../src/domain/zoomPool/index.ts');
    await school.pipeline.execute(zoomPool, poolId, { type: 'enlist', accountId: 'half', zoomUser: 'other@school.example' }, asks('admin'));
    expect((await school.accounts.register({ ...input, zoomUser: 'other@school.example' }, asks('admin'))).id).toBe('half');
  });

  it('does not shrink or close an account under its plan; asked to, it spreads the lessons first', async () => {
    const accountId = await school.account(2);
    const lessons = [await school.plan('2026-03-02T18:00'), await school.plan('2026-03-02T18:30'), await school.plan('2026-03-02T21:00')];
    await expect(school.accounts.change({ accountId, capacity: 1 }, asks('admin'))).rejects.toMatchObject({
      code: 'zoomAccountHasReservations', details: { reservations: [{ lessonId: lessons[1]?.id }] },
    });
    await expect(school.accounts.change({ accountId, capacity: 1, move: true }, asks('admin'))).rejects.toMatchObject({ code: 'zoomAccountHasReservations' });
    const other = await school.account(1);
    const changed = await school.accounts.change({ accountId, capacity: 1, move: true }, asks('admin'));
    expect(changed).toMatchObject({ account: { capacity: 1 }, movedLessons: [lessons[1]?.id] });
    await expect(school.accounts.disable({ accountId, reason: 'expired' }, asks('admin'))).rejects.toMatchObject({ code: 'zoomAccountHasReservations' });
    const third = await school.account(1);
    const disabled = await school.accounts.disable({ accountId, reason: 'expired', move: true }, asks('admin'));
    expect(new Set(disabled.movedLessons)).toEqual(new Set([lessons[0]?.id, lessons[2]?.id]));
    expect(disabled.account.enabled).toBe(false);
    const next = await school.plan('2026-03-04T18:00');
    expect([other, third]).toContain(next.lesson.accountId);
    await school.accounts.enable({ accountId }, asks('admin'));
    const used = [];
    for (const hour of ['10', '12', '14']) used.push((await school.plan(`2026-03-05T${hour}:00`)).lesson.accountId);
    expect(new Set(used)).toEqual(new Set([accountId, other, third]));
  });

  it('takes cloud recording from no account under lessons that need it; asked to, it moves just these first', async () => {
    const accountId = await school.account(2);
    const recorded = await school.plan('2026-03-02T18:00', { autoRecord: true });
    const plain = await school.plan('2026-03-02T18:30');
    const off = { accountId, cloudRecording: false };
    await expect(school.accounts.change(off, asks('admin'))).rejects.toMatchObject({ code: 'zoomAccountHasReservations', details: { reservations: [{ lessonId: recorded.id }] } });
    await expect(school.accounts.change({ ...off, move: true }, asks('admin'))).rejects.toMatchObject({ code: 'zoomAccountHasReservations' });
    const other = await school.account(1);
    expect(await school.accounts.change({ ...off, move: true }, asks('admin'))).toMatchObject({ account: { cloudRecording: false }, movedLessons: [recorded.id] });
    const where = async (id: string) => (await school.pipeline.load(lesson, id, { fresh: true })).state;
    expect([await where(recorded.id), await where(plain.id)]).toMatchObject([{ accountId: other }, { accountId }]);
    await school.accounts.change({ accountId: other, capacity: 2 }, asks('admin'));
    await school.lessons.cancel({ lessonId: recorded.id, reason: 'ill' }, asks('admin'));
    expect((await school.accounts.change({ accountId: other, cloudRecording: false }, asks('admin'))).account.cloudRecording).toBe(false);
  });

  it('leases are never more than places, and a lease ends once', async () => {
    const accountId = await school.account(1);
    const until = '2026-03-02T10:00:00.000Z';
    const first = await school.accounts.acquire({ accountId, holder: 'parents evening', until }, asks('admin'));
    expect((await school.accounts.acquire({ accountId, holder: 'parents evening', until }, asks('admin'))).leaseId).toBe(first.leaseId);
    await expect(school.accounts.acquire({ accountId, holder: 'staff', until }, asks('admin'))).rejects.toMatchObject({ code: 'noLeaseFree', details: { leases: [{ holder: 'parents evening' }] } });
    const released = await school.accounts.release({ accountId, leaseId: first.leaseId }, asks('admin'));
    const second = await school.accounts.acquire({ accountId, holder: 'staff', until }, asks('admin'));
    const late = await school.accounts.release({ accountId, leaseId: first.leaseId }, asks('admin'));
    expect([released.account.activeLeases, second.account.activeLeases, late.account.activeLeases]).toEqual([0, 1, 1]);
  });
});
