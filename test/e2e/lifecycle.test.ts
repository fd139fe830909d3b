import { randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually.ts';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

type Role = keyof LecternProcess['ready']['tokens'];
type Account = { available: boolean; utilization: { meetings: number; capacity: number }; currentMeetings: { holder: string }[] };

describe('the life of an account that two lessons share', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LecternProcess;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await temporaryFolder();
    environment = { DATABASE_URL: database.url, LECTERN_MASTER_KEY: randomBytes(32).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64') };
    server = await startLectern({ dataDir: folder.path, environment });
  }, 60_000);
  afterAll(async () => {
    await server?.terminate();
    await database?.drop();
    await folder?.remove();
  });

  /** The position of the last command: whoever reads afterwards sees its effect. */
  let position = '';
  async function call(method: string, path: string, body?: object, role: Role = 'admin') {
    const response = await fetch(`${server.ready.url}${path}`, {
      method, headers: {
        authorization: `Bearer ${server.ready.tokens[role]}`, ...(body ? { 'content-type': 'application/json' } : {}), ...(method === 'GET' && position !== '' ? { 'min-position': position } : {}),
      }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    position = method === 'GET' ? position : response.headers.get('position') ?? position;
    return { status: response.status, body: await response.json() as Record<string, unknown> };
  }
  const api = async (method: string, path: string, body?: object, role?: Role) => {
    const answer = await call(method, `/api/v1${path}`, body, role);
    if (answer.status >= 400) throw new Error(`${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const pass = (minutes: number) => call('POST', '/_sandbox/clock', { byMinutes: minutes });
  const account = async () => (await api('GET', '/zoom-accounts/main')) as unknown as Account;
  const lesson = async (id: string) => api('GET', `/lessons/${id}`);
  const inMinutes = async (minutes: number) => new Date(Date.parse((await call('GET', '/_sandbox/clock')).body['now'] as string) + minutes * 60_000).toISOString().slice(0, 16);
  const plan = async (teacherId: string, minutes: number, durationMinutes: number) =>
    (await api('POST', '/lessons', { title: `${durationMinutes} minutes`, teacherId, localStart: await inMinutes(minutes), zone: 'UTC', durationMinutes }))['id'] as string;
  const runJob = async (name: string) => {
    const { runId } = await api('POST', `/jobs/${name}/runs`);
    return eventually(async () => {
      const run = await api('GET', `/jobs/runs/${runId as string}`);
      if (run['status'] === 'failed') throw new Error(JSON.stringify(run));
      return run['status'] === 'succeeded' ? run['result'] as { accountsProcessed: number; meetingsReleased: number } : undefined;
    });
  };

  it('is full while one lesson is over and one goes on; the job frees only the place of the first; at the end all is free', async () => {
    for (const personId of ['teacher', 'bob']) await api('POST', '/people', { personId, name: personId, email: `${personId}@school.example`, role: 'teacher', timeZone: 'UTC' });
    await api('POST', '/zoom-accounts', { accountId: 'main', zoomUser: 'host@school.example', capacity: 2, credentialsRef: 'default', cloudRecording: true });

    const short = await plan('teacher', 10, 30);
    const long = await plan('bob', 10, 180);
    for (const id of [short, long]) await api('POST', `/lessons/${id}/start`);
    const third = await call('POST', '/api/v1/zoom-accounts/main/leases', { holder: 'parents', until: `${await inMinutes(60)}:00Z` });
    expect(third).toMatchObject({ status: 409, body: { code: 'noLeaseFree' } });

    await pass(45); // the short one is over, and within its grace
    expect(await account()).toMatchObject({ available: false, utilization: { meetings: 2, capacity: 2 } });
    expect((await api('GET', '/metrics/operations'))['zoomAccounts']).toMatchObject({ total: 1, available: 0, inUse: 1, inUseMeetings: 2, utilizationPercent: 100, capacityPercent: 100 });
    expect((await runJob('releaseFinishedZoomAccounts')).meetingsReleased).toBe(0);

    await pass(10); // past the grace: this run or the one of the clock's tick frees it
    await runJob('releaseFinishedZoomAccounts');
    const half = await eventually(async () => {
      const now = await account();
      return now.utilization.meetings === 1 ? now : undefined;
    });
    expect(half).toMatchObject({ available: true, utilization: { meetings: 1, capacity: 2 }, currentMeetings: [{ holder: long }] });
    await eventually(async () => (await lesson(short))['status'] === 'finished');
    expect((await lesson(long))['status']).toBe('live');

    await api('POST', `/lessons/${long}/end`);
    expect(await account()).toMatchObject({ available: true, utilization: { meetings: 0, capacity: 2 }, currentMeetings: [] });
    expect((await api('GET', '/metrics/operations'))['lessons']).toMatchObject({ activeNow: 0 });

    const { items } = await api('GET', `/lessons/${short}/timeline?limit=200`, undefined, 'auditor');
    expect((items as { words: string }[]).map(({ words }) => words)).toEqual(expect.arrayContaining([expect.stringMatching(/^Scheduled “30 minutes”/), expect.stringMatching(/^Started by an admin/), 'Finished by the release job']));
  }, 90_000);

  it('leaves a log without a finding, and read models that a fresh fold would give', async () => {
    const pool = await runLectern(['audit', 'pool', '--json'], { dataDir: folder.path, environment });
    expect([pool.stderr, pool.code, JSON.parse(pool.stdout)]).toEqual([expect.anything(), 0, expect.objectContaining({ ok: true, findings: [], orphanReservations: [], accounts: [expect.objectContaining({ id: 'main', peakLeased: 2 })] })]);
    const views = await runLectern(['audit', 'read-models', '--json'], { dataDir: folder.path, environment });
    expect((JSON.parse(views.stdout) as { readModel: string; outcome: string }[]).map(({ readModel, outcome }) => [readModel, outcome])).toEqual([['directory', 'equal'], ['lessons', 'equal'], ['rooms', 'equal'], ['zoomAccounts', 'equal']]);
    expect(views.code).toBe(0);
  }, 90_000);
});
