import { healthOf } from '../../src/http/routes/operations.ts';
import { eventually } from '../support/eventually.ts';
import { startSchoolServer, type SchoolServer } from './support/schoolServer.ts';

describe('how the school runs', () => {
  let s: SchoolServer;
  beforeAll(async () => { s = await startSchoolServer(); });
  afterAll(() => s.stop());
  const operations = async () => (await (await s.client('aud', 'auditor')).get('/metrics/operations')).body;

  it.each([[0, 'healthy'], [79.9, 'healthy'], [80, 'warning'], [95, 'warning'], [95.1, 'critical'], [100, 'critical']] as const)('%d %% in use is %s', (percent, status) => {
    expect(healthOf(percent)).toBe(status);
  });

  it('answers for a school that has nothing yet', async () => {
    // A machine so busy that a first connection takes 2 s is rightly told of for half a second.
    const atRest = await eventually(async () => { const now = await operations(); return now.health.issues.length === 0 && now; }, { timeoutMs: 5_000 }).catch(operations);
    expect(atRest).toEqual({
      jobs: [],
      zoomAccounts: { total: 0, available: 0, inUse: 0, inUseMeetings: 0, utilizationPercent: 0, capacityPercent: 0 },
      lessons: { activeNow: 0, todayTotal: 0 },
      health: { status: 'healthy', issues: [] },
    });
  });

  it('counts accounts, meetings and lessons, and takes its health from the larger percentage', async () => {
    for (const [id, capacity] of [['a1', 2], ['a2', 1], ['a3', 1]] as const) await s.account(id, capacity);
    await s.school.teacher('ada');
    const manager = await s.client('mia', 'manager');
    const plan = async (localStart: string) => (await manager.post('/lessons', { title: 'x', teacherId: 'ada', localStart, zone: 'Europe/Berlin', durationMinutes: 60 })).body.id as string;
    const first = await plan('2026-03-02T09:05'); // now is 09:00 in Berlin
    await plan('2026-03-02T23:00');
    await plan('2026-03-03T00:00');
    await (await s.client('ada', 'teacher')).post(`/lessons/${first}/start`);
    expect(await operations()).toMatchObject({
      zoomAccounts: { total: 3, available: expect.any(Number), inUse: 1, inUseMeetings: 1, utilizationPercent: 33.3, capacityPercent: 25 },
      lessons: { activeNow: 1, todayTotal: 2 }, health: { status: 'healthy' },
    });
    for (const id of ['a1', 'a2', 'a3']) await manager.post(`/zoom-accounts/${id}/leases`, { holder: `x-${id}`, until: '2026-03-02T09:00:00Z' });
    const full = await operations();
    expect(full.zoomAccounts).toMatchObject({ inUse: 3, utilizationPercent: 100 });
    expect(full.health).toMatchObject({ status: 'critical', issues: [{ code: 'poolFull' }] });
  });

  it('lists what is wrong', async () => {
    s.operations.parked.push({ task: 'syncMeeting', key: 'l1', error: 'Zoom refuses' });
    s.operations.vendorsDown.push('zoom');
    s.operations.jobs.push({ name: 'sealLog', schedule: '0 3 * * *', enabled: true, lastRunAt: '2026-03-02T03:00:00.000Z', totalRunCount: 4, lastStatus: 'failed', lastError: 'no log' });
    const { health, jobs } = await operations();
    expect(health.issues).toEqual(expect.arrayContaining([
      { code: 'parkedJobs', subject: 'syncMeeting', message: '1 jobs wait for a hand, the first: l1: Zoom refuses' },
      { code: 'vendorDown', subject: 'zoom', message: 'zoom does not answer' }, { code: 'jobFailed', subject: 'sealLog', message: 'no log' },
    ]));
    expect(jobs).toEqual([{ name: 'sealLog', schedule: '0 3 * * *', enabled: true, lastRunAt: '2026-03-02T03:00:00.000Z', totalRunCount: 4, lastStatus: 'failed', lastError: 'no log' }]);
  });

  it('is not for teachers and students', async () => {
    for (const role of ['teacher', 'student'] as const) expect(await (await s.client('x', role)).get('/metrics/operations')).toMatchObject({ status: 403 });
  });
});
