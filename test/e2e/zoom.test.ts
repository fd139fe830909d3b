import { randomBytes } from 'node:crypto';
import type { StoredMeeting } from '../../sandbox/zoom/types.ts';
import { eventually } from '../support/eventually.ts';
import { startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

type Body = Record<string, unknown>;
let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: LecternProcess;
const canary = `canary-${randomBytes(8).toString('hex')}`;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
  server = await startLectern({
    dataDir: folder.path,
    environment: { DATABASE_URL: database.url, LECTERN_MASTER_KEY: randomBytes(32).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64'), LECTERN_LOG_LEVEL: 'debug' },
  });
}, 60_000);
afterAll(async () => {
  await server?.terminate();
  await database?.drop();
  await folder?.remove();
});

async function call(method: string, path: string, body?: object, role: keyof LecternProcess['ready']['tokens'] = 'admin') {
  const response = await fetch(`${server.ready.url}${path}`, {
    method, headers: { authorization: `Bearer ${server.ready.tokens[role]}`, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
}
const api = async (method: string, path: string, body?: object, role?: keyof LecternProcess['ready']['tokens']) => {
  const answer = await call(method, `/api/v1${path}`, body, role);
  if (answer.status >= 400) throw new Error(`${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const sandbox = async (method: string, path: string, body?: object) => {
  const response = await fetch(`${server.ready.vendors['zoom']!.url!}${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (response.status === 204 ? {} : await response.json()) as { meetings: StoredMeeting[]; deliveries: { state: string; event: string; body: string; attempts: { status: number | 'failed' }[] }[]; faults: { hits: number }[]; valid?: boolean };
};
const meetings = async () => (await sandbox('GET', '/_state')).meetings;
const lessonIs = (id: string, check: (lesson: Body & { meeting: Body | null }) => boolean) =>
  eventually(async () => check((await api('GET', `/lessons/${id}`)) as Body & { meeting: Body | null }), { timeoutMs: 20_000 });

/** Wall time in UTC, minutes from the school's now. */
const wall = async (inMinutes: number) => {
  const { body } = await call('GET', '/_sandbox/clock');
  return new Date(Date.parse(String(body['now'])) + inMinutes * 60_000).toISOString().slice(0, 16);
};
const schedule = async (inMinutes: number, title: string) =>
  String((await api('POST', '/lessons', { title, teacherId: 'teacher', localStart: await wall(inMinutes), zone: 'UTC', durationMinutes: 45, autoRecord: true }))['id']);

describe('a lesson on Zoom, through the running server', () => {
  it('is minted, moved, renamed, started, ended by a webhook, cancelled', async () => {
    await api('POST', '/people', { personId: 'teacher', name: 'Olena', email: 'olena@school.example', role: 'teacher', timeZone: 'Europe/Kyiv' });
    for (const n of [1, 2]) await api('POST', '/zoom-accounts', { accountId: `a${n}`, zoomUser: `host${n}-${canary}@school.example`, capacity: 1, credentialsRef: 'default', cloudRecording: true });
    expect((await sandbox('POST', '/_webhooks/validate', {})).valid).toBe(true);

    const id = await schedule(10, 'Fractions');
    await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created');
    expect((await meetings()).map(({ agenda }) => agenda.split('\n')[0])).toEqual([`ref:${id}.1`]);

    await api('PATCH', `/lessons/${id}`, { title: 'Decimals' });
    await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created' && meeting['generation'] === 2);
    expect((await meetings()).map(({ topic }) => topic)).toEqual(['Decimals']);

    const started = await api('POST', `/lessons/${id}/start`, undefined, 'teacher');
    expect((await fetch(String(started['startUrl']))).status).toBe(200);
    await eventually(async () => (await sandbox('GET', '/_state')).deliveries.some(({ event, state }) => event === 'meeting.started' && state === 'delivered'));
    await call('POST', '/_sandbox/clock', { byMinutes: 30 });
    await sandbox('POST', `/_meetings/${(await meetings())[0]!.id}/end`, {});
    await lessonIs(id, ({ status }) => status === 'finished');

    const next = await schedule(600, 'Geometry');
    await lessonIs(next, ({ meeting }) => meeting?.['state'] === 'created');
    await api('POST', `/lessons/${next}/cancel`, { reason: 'ill' });
    await eventually(async () => (await meetings()).every(({ topic }) => topic !== 'Geometry'));
  }, 60_000);

  it('waits for a Retry-After while Zoom limits it, and the rest of the school does not', async () => {
    await sandbox('POST', '/_faults', { kind: 'rateLimited', seconds: 2, count: 3, path: 'users/', retryAfter: 'httpDate' });
    const id = await schedule(1_000, 'Limits');
    expect((await call('GET', '/api/v1/me')).status).toBe(200);
    await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created');
  }, 60_000);

  it('comes within reach as the clock moves', async () => {
    const id = await schedule(20 * 24 * 60, 'Far away');
    await eventually(async () => (await api('GET', `/lessons/${id}`))['id'] === id);
    await call('POST', '/_sandbox/clock', { byMinutes: 7 * 24 * 60 });
    await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created');
  }, 60_000);

  it('is made soon after Zoom answers again, without waiting for its next attempt', async () => {
    await sandbox('POST', '/_faults', { kind: 'status', status: 503, path: '^/v2' });
    const ids = [await schedule(2_000, 'Outage 1'), await schedule(2_100, 'Outage 2'), await schedule(2_200, 'Outage 3')];
    for (const id of ids) await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'failed');
    await eventually(async () => (await sandbox('GET', '/_state')).faults.some(({ hits }) => hits >= 8), { timeoutMs: 30_000 });
    await sandbox('DELETE', '/_faults');
    await eventually(async () => {
      await api('POST', '/jobs/mintUpcomingMeetings/runs');
      return (await meetings()).some(({ topic }) => topic.startsWith('Outage'));
    }, { timeoutMs: 20_000, everyMs: 1_000 });
    for (const id of ids) await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created');
  }, 90_000);

  it('is not touched by webhooks that are forged', async () => {
    const forged = await fetch(`${server.ready.url}/webhooks/zoom`, { method: 'POST', body: '{"event":"meeting.ended"}', headers: { 'x-zm-request-timestamp': String(Math.floor(Date.now() / 1000)), 'x-zm-signature': `v0=${'0'.repeat(64)}` } });
    expect([forged.status, ((await forged.json()) as Body)['code']]).toEqual([401, 'invalidSignature']);
    expect((await fetch(`${server.ready.url}/webhooks/zoom/nobody`, { method: 'POST', body: '{}' })).status).toBe(401);
    expect((await fetch(`${server.ready.url}/webhooks/zoom`, { method: 'POST', body: 'x'.repeat(300_000) })).status).toBe(413);
    await sandbox('POST', '/_faults', { kind: 'forgedSignature' });
    const id = await schedule(5, 'Forged');
    await lessonIs(id, ({ meeting }) => meeting?.['state'] === 'created');
    const meeting = (await meetings()).find(({ topic }) => topic === 'Forged')!;
    await sandbox('POST', `/_meetings/${meeting.id}/start`, {});
    await eventually(async () => (await sandbox('GET', '/_state')).deliveries.some(({ body, attempts }) => body.includes(String(meeting.id)) && attempts.some(({ status }) => status === 401)));
    expect(await api('GET', `/lessons/${id}`)).toMatchObject({ status: 'scheduled' });
    await sandbox('DELETE', '/_faults');
  }, 60_000);

  it('shows no secret, start link or address in any table, event or log line', async () => {
    const secret = `${canary}-secret`;
    expect((await call('PUT', '/api/v1/credentials/anna', { accountId: `${canary}-account`, clientId: `${canary}-client`, clientSecret: secret, webhookSecret: `${canary}-hook` })).status).toBe(200);
    expect(await api('GET', '/credentials')).toMatchObject({ items: [{ ref: 'anna', fields: ['accountId', 'clientId', 'clientSecret', 'webhookSecret'] }] });
    expect((await call('GET', '/api/v1/credentials/anna')).status).toBeGreaterThanOrEqual(404);
    expect((await call('PUT', '/api/v1/credentials/anna', { accountId: 'x' }, 'manager')).status).toBe(403);
    expect(JSON.stringify((await call('PUT', '/api/v1/credentials/anna', { clientSecret: secret, wrong: 1 })).body)).not.toContain(secret);

    const { rows: tables } = await database.pool.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    expect(tables.length).toBeGreaterThan(15);
    const leaks: string[] = [];
    for (const { name } of tables) {
      const { rows } = await database.pool.query<{ text: string }>(`select coalesce(string_agg(t::text, chr(10)), '') as text from ${name} t`);
      // The read model of accounts may show a host's address to those who run the school; nothing may show a secret.
      const forbidden = name.includes('zoomAccounts') ? [secret, 'sandbox-zak', 'sandbox-token', 'sandbox-secret'] : [canary, 'sandbox-zak', 'sandbox-token', 'sandbox-secret'];
      for (const word of forbidden) if (rows[0]!.text.includes(word)) leaks.push(`${word} in ${name}`);
    }
    expect(leaks).toEqual([]);
    for (const word of [canary, 'sandbox-zak', 'sandbox-token', 'sandbox-secret']) expect(server.output()).not.toContain(word);
    expect(server.output().length).toBeGreaterThan(500);
  }, 60_000);
});
