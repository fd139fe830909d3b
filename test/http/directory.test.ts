import { randomUUID } from 'node:crypto';
import { createHeartbeat } from '../../src/adapters/processes/heartbeat.ts';
import { createProcessIdentity } from '../../src/adapters/processes/processIdentity.ts';
import { createPostgresLogContents } from '../../src/adapters/logContents/postgresLogContents.ts';
import { createJobs } from '../../src/adapters/jobs/jobs.ts';
import { createPool } from '../../src/adapters/postgres/pool.ts';
import { person } from '../../src/domain/person/index.ts';
import type { Role } from '../../src/domain/kernel/fields.ts';
import { createPersonAccess } from '../../src/http/auth/personAccess.ts';
import { createIdempotencyStore } from '../../src/http/idempotency/store.ts';
import { directoryRoutes } from '../../src/http/routes/directory.ts';
import { jobRoutes, type JobRouteDeps } from '../../src/http/routes/jobs.ts';
import { systemRoutes } from '../../src/http/routes/system.ts';
import { directory } from '../../src/projections/directory/projection.ts';
import { createDirectoryQueries } from '../../src/projections/directory/queries.ts';
import { createProjectionEngine } from '../../src/projections/engine/engine.ts';
import { asks, openSchool } from '../commands/support/school.ts';
import { quiet } from '../support/engineLog.ts';
import { eventually } from '../support/eventually.ts';
import type { Answer, Ask } from '../support/httpContract.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { issue, startTestServer } from './support/testServer.ts';

type Parked = Awaited<ReturnType<JobRouteDeps['parked']['listParked']>>[number];

describe('directory, jobs, events and clock over HTTP', () => {
  let database: TestDatabase;
  let school: ReturnType<typeof openSchool>;
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let stop: () => Promise<void>;
  const parked: Parked[] = [];
  const retried: unknown[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const pool = createPool({ url: database.url, applicationName: 'lectern', max: 10, log: { warn: () => undefined } });
    school = openSchool({ url: database.url });
    const self = createProcessIdentity();
    const engine = createProjectionEngine({ log: school.log, pool, readModels: [directory], clock: school.clock, process: self, logger: quiet, tickMs: 100 });
    await engine.start();
    const queries = createDirectoryQueries(pool as never, engine);
    const heartbeat = createHeartbeat({ pool, process: self, logger: quiet });
    await heartbeat.start();
    const jobs = createJobs({
      pool, log: school.log, clock: school.clock, zone: 'Europe/Berlin', process: self, heartbeat, logger: quiet,
      jobs: [
        { name: 'countThings', schedule: '0 3 * * *', run: () => Promise.resolve({ things: 7 }) },
        { name: 'failAlways', schedule: '0 3 * * *', run: () => Promise.reject(new Error('no luck')) },
      ],
    });
    await jobs.start();
    const people = createPersonAccess(queries.access);
    school.pipeline.onState(person, (id, { status, role }) => people.learn(id, { role, active: status === 'active' }));
    let offset = 0;
    const sandboxClock = {
      now: () => new Date(Date.parse('2026-03-02T08:00:00.000Z') + offset),
      offsetMs: () => offset,
      moveTo: (to: Date) => {
        const wanted = to.getTime() - Date.parse('2026-03-02T08:00:00.000Z');
        if (wanted < offset) return Promise.reject(Object.assign(new Error('back'), { name: 'ClockRunsBack' }));
        offset = wanted;
        return Promise.resolve();
      },
    };
    server = await startTestServer(
      [
        ...directoryRoutes({ commands: school.directory, queries }),
        ...jobRoutes({ jobs, parked: { listParked: () => Promise.resolve(parked), retryParked: (ids) => { retried.push(ids); return Promise.resolve(ids === 'all' ? ['1'] : [...ids]); } } }),
        ...systemRoutes({ log: school.log, contents: createPostgresLogContents(pool, school.store), sandboxClock }),
      ],
      { people, readModels: engine, idempotency: createIdempotencyStore(pool) },
    );
    stop = async () => {
      await server.stop();
      await jobs.stop();
      await heartbeat.stop();
      await engine.stop();
      await school.close();
      await pool.end();
      await database.drop();
    };
  });
  afterAll(() => stop());

  /** Whoever asks sees everything that was written before. */
  const as = async (id: string, role: Role) => {
    const client = server.client.as(await issue(id, role, 600));
    return {
      ...client,
      get: async (path: string, options: Ask = {}): Promise<Answer> => {
        const head = await school.log.head();
        return client.get(`/api/v1${path}`, { ...options, headers: { ...(head === '' ? {} : { 'min-position': head }), ...options.headers } });
      },
      post: (path: string, body?: unknown, options?: Ask) => client.post(`/api/v1${path}`, body, options),
      patch: (path: string, body?: unknown, options?: Ask) => client.patch(`/api/v1${path}`, body, options),
      put: (path: string, body?: unknown, options?: Ask) => client.put(`/api/v1${path}`, body, options),
      delete: (path: string, options?: Ask) => client.delete(`/api/v1${path}`, options),
    };
  };
  const newcomer = (personId: string, role: Role = 'teacher') => ({ personId, name: `${personId} Smith`, email: `${personId}@school.example`, role, timeZone: 'Europe/Berlin' });

  it('registers a person, shows them, changes them by the revision that was seen', async () => {
    const admin = await as('root', 'admin');
    const made = await admin.post('/people', newcomer('ada'));
    expect([made.status, made.body.id, made.headers.get('etag'), made.headers.get('location')]).toEqual([201, 'ada', '"0"', '/api/v1/people/ada']);
    const shown = await admin.get('/people/ada');
    expect(shown.body).toMatchObject({ id: 'ada', name: 'ada Smith', email: 'ada@school.example', role: 'teacher', active: true, timeZone: 'Europe/Berlin' });
    const etag = shown.headers.get('etag')!;
    const changed = await admin.patch('/people/ada', { name: 'Ada Lovelace' }, { headers: { 'if-match': etag } });
    expect([changed.status, changed.body.revision]).toEqual([200, 1]);
    expect((await admin.patch('/people/ada', { name: 'Late' }, { headers: { 'if-match': etag } })).body).toMatchObject({ status: 412, code: 'staleRevision' });
    expect((await admin.get('/people/ada')).body.name).toBe('Ada Lovelace');
    expect((await admin.post('/people', newcomer('ada'))).body).toMatchObject({ status: 409, code: 'personExists' });
    expect((await admin.post('/people', { ...newcomer('x'), timeZone: 'Mars/Base' })).body).toMatchObject({ status: 422, code: 'unknownTimeZone' });
    expect((await admin.get('/people/nobody')).body).toMatchObject({ status: 404, code: 'personNotFound' });
    expect((await admin.patch('/people/ada', {})).status).toBe(400);
  });

  it('gives a retried registration the first answer, and one person', async () => {
    const admin = await as('root', 'admin');
    const body = { name: 'Key Holder', email: 'key@school.example', role: 'student', timeZone: 'Europe/Berlin' };
    const headers = { 'idempotency-key': randomUUID() };
    const [first, again] = [await admin.post('/people', body, { headers }), await admin.post('/people', body, { headers })];
    expect([again.text, again.headers.get('idempotent-replayed'), again.headers.get('location')]).toEqual([first.text, 'true', first.headers.get('location')]);
    expect((await admin.get('/people?email=KEY@school.example')).body.items).toHaveLength(1);
  });

  it('pages people steadily while others arrive', async () => {
    const admin = await as('root', 'admin');
    for (const id of ['p1', 'p3', 'p5']) await admin.post('/people', newcomer(id, 'student'));
    const first = await admin.get('/people?role=student&limit=2');
    await admin.post('/people', newcomer('p0', 'student'));
    await admin.post('/people', newcomer('p4', 'student'));
    const seen = [...first.body.items];
    for (let cursor = first.body.nextCursor; cursor !== null;) {
      const page = await admin.get(`/people?role=student&limit=2&cursor=${cursor}`);
      seen.push(...page.body.items);
      cursor = page.body.nextCursor;
    }
    const ids = seen.map((one: { id: string }) => one.id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
    expect(ids).toEqual(expect.arrayContaining(['p1', 'p3', 'p4', 'p5']));
    expect((await admin.get('/people?cursor=bm9uc2Vuc2U')).body).toMatchObject({ status: 400, code: 'invalidCursor' });
    expect((await admin.get('/people?limit=201')).status).toBe(400);
  });

  it('lets managers run the directory, but neither make nor touch an admin', async () => {
    const [admin, manager] = [await as('root', 'admin'), await as('mia', 'manager')];
    await admin.post('/people', newcomer('boss', 'admin'));
    await admin.get('/people/boss');
    for (const refused of [
      await manager.post('/people', newcomer('evil', 'admin')), await manager.patch('/people/ada', { role: 'admin' }),
      await manager.patch('/people/boss', { name: 'Nobody' }), await manager.post('/people/boss/deactivate'),
    ]) expect(refused.body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await manager.patch('/people/ada', { timeZone: 'Europe/Kyiv' })).status).toBe(200);
    const { personId: _, ...newOne } = newcomer('nina', 'student');
    expect((await manager.post('/people', newOne)).status).toBe(201);
  });

  it('lets no manager say what the bearer of an admin\'s token is whom the directory does not know', async () => {
    const [root, manager] = [await as('root', 'admin'), await as('mia', 'manager')];
    expect((await manager.post('/people', newcomer('root', 'student'))).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await root.get('/me')).body).toMatchObject({ role: 'admin', person: null });
  });

  it('asks the person\'s own stream who is an admin: a view that lags would let a manager touch one', async () => {
    await school.directory.registerPerson(newcomer('chief', 'admin'), asks('admin'));
    await expect(school.directory.deactivatePerson({ personId: 'chief' }, asks('manager'))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(school.directory.changePerson({ personId: 'chief', email: 'mine@school.example' }, asks('manager'))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('shuts out whoever is deactivated at once, and lets them back in', async () => {
    const admin = await as('root', 'admin');
    await admin.post('/people', newcomer('tom'));
    await admin.get('/people/tom');
    const tom = await as('tom', 'teacher');
    expect((await tom.get('/me')).body).toMatchObject({ id: 'tom', role: 'teacher', person: { name: 'tom Smith' } });
    await admin.post('/people/tom/deactivate');
    expect((await tom.get('/me')).body).toMatchObject({ status: 403, code: 'personInactive' });
    await admin.post('/people/tom/reactivate');
    expect((await tom.get('/me')).status).toBe(200);
    await admin.patch('/people/tom', { role: 'student' });
    expect((await tom.get('/me')).body.role).toBe('student');
    expect((await tom.get('/people/ada')).body).toMatchObject({ status: 403 });
    expect((await tom.get('/people/tom')).status).toBe(200);
  });

  it('keeps groups and who is in them; students see their own', async () => {
    const [admin, manager] = [await as('root', 'admin'), await as('mia', 'manager')];
    for (const id of ['s1', 's2']) await admin.post('/people', newcomer(id, 'student'));
    expect((await manager.post('/groups', { groupId: 'g1', name: 'A1' })).status).toBe(201);
    await manager.post('/groups', { groupId: 'g2', name: 'B2' });
    expect((await manager.put('/groups/g1/members/s1')).body).toMatchObject({ id: 'g1', revision: 1 });
    expect((await manager.put('/groups/g1/members/s1')).body).toMatchObject({ id: 'g1', revision: 1 });
    await manager.put('/groups/g1/members/s2');
    expect((await manager.put('/groups/g1/members/nobody')).body).toMatchObject({ status: 422, code: 'unknownPerson' });
    expect((await manager.put('/groups/none/members/s1')).body).toMatchObject({ status: 404, code: 'groupNotFound' });
    await manager.delete('/groups/g1/members/s2');
    await manager.patch('/groups/g1', { name: 'A1 evening' });
    expect((await manager.get('/groups/g1')).body).toMatchObject({ id: 'g1', name: 'A1 evening', members: 1 });
    expect((await manager.get('/groups/g1/members')).body).toMatchObject({ items: [{ personId: 's1', role: 'student', active: true }], nextCursor: null });
    expect((await manager.get('/groups')).body.items.map((group: { id: string }) => group.id)).toEqual(['g1', 'g2']);
    const student = await as('s1', 'student');
    expect((await student.get('/groups')).body.items.map((group: { id: string }) => group.id)).toEqual(['g1']);
    expect((await student.get('/groups?member=s2')).body.items).toHaveLength(1);
    expect((await student.get('/groups/g2')).status).toBe(403);
  });

  it('runs a job for a teacher, tells how it went, and knows which job there is', async () => {
    const teacher = await as('ada', 'teacher');
    const { status, body, headers } = await teacher.post('/jobs/countThings/runs');
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/jobs/runs/${body.runId}`]);
    const run = await eventually(async () => {
      const answer = await teacher.get(`/jobs/runs/${body.runId}`);
      return answer.body.status === 'succeeded' && answer.body;
    });
    expect(run).toMatchObject({ job: 'countThings', status: 'succeeded', result: { things: 7 }, triggeredBy: 'ada', error: null });
    const failing = await teacher.post('/jobs/failAlways/runs');
    const failed = await eventually(async () => {
      const answer = await teacher.get(`/jobs/runs/${failing.body.runId}`);
      return answer.body.status === 'failed' && answer.body;
    });
    expect(failed.error).toContain('no luck');
    const listed = (await teacher.get('/jobs')).body.items;
    expect(listed.find((job: { name: string }) => job.name === 'countThings')).toMatchObject({ schedule: '0 3 * * *', enabled: true, totalRunCount: 1, lastResult: { things: 7 }, lastStatus: 'succeeded' });
    expect((await teacher.post('/jobs/none/runs')).body).toMatchObject({ status: 404, code: 'unknownJob' });
    expect((await teacher.get(`/jobs/runs/${randomUUID()}`)).body).toMatchObject({ status: 404, code: 'jobRunNotFound' });
    expect((await (await as('stu', 'student')).post('/jobs/countThings/runs')).status).toBe(403);
  });

  it('lists parked jobs and has them run again', async () => {
    const admin = await as('root', 'admin');
    parked.push({ id: '1', task: 'syncMeeting', key: 'lesson-7', attempts: 12, error: 'Zoom said no', parkedAt: '2026-03-02T08:00:00.000Z' });
    expect((await admin.get('/jobs/parked')).body.items).toEqual(parked);
    expect((await admin.post('/jobs/parked/retries', { ids: ['1'] })).body).toEqual({ retried: ['1'] });
    expect((await admin.post('/jobs/parked/retries', { ids: 'all' })).status).toBe(202);
    expect((await admin.post('/jobs/parked/retries', { ids: 'some' })).status).toBe(400);
    expect((await admin.post('/jobs/parked/retries', { ids: ['x'] })).status).toBe(400);
    expect(retried).toEqual([['1'], 'all']);
  });

  it('shows auditors every event by stream, type, person and time, page by page', async () => {
    const [auditor, root] = [await as('aud', 'auditor'), await as('root', 'admin')];
    const all: { position: string }[] = [];
    for (let path: string | null = '/events?limit=7'; path !== null;) {
      const page: Answer = await auditor.get(path);
      all.push(...page.body.items);
      path = page.body.nextCursor === null ? null : `/events?limit=7&cursor=${page.body.nextCursor}`;
    }
    const stored = [];
    for await (const page of school.log.readAll()) stored.push(...page);
    expect(all.map((event) => event.position)).toEqual(stored.map((decoded) => (decoded.ok ? decoded.event : decoded.raw).position).toReversed());

    const ofAda = await auditor.get('/events?stream=person-ada&direction=forwards');
    expect(ofAda.body.items.map((event: { revision: number }) => event.revision)).toEqual(ofAda.body.items.map((_: unknown, index: number) => index));
    expect(ofAda.body.items[0]).toMatchObject({ type: 'PersonRegistered', actor: { id: 'root', role: 'admin' }, data: { name: 'ada Smith' } });
    const second = await auditor.get('/events?stream=person-ada&limit=1');
    const third = await auditor.get(`/events?stream=person-ada&limit=1&cursor=${second.body.nextCursor}`);
    expect(third.body.items[0].revision).toBe(second.body.items[0].revision - 1);

    expect((await auditor.get('/events?type=GroupRenamed')).body.items).toHaveLength(1);
    expect((await auditor.get('/events?person=mia&type=GroupCreated')).body.items).toHaveLength(2);
    expect((await auditor.get('/events?from=2027-01-01T00:00:00Z')).body.items).toEqual([]);
    expect((await root.get('/events?to=2026-03-02T08:00:00.001Z&limit=1')).body.items).toHaveLength(1);
    expect((await (await as('mia', 'manager')).get('/events')).status).toBe(403);

    const cursor = (key: unknown) => Buffer.from(JSON.stringify([key])).toString('base64url');
    for (const forged of [`/events?cursor=${cursor('zzz')}`, `/events?cursor=${cursor('9'.repeat(19))}`, `/events?cursor=${cursor(1)}`, `/events?stream=person-ada&cursor=${cursor(1e30)}`, `/events?stream=person-ada&cursor=${cursor('0')}`, '/events/stream?after=zzz']) {
      expect({ forged, ...(await auditor.get(forged)) }).toMatchObject({ forged, status: 400, body: { code: 'invalidCursor' } });
    }
  });

  it('streams events as they happen, and resumes after the last one seen without loss or repeat', async () => {
    const admin = await as('root', 'admin');
    const token = await issue('aud', 'auditor', 600);
    const read = async (count: number, headers: Record<string, string>, query = '') => {
      const abort = new AbortController();
      const response = await fetch(new URL(`/api/v1/events/stream${query}`, server.url), { headers: { authorization: `Bearer ${token}`, ...headers }, signal: abort.signal });
      expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      let text = '';
      const decoder = new TextDecoder();
      const ids = () => [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id!);
      const reading = (async () => {
        for await (const chunk of response.body!) {
          text += decoder.decode(chunk as Uint8Array, { stream: true });
          if (ids().length >= count) return;
        }
      })();
      return { ids, text: () => text, done: async () => { await reading; abort.abort(); return ids(); } };
    };
    const live = await read(2, {});
    await admin.post('/groups', { groupId: 'live', name: 'Live' });
    await admin.patch('/groups/live', { name: 'Live, renamed' });
    const [first, second] = await live.done();
    expect(live.text()).toContain('event: GroupCreated');
    const resumed = await (await read(1, { 'last-event-id': first! })).done();
    expect(resumed[0]).toBe(second);
    const all = await (await read(3, {}, '?fromStart=true')).done();
    expect(all.length).toBeGreaterThanOrEqual(3);
    expect(all).toEqual([...new Set(all)].toSorted());
  });

  it('moves the sandboxes\' clock forwards, for admins only', async () => {
    const admin = server.client;
    expect((await admin.get('/_sandbox/clock')).body).toEqual({ now: '2026-03-02T08:00:00.000Z', offsetMs: 0 });
    expect((await admin.post('/_sandbox/clock', { byMinutes: 90 })).body).toEqual({ now: '2026-03-02T09:30:00.000Z', offsetMs: 5_400_000 });
    expect((await admin.post('/_sandbox/clock', { to: '2026-03-02T12:00:00+01:00' })).body.now).toBe('2026-03-02T11:00:00.000Z');
    expect((await admin.post('/_sandbox/clock', { to: '2026-03-02T08:00:00Z' })).body).toMatchObject({ status: 409, code: 'clockRunsBack' });
    expect((await admin.post('/_sandbox/clock', { to: '2099-01-01T00:00:00Z' })).status).toBe(400);
    expect((await admin.post('/_sandbox/clock', { byMinutes: -1 })).status).toBe(400);
    expect((await admin.as(await issue('mia', 'manager', 60)).post('/_sandbox/clock', { byMinutes: 1 })).status).toBe(403);
  });

  it('answers 503 and never 500 while Postgres drops its connections, and is itself again at once', async () => {
    const admin = await as('root', 'admin');
    const token = await issue('root', 'admin', 600);
    const statuses = new Map<number, number>();
    const slow: string[] = [];
    let stopped = false;
    const count = (answer: Answer) => {
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status === 503 && !(Number(answer.headers.get('retry-after')) <= 2)) slow.push(answer.text);
    };
    const client = server.client.as(token);
    const reader = async () => { while (!stopped) count(await client.get('/api/v1/people?limit=5')); };
    const keys: string[] = [];
    const writer = async (who: number) => {
      for (let n = 0; !stopped; n++) {
        const key = `drop-${who}-${n}`;
        const body = newcomer(`drop-${who}-${n}`, 'student');
        for (;;) {
          const answer = await client.post('/api/v1/people', body, { headers: { 'idempotency-key': key } });
          count(answer);
          if (answer.status === 201) { keys.push(key); break; }
          if (answer.status !== 503 && answer.status !== 409) throw new Error(answer.text);
          if (answer.body.code !== 'keyInProgress' && answer.status === 409) throw new Error(answer.text);
        }
      }
    };
    const all = [reader(), reader(), writer(1), writer(2)];
    for (let drop = 1; drop <= 8; drop++) {
      const before = keys.length;
      await eventually(() => keys.length > before + 3);
      await database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()').catch(() => undefined);
    }
    stopped = true;
    await Promise.all(all);
    expect(slow).toEqual([]);
    expect([...statuses.keys()].filter((status) => ![200, 201, 409, 503].includes(status))).toEqual([]);
    expect((await admin.get('/people?limit=1')).status).toBe(200);
    for (const key of keys) {
      const events = await school.log.readStream(`person-${key}`);
      expect(events.map((decoded) => decoded.ok && decoded.event.type)).toEqual(['PersonRegistered']);
    }
  });
});
