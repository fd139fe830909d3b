import { startSchoolServer, type SchoolServer } from './support/schoolServer.ts';

type Client = Awaited<ReturnType<SchoolServer['client']>>;

/** It is Monday 2 March 2026, 08:00 UTC, 09:00 in Berlin, where the school is. */
describe('Zoom accounts over HTTP', () => {
  let s: SchoolServer;
  let manager: Client, auditor: Client, teacher: Client, student: Client;

  beforeAll(async () => {
    s = await startSchoolServer();
    for (const id of ['ada', 'bob', 'cay']) await s.person(id, 'teacher');
    [manager, auditor, teacher, student] = await Promise.all([s.client('mia', 'manager'), s.client('aud', 'auditor'), s.client('ada', 'teacher'), s.client('stu', 'student')]);
  });
  afterAll(() => s.stop());

  const register = (accountId: string, capacity = 1) =>
    manager.post('/zoom-accounts', { accountId, zoomUser: `${accountId}@host.example`, capacity, credentialsRef: 'main', cloudRecording: true });
  const plan = async (teacherId: string, localStart: string, durationMinutes = 60) => {
    const answer = await manager.post('/lessons', { title: 'x', teacherId, localStart, zone: 'Europe/Berlin', durationMinutes });
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as { id: string; lesson: { accountId: string } };
  };
  const account = async (id: string) => (await manager.get(`/zoom-accounts/${id}`)).body;

  it('registers an account once, and shows it to those who run or audit the school', async () => {
    const { status, body, headers } = await register('a1');
    expect([status, body.account, headers.get('location')]).toEqual([201, { id: 'a1', capacity: 1, enabled: true, cloudRecording: true, credentialsRef: 'main', activeLeases: 0 }, '/api/v1/zoom-accounts/a1']);
    expect(await manager.post('/zoom-accounts', { accountId: 'again', zoomUser: 'A1@HOST.example', capacity: 1, credentialsRef: 'main', cloudRecording: true })).toMatchObject({ status: 409, body: { code: 'zoomUserEnlisted' } });
    expect(await account('a1')).toMatchObject({ zoomUser: 'a1@host.example', available: true, currentMeetings: [], nextReservation: null, utilization: { meetings: 0, capacity: 1, percent: 0 } });
    expect((await auditor.get('/zoom-accounts')).body.items.map(({ id }: { id: string }) => id)).toEqual(['a1']);
    for (const who of [teacher, student]) expect(await who.get('/zoom-accounts')).toMatchObject({ status: 403 });
    expect(await auditor.post('/zoom-accounts/a1/disable', { reason: 'x' })).toMatchObject({ status: 403 });
    expect(await manager.get('/zoom-accounts/nowhere')).toMatchObject({ status: 404, body: { code: 'zoomAccountNotFound' } });
    expect(await manager.get('/zoom-accounts/nowhere/calendar')).toMatchObject({ status: 404 });
  });

  it('refuses to disable or shrink an account below its plan, with the list, unless its lessons may move', async () => {
    const { id, lesson } = await plan('ada', '2026-03-03T10:00');
    expect(lesson.accountId).toBe('a1');
    const refused = await manager.post('/zoom-accounts/a1/disable', { reason: 'licence ends' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'zoomAccountHasReservations' } });
    expect(refused.text).toContain(id);
    await register('a2', 2);
    const moved = await manager.post('/zoom-accounts/a1/disable', { reason: 'licence ends', move: true });
    expect(moved).toMatchObject({ status: 200, body: { account: { enabled: false }, movedLessons: [id] } });
    expect(await account('a1')).toMatchObject({ enabled: false, available: false, disabledReason: 'licence ends', nextReservation: null });
    expect(await account('a2')).toMatchObject({ nextReservation: { holder: id, from: '2026-03-03T09:00:00.000Z' } });
    await plan('bob', '2026-03-03T10:00');
    expect(await manager.patch('/zoom-accounts/a2', { capacity: 1 })).toMatchObject({ status: 409, body: { code: 'zoomAccountHasReservations' } });
    expect(await manager.post('/zoom-accounts/a1/enable')).toMatchObject({ status: 200 });
    expect(await manager.patch('/zoom-accounts/a1', { capacity: 3, credentialsRef: 'second' })).toMatchObject({ body: { account: { capacity: 3, credentialsRef: 'second' } } });
    expect(await manager.patch('/zoom-accounts/a1', { capacity: 1 })).toMatchObject({ status: 200 });
    expect(await manager.patch('/zoom-accounts/a1', {})).toMatchObject({ status: 400 });
  });

  it('leases a place by hand, never more than there are, and takes it back once', async () => {
    await register('a3', 2);
    const take = (holder: string) => manager.post('/zoom-accounts/a3/leases', { holder, until: '2026-03-02T09:00:00Z' });
    const first = await take('parents');
    expect(first).toMatchObject({ status: 201, body: { account: { activeLeases: 1 } } });
    expect((await take('parents')).body.leaseId).toBe(first.body.leaseId);
    await take('board');
    const full = await take('choir');
    expect(full).toMatchObject({ status: 409, body: { code: 'noLeaseFree' } });
    expect(full.text).toContain('parents');
    expect(await account('a3')).toMatchObject({ available: false, utilization: { meetings: 2, capacity: 2, percent: 100 }, currentMeetings: expect.arrayContaining([expect.objectContaining({ holder: 'parents', until: '2026-03-02T09:00:00.000Z' }), expect.objectContaining({ holder: 'board' })]) });
    const back = () => manager.post(`/zoom-accounts/a3/leases/${first.body.leaseId}/release`, {});
    expect(await back()).toMatchObject({ status: 200, body: { account: { activeLeases: 1 } } });
    const again = await take('choir');
    expect(await back()).toMatchObject({ status: 200, body: { account: { activeLeases: 2 } } }); // fenced: the next lease is not touched
    expect((await account('a3')).currentMeetings.map(({ holder }: { holder: string }) => holder).sort()).toEqual(['board', 'choir']);
    expect(again.status).toBe(201);
  });

  it('shows an account\'s calendar in pages, given-back places only if asked for', async () => {
    const on = (await account('a2')).nextReservation.holder;
    await manager.post(`/lessons/${on}/cancel`, { reason: 'x' });
    const query = 'from=2026-03-03T00:00:00Z&to=2026-03-04T00:00:00Z';
    expect((await manager.get(`/zoom-accounts/a2/calendar?${query}`)).body.items).toHaveLength(1);
    const all = (await manager.get(`/zoom-accounts/a2/calendar?${query}&released=true`)).body.items;
    expect(all).toHaveLength(2);
    const first = (await manager.get(`/zoom-accounts/a2/calendar?${query}&released=true&limit=1`)).body;
    const second = (await manager.get(`/zoom-accounts/a2/calendar?${query}&released=true&limit=1&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...second.items]).toEqual(all);
  });

  it('lists accounts that are free for a time, the gap included', async () => {
    const free = async (from: string, to: string) => Object.fromEntries((await manager.get(`/zoom-accounts/free?from=${from}&to=${to}`)).body.items.map(({ id, free: places }: { id: string; free: number }) => [id, places]));
    // on a2 (capacity 2) bob teaches 09:00 to 10:00 UTC
    expect(await free('2026-03-03T09:30:00Z', '2026-03-03T10:30:00Z')).toEqual({ a1: 1, a2: 1, a3: 2 });
    expect(await free('2026-03-03T10:04:00Z', '2026-03-03T10:30:00Z')).toMatchObject({ a2: 1 });
    expect(await free('2026-03-03T10:05:00Z', '2026-03-03T10:30:00Z')).toMatchObject({ a2: 2 });
    await manager.patch('/zoom-accounts/a2', { capacity: 1 });
    expect(await free('2026-03-03T08:00:00Z', '2026-03-03T08:56:00Z')).toEqual({ a1: 1, a3: 2 });
    expect(await manager.get('/zoom-accounts/free?from=2026-03-03T10:00:00Z&to=2026-03-03T09:00:00Z')).toMatchObject({ status: 400 });
    expect(await manager.get('/zoom-accounts/free')).toMatchObject({ status: 400 });
  });

  it('replays what was asked for on another pool', async () => {
    for (const who of ['ada', 'bob', 'cay']) await plan(who, '2026-03-10T10:00');
    const ask = async (accounts: number, capacity: number) => (await manager.get(`/zoom-accounts/what-if?accounts=${accounts}&capacity=${capacity}&from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z`)).body;
    expect(await ask(3, 1)).toMatchObject({ asked: 3, placed: 3, refusals: 0, peak: { meetings: 3, at: '2026-03-10T09:00:00.000Z' }, accountsUsed: 3 });
    expect(await ask(1, 2)).toMatchObject({ asked: 3, placed: 2, refusals: 1, accountsUsed: 1, refused: [{ from: '2026-03-10T09:00:00.000Z' }] });
    // what was cancelled before it began is no part of the peak, and frees its place for who comes after
    const [gone] = (await manager.get('/lessons?from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z&teacher=ada')).body.items; // ada asked first, so she has a place on every pool
    await manager.post(`/lessons/${gone.id}/cancel`, { reason: 'x' });
    await plan(gone.teacher.id, '2026-03-10T10:30');
    expect(await ask(1, 3)).toMatchObject({ asked: 4, refusals: 0, peak: { meetings: 3, at: '2026-03-10T09:30:00.000Z' } });
    expect(await ask(1, 2)).toMatchObject({ asked: 4, refusals: 1 });
    expect(await manager.get('/zoom-accounts/what-if?accounts=0&capacity=1&from=2026-03-10T00:00:00Z&to=2026-03-11T00:00:00Z')).toMatchObject({ status: 400 });
  });

  it('leaves a log without a finding, and read models that a fresh fold would give', async () => {
    expect(await s.audits()).toEqual({ findings: [], readModels: ['directory equal', 'lessons equal', 'zoomAccounts equal'] });
  });
});
