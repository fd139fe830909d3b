import { RetryLater } from '../../../src/adapters/reactors/retryLater.ts';
import { createSyncLeases } from '../../../src/adapters/zoom/syncLeases.ts';
import { zoomMeeting } from '../../../src/domain/zoomMeeting/index.ts';
import { context, createSchoolHarness } from './schoolHarness.ts';

type School = Awaited<ReturnType<typeof createSchoolHarness>>;
let school: School;
beforeEach(async () => {
  school = await createSchoolHarness();
  await school.account('a1');
  await school.account('a2');
});
afterEach(async () => {
  await school.close();
});

const reservation = (n: number, lessonId = 'l1') => `${lessonId}.${n}`;
const later = (hours: number) => {
  const start = Math.ceil((school.clock.now().getTime() + hours * 3600_000) / 60_000) * 60_000;
  return { localStart: '2026-03-02T19:00', zone: 'Europe/Kyiv', durationMinutes: 45, startsAt: new Date(start).toISOString(), endsAt: new Date(start + 45 * 60_000).toISOString() };
};
const reschedule = (hours: number, accountId: string, n: number) => school.change('l1', { type: 'reschedule', ...later(hours), accountId, reservationId: reservation(n), at: school.clock.now().toISOString() });
const cancel = () => school.change('l1', { type: 'cancel', reason: 'ill', at: school.clock.now().toISOString() });

describe('a lesson\'s meeting', () => {
  it('is claimed, created and recorded; a second look does nothing', async () => {
    await school.schedule('l1');
    expect(await school.sync('l1')).toBe('inStep');
    expect(await school.sync('l1')).toBe('inStep');
    expect(await school.events('zoomMeeting-l1')).toEqual(['MeetingClaimed', 'MeetingCreated']);
    expect(await school.refs()).toEqual(['l1.1']);
    const [made] = (await school.zoom.control.state()).meetings;
    expect(await school.meeting('l1')).toMatchObject({ status: 'created', generation: 1, meetingId: String(made!.id), passcode: made!.password });
  });

  it('is made anew, with the next generation, when the lesson moves in time, moves to another account, or is renamed', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await reschedule(40, 'a1', 2);
    await school.sync('l1');
    expect(await school.refs()).toEqual(['l1.2']);
    await school.change('l1', { type: 'moveToAccount', accountId: 'a2', reservationId: reservation(3), reason: 'pool' });
    await school.sync('l1');
    expect(await school.refs()).toEqual(['l1.3']);
    await school.change('l1', { type: 'changeDetails', title: 'Decimals' });
    await school.sync('l1');
    const [left, ...others] = (await school.zoom.control.state()).meetings;
    expect([left?.topic, others]).toEqual(['Decimals', []]);
    expect((await school.meeting('l1')).generation).toBe(4);
  });

  it('of a cancelled lesson is deleted, also when somebody deleted it at Zoom, also while it runs', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await school.zoom.control.start((await school.meeting('l1')).meetingId);
    await cancel();
    expect(await school.sync('l1')).toBe('notWanted');
    expect(await school.refs()).toEqual([]);
    expect((await school.meeting('l1')).status).toBe('deleted');
    await school.schedule('l2');
    await school.sync('l2');
    await school.zoom.meetings.delete({ credentialsRef: 'default', user: 'a1@school.example' }, (await school.meeting('l2')).meetingId);
    await school.change('l2', { type: 'cancel', reason: 'ill', at: school.clock.now().toISOString() });
    await school.sync('l2');
    expect((await school.meeting('l2')).status).toBe('deleted');
  });

  it('is made at most 14 days ahead', async () => {
    await school.schedule('l1', { inHours: 15 * 24 });
    expect(await school.sync('l1')).toBe('tooEarly');
    await school.moveClock(2 * 86_400_000);
    expect(await school.sync('l1')).toBe('inStep');
  });

  it('is not made for a lesson that is over, and stays as it is once the lesson is finished', async () => {
    await school.schedule('l1', { inHours: 1 });
    await school.schedule('l2', { inHours: 1 });
    await school.sync('l2');
    await school.moveClock(3 * 3600_000);
    expect(await school.sync('l1')).toBe('over');
    await school.change('l2', { type: 'finish', by: 'meeting', at: school.clock.now().toISOString() });
    expect(await school.sync('l2')).toBe('over');
    expect(await school.refs()).toEqual(['l2.1']);
  });

  it('is not taken from people who are in it because somebody corrects the title', async () => {
    await school.schedule('l1', { inHours: 0.1 });
    await school.sync('l1');
    await school.change('l1', { type: 'start', accountId: 'a1', leaseId: 'x', by: 'teacher', earliestMinutes: 15, at: school.clock.now().toISOString() });
    await school.change('l1', { type: 'changeDetails', title: 'Decimals' });
    expect(await school.sync('l1')).toBe('inStep');
    expect(await school.refs()).toEqual(['l1.1']);
  });
});

describe('when a create\'s fate is unknown', () => {
  it.each(['timeoutAfter', 'statusAfter', 'dropAfter'])('the meeting is found by its ref and adopted: %s', async (kind) => {
    await school.schedule('l1');
    await school.zoom.control.fault({ kind, method: 'POST', path: 'users/.*/meetings$', count: 1 });
    await expect(school.sync('l1')).rejects.toMatchObject({ code: 'unknownOutcome' });
    expect((await school.meeting('l1')).status).toBe('failed');
    expect(await school.sync('l1')).toBe('inStep');
    expect(await school.refs()).toEqual(['l1.1']);
    expect(await school.events('zoomMeeting-l1')).toEqual(['MeetingClaimed', 'MeetingFailed', 'MeetingCreated']);
    expect((await school.store.readStream('zoomMeeting-l1')).at(-1)?.data).toMatchObject({ adopted: true });
  });

  it('duplicates of the ref are deleted', async () => {
    const host = { credentialsRef: 'default', user: 'a1@school.example' };
    await school.schedule('l1');
    const { startsAt } = later(30);
    for (let n = 0; n < 3; n += 1) await school.zoom.meetings.create(host, { ref: 'l1.1', title: 'x', startsAt, zone: 'UTC', durationMinutes: 45, autoRecord: false });
    await school.sync('l1');
    expect(await school.refs()).toEqual(['l1.1']);
  });

  it('a lesson that moved there and back does not adopt the meeting that is being deleted', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    const { plan } = await school.meeting('l1');
    const back = { ...later(30), localStart: '2026-03-02T18:00', startsAt: plan!.startsAt, endsAt: new Date(Date.parse(plan!.startsAt) + 45 * 60_000).toISOString() };
    await reschedule(40, 'a2', 2);
    await school.zoom.control.fault({ kind: 'status', status: 500, method: 'DELETE', count: 4 });
    await expect(school.sync('l1')).rejects.toMatchObject({ code: 'unavailable' });
    await school.change('l1', { type: 'reschedule', ...back, accountId: 'a1', reservationId: reservation(3), at: school.clock.now().toISOString() });
    await school.sync('l1');
    expect(await school.meeting('l1')).toMatchObject({ status: 'created', generation: 2 });
    expect(await school.refs()).toEqual(['l1.2']);
  });

  it('a move whose claim died halfway leaves nothing behind on the old account', async () => {
    await school.schedule('l1');
    await school.zoom.control.fault({ kind: 'dropAfter', method: 'POST', path: 'users/.*/meetings$', count: 1 });
    await expect(school.sync('l1')).rejects.toBeDefined();
    await reschedule(40, 'a2', 2);
    await school.sync('l1');
    expect(await school.refs()).toEqual(['l1.2']);
  });
});

describe('when Zoom says no', () => {
  it('the last attempt parks it, and a later one goes on', async () => {
    await school.schedule('l1');
    await school.zoom.control.fault({ kind: 'status', status: 400, method: 'POST', path: 'users/.*/meetings$', count: 2 });
    await expect(school.sync('l1')).rejects.toMatchObject({ code: 'rejected' });
    expect((await school.meeting('l1')).failure).toMatchObject({ code: 'rejected', parked: false });
    await expect(school.sync('l1', true)).rejects.toMatchObject({ code: 'rejected' });
    expect((await school.meeting('l1')).failure).toMatchObject({ parked: true });
    expect(await school.sync('l1')).toBe('inStep');
  });

  it('a long Retry-After is handed on exactly', async () => {
    await school.schedule('l1');
    await school.zoom.control.fault({ kind: 'rateLimited', seconds: 90, path: 'users/', count: 1 });
    const error = await school.sync('l1').then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(RetryLater);
    expect((error as RetryLater).delayMs).toBe(90_000);
    expect((await school.meeting('l1')).failure).toBeNull(); // being told to wait is not failing
  });

  it('a daily 429 closes the account\'s day, and the next UTC day is open again', async () => {
    await school.schedule('l1', { inHours: 60 });
    await school.schedule('l2', { inHours: 61 });
    await school.zoom.control.fault({ kind: 'rateLimited', limit: 'day', retryAfter: 'none', method: 'POST', path: 'users/.*/meetings$', count: 1 });
    expect(await school.sync('l1')).toBe('dayFull');
    expect(await school.hostDays.left('a1', 'sameDay')).toBe(0);
    expect(await school.sync('l2')).toBe('dayFull');
    expect(await school.events('zoomMeeting-l2')).toEqual([]);
    await school.moveClock(86_400_000);
    expect(await school.sync('l1')).toBe('inStep');
    expect(await school.sync('l2')).toBe('inStep');
  });

  it('of a host\'s 100 a day, 20 are kept for lessons of the next 24 hours, and sooner lessons come first', async () => {
    await school.schedule('far', { inHours: 100 });
    await school.schedule('near', { inHours: 3 });
    await school.schedule('soon', { inHours: 50 });
    for (let n = 0; n < 79; n += 1) await school.hostDays.take('a1', 'ahead');
    school.sooner.count = 1; // "soon" begins before "far", and one place is left
    expect(await school.sync('far')).toBe('dayFull');
    school.sooner.count = 0;
    expect(await school.sync('soon')).toBe('inStep');
    expect(await school.sync('far')).toBe('dayFull');
    expect(await school.sync('near')).toBe('inStep');
    expect(await school.refs()).toEqual(['near.1', 'soon.1']);
  });
});

describe('two workers', () => {
  it('never make two meetings of one lesson', async () => {
    await school.schedule('l1');
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => school.sync('l1')));
    expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(results.every((result) => result.status === 'fulfilled' || result.reason instanceof RetryLater)).toBe(true);
    expect((await school.zoom.control.state()).calls['POST /v2/users/*/meetings']).toBe(1);
  });

  it('that lost its lease stops before it calls Zoom', async () => {
    await school.schedule('l1');
    const leases = createSyncLeases(school.zoom.database.pool);
    const stolen = school.syncWith({ leases: { take: async (lessonId: string) => {
      const lease = await leases.take(lessonId);
      await school.zoom.database.pool.query('update lectern.zoom_sync_leases set holder = gen_random_uuid()');
      return lease;
    } } });
    await expect(stolen('l1', { context: context(), isLastAttempt: false })).rejects.toBeInstanceOf(RetryLater);
    expect((await school.zoom.control.state()).meetings).toEqual([]);
  });
});

describe('reconciling with Zoom', () => {
  const host = { credentialsRef: 'default', user: 'a1@school.example' };
  const found = () => school.events('drift-zoom');

  it('finds nothing where nothing differs, and touches no meeting that is not ours', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await school.zoom.meetings.create(host, { ref: 'x', title: 'Staff', startsAt: later(5).startsAt, zone: 'UTC', durationMinutes: 30, autoRecord: false });
    expect(await school.reconcile()).toMatchObject({ accountsCompared: 2, missingAtVendor: 0, unknownAtVendor: 0, differing: 0, repaired: 0 });
    expect(await found()).toEqual([]);
    expect(await school.refs()).toEqual(['l1.1', 'x']);
  });

  it('deletes duplicates and old generations, and reports but leaves what bears a ref that this log does not know', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await reschedule(40, 'a1', 2);
    await school.sync('l1');
    for (const ref of ['l1.1', 'l1.2', 'other.1']) await school.zoom.meetings.create(host, { ref, title: 'x', startsAt: later(5).startsAt, zone: 'UTC', durationMinutes: 30, autoRecord: false });
    expect(await school.reconcile()).toMatchObject({ unknownAtVendor: 3, repaired: 2 });
    await school.reconcile();
    expect(await school.refs()).toEqual(['l1.2', 'other.1']);
    expect((await found()).sort()).toEqual(['DriftDetected', 'DriftDetected', 'DriftDetected', 'DriftRepaired', 'DriftRepaired']);
    expect((await school.meeting('l1')).status).toBe('created');
  });

  it('has a meeting that vanished made again, but not one that Zoom did not show because it failed', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await school.moveClock(10 * 60_000);
    await school.zoom.control.fault({ kind: 'status', status: 503, method: 'GET' });
    expect(await school.reconcile()).toMatchObject({ accountsCompared: 0, accountsUnreachable: 2, missingAtVendor: 0 });
    await school.zoom.control.noFaults();
    await school.zoom.meetings.delete(host, (await school.meeting('l1')).meetingId);
    expect(await school.reconcile()).toMatchObject({ missingAtVendor: 1, repaired: 1 });
    expect(school.asked).toMatchObject([{ task: 'syncMeeting', key: 'l1' }]);
    await school.sync('l1');
    expect(await school.refs()).toEqual(['l1.2']);
    expect(await found()).toEqual(['DriftDetected', 'DriftRepaired']);
  });

  it('has a meeting that was moved at Zoom made again as planned', async () => {
    await school.schedule('l1');
    await school.sync('l1');
    await school.zoom.client.call('default', { method: 'PATCH', route: '/meetings/{meetingId}', params: { meetingId: (await school.meeting('l1')).meetingId }, body: { start_time: `${later(50).startsAt.slice(0, 19)}Z` }, category: 'light', repeatable: true });
    expect(await school.reconcile()).toMatchObject({ differing: 1, repaired: 1 });
    await school.sync('l1');
    const [made] = (await school.zoom.control.state()).meetings;
    expect(Date.parse(made!.startTime)).toBe(Date.parse((await school.pipeline.load(zoomMeeting, 'l1')).state.plan!.startsAt));
  });

  it('asks again for what a lesson wants when the job that should have done it was lost', async () => {
    await school.schedule('l1');
    await school.schedule('l2', { inHours: 32 });
    await school.sync('l1');
    await school.sync('l2');
    await cancel();
    await school.change('l2', { type: 'reschedule', ...later(44), accountId: 'a1', reservationId: reservation(2, 'l2'), at: school.clock.now().toISOString() });
    expect(await school.reconcile()).toMatchObject({ differing: 2, repaired: 0 });
    expect(school.asked.map(({ task, key }) => [task, key]).sort()).toEqual([['syncMeeting', 'l1'], ['syncMeeting', 'l2']]);
    expect(await school.reconcile()).toMatchObject({ differing: 2, repaired: 0 });
    expect(await found()).toEqual(['DriftDetected', 'DriftDetected']);
    await school.sync('l1');
    await school.sync('l2');
    expect(await school.refs()).toEqual(['l2.2']);
    expect(await school.reconcile()).toMatchObject({ differing: 0, repaired: 2 });
    expect(await found()).toEqual(['DriftDetected', 'DriftDetected', 'DriftRepaired', 'DriftRepaired']);
    expect(await school.reconcile()).toMatchObject({ differing: 0, repaired: 0 });
  });
});
