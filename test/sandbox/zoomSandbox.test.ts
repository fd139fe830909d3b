import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandboxes } from '../../sandbox/index.ts';
import { sandboxZoomApp, startZoomSandbox, type ZoomSandboxOptions } from '../../sandbox/zoom/server.ts';
import { eventually } from '../support/eventually.ts';
import { describeWithVendorSpecs, zoomSpecs } from '../support/vendorSpecs.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Received = { body: { event: string; event_ts: number; payload: { object: { uuid: string; id: string } } }; raw: string; signed: boolean; age: number };

/** An endpoint that takes webhooks; `answers` gives the statuses of the first deliveries, then 204. */
async function endpoint(answers: number[] = []) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const timestamp = String(request.headers['x-zm-request-timestamp']);
      const expected = `v0=${createHmac('sha256', sandboxZoomApp.webhookSecret).update(`v0:${timestamp}:${raw}`).digest('hex')}`;
      received.push({ raw, body: JSON.parse(raw) as Received['body'], signed: expected === request.headers['x-zm-signature'], age: Date.now() / 1000 - Number(timestamp) });
      response.writeHead(answers.shift() ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
}

async function zoom(options: ZoomSandboxOptions = {}) {
  const sandbox = await startZoomSandbox({ webhookRetryMs: [20, 20, 20], ...options });
  open.push(() => sandbox.close());
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${sandbox.url}${path}`, { method, headers: { connection: 'close', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text.startsWith('{') ? JSON.parse(text) : text) as Record<string, unknown> };
  };
  const token = async () => {
    const response = await fetch(`${sandbox.url}/oauth/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'account_credentials', account_id: 'sandbox-account' }),
      headers: { connection: 'close', authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}` },
    });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  let bearer = await token();
  return {
    ...sandbox, send, token,
    renew: async () => void (bearer = await token()),
    api: (method: string, path: string, body?: unknown) => send(method, `/v2${path}`, body, { authorization: `Bearer ${bearer}` }),
  };
}

const create = async (server: Awaited<ReturnType<typeof zoom>>, more: object = {}) => {
  const { status, body } = await server.api('POST', '/users/anna@school.example/meetings', { topic: 'T', type: 2, start_time: '2031-01-01T10:00:00Z', duration: 45, timezone: 'Europe/Kyiv', agenda: 'a', ...more });
  expect(status).toBe(201);
  return body as { id: number; uuid: string; start_url: string; join_url: string; start_time: string };
};

describe('the Zoom sandbox', () => {
  it('gives tokens only for the right credentials, and none may be old', async () => {
    const server = await zoom({ singleToken: true });
    const refused = await server.send('POST', '/oauth/token', undefined, { authorization: 'Basic eDp5' });
    expect([refused.status, refused.body['error']]).toEqual([401, 'invalid_client']);
    await server.token(); // makes the first one invalid
    expect(await server.api('GET', '/users/anna@school.example')).toMatchObject({ status: 401, body: { code: 124 } });
  });

  it.each([
    [{ topic: 'x'.repeat(201) }, 'topic'], [{ agenda: 'x'.repeat(2001) }, 'agenda'], [{ duration: 0 }, 'duration'], [{ duration: 1441 }, 'duration'], [{ duration: 1.5 }, 'duration'],
    [{ timezone: 'Mars/Base' }, 'timezone'], [{ start_time: 'tomorrow' }, 'start_time'], [{ type: 4 }, 'type'], [{ settings: { auto_recording: 'yes' } }, 'settings.auto_recording'], [{ password: '12345678901' }, 'password'],
  ])('refuses a meeting that Zoom would refuse (%#)', async (wrong, field) => {
    const server = await zoom();
    expect(await server.api('POST', '/users/anna@school.example/meetings', { topic: 'T', ...wrong })).toMatchObject({ status: 400, body: { code: 300, errors: [{ field }] } });
  });

  it('makes a past start now, reads a wall time in its zone, and keeps to a moved clock', async () => {
    const server = await zoom();
    await server.send('POST', '/_clock', { now: '2030-06-01T12:00:00Z' });
    expect((await create(server, { start_time: '2026-01-01T10:00:00Z' })).start_time).toMatch(/^2030-06-01T12:00/);
    expect((await create(server, { start_time: '2031-01-01T10:00:00', timezone: 'Europe/Kyiv' })).start_time).toBe('2031-01-01T08:00:00Z');
  });

  it('counts requests of a second by category, and says so in headers', async () => {
    const server = await zoom({ limits: { medium: 2 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => server.api('GET', '/users/anna@school.example/meetings')));
    expect(answers[0]?.headers.get('x-ratelimit-category')).toBe('Medium');
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect(answers.find(({ status }) => status === 429)?.headers.get('x-ratelimit-type')).toBe('QPS');
  });

  it('counts creates and updates of a host by UTC day of its clock', async () => {
    const server = await zoom({ limits: { hostDay: 2, light: 1e6 } });
    const { id } = await create(server);
    expect((await server.api('PATCH', `/meetings/${id}`, { topic: 'U' })).status).toBe(204);
    expect(await server.api('PATCH', `/meetings/${id}`, { topic: 'V' })).toMatchObject({ status: 429, body: { message: expect.stringContaining('daily rate limit (2)') } });
    expect((await server.api('DELETE', `/meetings/${id}`)).status).toBe(204);
    await server.send('POST', '/_clock', { offsetMs: 86_400_000 });
    await create(server);
  });

  it('does not change a meeting\'s host, and knows no meeting of another account', async () => {
    const server = await zoom({ apps: [sandboxZoomApp, { accountId: 'other', clientId: 'other', clientSecret: 'o', webhookSecret: 'o' }] });
    const { id } = await create(server);
    await server.send('POST', '/_users', { email: 'berta@school.example' });
    expect(await server.api('PATCH', `/meetings/${id}`, { schedule_for: 'berta@school.example' })).toMatchObject({ status: 400, body: { code: 3000 } });
    const response = await fetch(`${server.url}/oauth/token`, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'account_credentials', account_id: 'other' }), headers: { connection: 'close', authorization: `Basic ${Buffer.from('other:o').toString('base64')}` },
    });
    const { access_token } = (await response.json()) as { access_token: string };
    expect(await server.send('GET', `/v2/meetings/${id}`, undefined, { authorization: `Bearer ${access_token}` })).toMatchObject({ status: 404, body: { code: 3001 } });
  });

  it('keeps its meetings over a restart, and over a torn last line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lectern-sandbox-'));
    open.push(() => rm(folder, { recursive: true }));
    const first = await startSandboxes({ dataDir: folder });
    const token = async (url: string) => {
      const response = await fetch(`${url}/oauth/token`, {
        method: 'POST', body: new URLSearchParams({ grant_type: 'account_credentials', account_id: 'sandbox-account' }),
        headers: { connection: 'close', authorization: `Basic ${Buffer.from('sandbox-client:sandbox-secret').toString('base64')}` },
      });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    const call = async (url: string, path: string, init: RequestInit = {}) =>
      (await fetch(`${url}/v2${path}`, { ...init, headers: { connection: 'close', authorization: `Bearer ${await token(url)}` } })).json() as Promise<{ id: number; topic: string }>;
    const made = await call(first.zoom!.url, '/users/anna@school.example/meetings', { method: 'POST', body: '{"topic":"kept"}' });
    await first.close();
    const { appendFile } = await import('node:fs/promises');
    await appendFile(join(folder, 'zoom.ndjson'), '{"kind":"meeting","key":"1","val');
    const second = await startSandboxes({ dataDir: folder });
    open.push(() => second.close());
    expect(second.zoom!.url).toBe(first.zoom!.url); // join links that were given out still lead there
    expect(await call(second.zoom!.url, `/meetings/${made.id}`)).toMatchObject({ id: made.id, topic: 'kept' });
  });

  it('opens a start link for two hours, and none without its login', async () => {
    const server = await zoom();
    const { start_url, join_url } = await create(server);
    expect((await fetch(start_url.replace(/zak=.*/, 'zak=guess'), { headers: { connection: 'close' } })).status).toBe(403);
    expect(await (await fetch(join_url, { headers: { connection: 'close' } })).text()).toContain('wait for the host');
    expect((await fetch(start_url, { headers: { connection: 'close' } })).status).toBe(200);
    expect(await (await fetch(join_url, { headers: { connection: 'close' } })).text()).toContain('joined');
  });

  it('refuses a fault that it does not know', async () => {
    const server = await zoom();
    expect((await server.send('POST', '/_faults', { kind: 'explode' })).status).toBe(400);
    expect((await server.send('POST', '/_faults', { kind: 'status', colour: 1 })).status).toBe(400);
  });
});

describe('its webhooks', () => {
  const whole = async (options: ZoomSandboxOptions = {}, answers: number[] = []) => {
    const hook = await endpoint(answers);
    const server = await zoom({ webhookTarget: hook.url, ...options });
    const { id } = await create(server);
    return { ...hook, server, id };
  };

  it('tell what happens in a meeting, signed, and each instance has its own uuid', async () => {
    const { server, id, received } = await whole();
    await server.send('POST', `/_meetings/${id}/start`, {});
    await server.send('POST', `/_meetings/${id}/join`, { userName: 'Oksana', email: 'o@example.com' });
    await server.send('POST', `/_meetings/${id}/end`, {});
    await server.send('POST', `/_meetings/${id}/start`, {});
    await eventually(() => received.length === 5);
    const of = (event: string) => received.filter(({ body }) => body.event === event);
    expect(received.every(({ signed }) => signed)).toBe(true);
    expect(of('meeting.started').map(({ body }) => body.payload.object.id)).toEqual([String(id), String(id)]);
    expect(new Set(of('meeting.started').map(({ body }) => body.payload.object.uuid)).size).toBe(2);
    expect(of('meeting.ended')[0]?.body.payload.object.uuid).toBe(of('meeting.participant_joined')[0]?.body.payload.object.uuid);
    expect(of('meeting.participant_left')).toHaveLength(1);
  });

  it('come again until they are taken, each time signed anew, then are lost', async () => {
    const { server, id, received } = await whole({}, [500, 302]);
    await server.send('POST', `/_meetings/${id}/start`, {});
    await eventually(() => received.length === 3);
    expect(new Set(received.map(({ raw }) => raw)).size).toBe(1);
    const lost = await whole({}, [500, 500, 500, 500]);
    await lost.server.send('POST', `/_meetings/${lost.id}/start`, {});
    await eventually(async () => ((await lost.server.send('GET', '/_state')).body['deliveries'] as { state: string }[])[0]?.state === 'lost');
    expect(lost.received).toHaveLength(4);
  });

  it('can be forged, stale, doubled, late and missing', async () => {
    const { server, id, received } = await whole();
    for (const fault of [{ kind: 'forgedSignature', count: 1, path: 'started' }, { kind: 'duplicated', times: 3, path: 'ended' }, { kind: 'missing', path: 'participant' }]) await server.send('POST', '/_faults', fault);
    await server.send('POST', `/_meetings/${id}/start`, {});
    await server.send('POST', `/_meetings/${id}/join`, {});
    await server.send('POST', `/_meetings/${id}/end`, {});
    await eventually(() => received.length === 4);
    expect(received.map(({ body, signed }) => `${body.event} ${String(signed)}`).sort()).toEqual([...Array<string>(3).fill('meeting.ended true'), 'meeting.started false']);
    await server.send('DELETE', '/_faults');
    await server.send('POST', '/_faults', { kind: 'staleTimestamp', count: 1 });
    await server.send('POST', `/_meetings/${id}/start`, {});
    await eventually(() => received.length === 5);
    expect(received[4]).toMatchObject({ signed: true });
    expect(received[4]!.age).toBeGreaterThan(3_500);
  });

  describeWithVendorSpecs('fit the vendor\'s own schemas', () => {
    it('every one of them', async () => {
      const specs = zoomSpecs();
      const { server, id, received } = await whole();
      await server.send('POST', `/_meetings/${id}/start`, {});
      await server.send('POST', `/_meetings/${id}/join`, { userName: 'Oksana', email: 'o@example.com' });
      await server.send('POST', `/_meetings/${id}/leave`, { email: 'o@example.com' });
      await server.send('POST', `/_meetings/${id}/end`, {});
      await eventually(() => received.length === 4);
      expect(received.map(({ body }) => [body.event, specs.webhook(body.event, body)]).sort()).toEqual(
        ['meeting.ended', 'meeting.participant_joined', 'meeting.participant_left', 'meeting.started'].map((event) => [event, []]),
      );
    });
  });
});

describeWithVendorSpecs('its answers fit the vendor\'s own description', () => {
  it('every operation', async () => {
    const specs = zoomSpecs();
    const server = await zoom();
    const { id, uuid } = await create(server);
    const problems: unknown[] = [];
    const check = async (method: string, route: string, path: string, body?: unknown) => {
      const answer = await server.api(method, path, body);
      expect(specs.describesStatus(method, route, answer.status)).toBe(true);
      if (typeof answer.body === 'object') problems.push(...(specs.answer(method, route, answer.status, answer.body) ?? ['not described']));
    };
    await check('POST', '/users/{userId}/meetings', '/users/anna@school.example/meetings', { topic: 'T' });
    await check('GET', '/users/{userId}/meetings', '/users/anna@school.example/meetings?type=upcoming&page_size=1');
    await check('GET', '/meetings/{meetingId}', `/meetings/${id}`);
    await check('PATCH', '/meetings/{meetingId}', `/meetings/${id}`, { agenda: 'b' });
    await check('GET', '/users/{userId}', '/users/anna@school.example');
    await check('GET', '/users/{userId}/token', '/users/anna@school.example/token?type=zak');
    await check('GET', '/users/{userId}/recordings', '/users/anna@school.example/recordings?from=2026-01-01&to=2026-01-31');
    await server.send('POST', `/_meetings/${id}/start`, {});
    await check('PUT', '/meetings/{meetingId}/status', `/meetings/${id}/status`, { action: 'end' });
    const encoded = uuid.startsWith('/') || uuid.includes('//') ? encodeURIComponent(encodeURIComponent(uuid)) : encodeURIComponent(uuid);
    await check('GET', '/past_meetings/{meetingId}', `/past_meetings/${encoded}`);
    await check('DELETE', '/meetings/{meetingId}', `/meetings/${id}`);
    expect(problems).toEqual([]);
  });
});
