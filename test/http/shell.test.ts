import { z } from 'zod';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import { EventStoreError } from '../../src/ports/eventStore.ts';
import { defineRoute } from '../../src/http/route.ts';
import { eventually } from '../support/eventually.ts';
import { issue, startTestServer } from './support/testServer.ts';

const answer = z.strictObject({ id: z.string().max(50), revision: z.int(), position: z.string().max(50) });
const failures: Record<string, () => unknown> = {
  domain: () => new DomainError('noZoomAccountFree', 'None is free.', { suggestions: ['2026-03-02T17:00:00.000Z'] }),
  away: () => new EventStoreError('unavailable', 'gone'),
  unknown: () => new EventStoreError('unknownOutcome', 'maybe'),
  postgres: () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
  bug: () => new Error('the password is hunter2'),
  unlisted: () => new DomainError('codeThatNobodyListed', 'secret detail'),
};

const routes = [
  defineRoute({
    method: 'post', path: '/things/{id}', operationId: 'makeThing', summary: 'Make a thing', tag: 'Things', access: ['admin', 'teacher'], kind: 'command', problems: ['noZoomAccountFree'],
    request: {
      params: z.strictObject({ id: z.string().min(1).max(20) }),
      query: z.strictObject({ dryRun: z.stringbool().optional() }),
      body: z.object({ title: z.string().min(1).max(10), tags: z.array(z.string().max(5)).max(2).default([]), nested: z.strictObject({ n: z.int() }).optional() }),
    },
    response: { status: 201, schema: answer },
    handler: ({ params, ifMatch }) => Promise.resolve({ body: { id: params.id, revision: ifMatch ?? 0, position: '0007' } }),
  }),
  defineRoute({
    method: 'get', path: '/things', operationId: 'listThings', summary: 'List things', tag: 'Things', access: 'authenticated', kind: 'query', readModel: 'things', problems: [],
    response: { status: 200, schema: z.strictObject({ actor: z.string().max(50), role: z.string().max(50) }) },
    handler: ({ actor }) => Promise.resolve({ body: { actor: actor.id, role: actor.role } }),
  }),
  defineRoute({
    method: 'get', path: '/failures/{kind}', operationId: 'fail', summary: 'Fail', tag: 'Things', access: 'public', kind: 'query', problems: ['noZoomAccountFree'],
    request: { params: z.strictObject({ kind: z.string().max(20) }) },
    response: { status: 200 },
    handler: ({ params }) => Promise.reject(failures[params.kind]?.()),
  }),
  defineRoute({
    method: 'get', path: '/slow', operationId: 'beSlow', summary: 'Wait until nobody wants it any more', tag: 'Things', access: 'public', kind: 'query', problems: [], answerWithinMs: 100,
    response: { status: 200 },
    handler: ({ signal }) => new Promise<object>((resolve) => { begun++; signal.addEventListener('abort', () => { left++; resolve({}); }); }),
  }),
];
let begun = 0;
let left = 0;

describe('the http shell', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    server = await startTestServer(routes, { corsOrigins: ['https://school.example'] });
  });
  afterAll(() => server.stop());

  it('answers a command with revision and position, in the body and as ETag and Position', async () => {
    const { status, headers, body } = await server.client.post('/api/v1/things/a', { title: 'x' }, { headers: { 'if-match': '"4"' } });
    expect({ status, body }).toEqual({ status: 201, body: { id: 'a', revision: 4, position: '0007' } });
    expect([headers.get('etag'), headers.get('position')]).toEqual(['"4"', '0007']);
  });

  it.each([
    ['an unknown field', { title: 'x', extra: 1 }, '/extra'],
    ['a wrong type', { title: 7 }, '/title'],
    ['a text that is too long', { title: 'x'.repeat(11) }, '/title'],
    ['a list that is too long', { title: 'x', tags: ['a', 'b', 'c'] }, '/tags'],
    ['an unknown field further in', { title: 'x', nested: { n: 1, 'a/b~c': 2 } }, '/nested/a~1b~0c'],
    ['a missing field', {}, '/title'],
  ])('refuses %s with a pointer to it', async (_what, body, pointer) => {
    const refused = await server.client.post('/api/v1/things/a', body);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'invalidRequest', status: 400, type: '/problems/invalidRequest', instance: '/api/v1/things/a' });
    expect(refused.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it.each([
    ['__proto__', '{"title":"x","__proto__":{"isAdmin":true}}', '/__proto__'],
    ['__proto__ in disguise', '{"title":"x","__pr\\u006fto__":{}}', '/__proto__'],
    ['a field given twice', '{"title":"x","title":"y"}', '/title'],
    ['a field given twice further in', '{"title":"x","nested":{"n":1,"n":2}}', '/nested/n'],
    ['U+0000', '{"title":"a\\u0000b"}', '/title'],
    ['half a surrogate pair', '{"title":"\\ud800"}', '/title'],
  ])('refuses %s', async (_what, raw, pointer) => {
    const refused = await server.client.ask('POST', '/api/v1/things/a', { raw, headers: { 'content-type': 'application/json' } });
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, pointer]);
  });

  it.each([
    ['broken JSON', '{"title":', 'malformedJson'],
    ['a stray bracket', ']]', 'malformedJson'],
    ['an unfinished text', '{"title":"x', 'malformedJson'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'malformedJson'],
  ])('refuses %s', async (_what, raw, code) => {
    const refused = await server.client.ask('POST', '/api/v1/things/a', { raw, headers: { 'content-type': 'application/json' } });
    expect([refused.status, refused.body.code]).toEqual([400, code]);
  });

  it('refuses a command without the body that it needs', async () => {
    expect((await server.client.ask('POST', '/api/v1/things/a')).body).toMatchObject({ status: 400, code: 'invalidRequest', errors: [{ in: 'body', pointer: '' }] });
  });

  it.each([
    ['?dryRun=true&dryRun=false', '/dryRun'],
    ['?other=1', '/other'],
    ['?dryRun=maybe', '/dryRun'],
    ['?__proto__=1', '/__proto__'],
  ])('refuses the query %s', async (query, pointer) => {
    const refused = await server.client.post(`/api/v1/things/a${query}`, { title: 'x' });
    expect([refused.status, refused.body.errors[0]]).toMatchObject([400, { in: 'query', pointer }]);
  });

  it('refuses parameters on a route that takes none', async () => {
    expect((await server.client.get('/api/v1/things?a=1')).body.errors[0].pointer).toBe('/a');
  });

  it.each([
    ['7'], ['"x"'], ['W/"7"'], ['"1", "2"'], ['""'],
  ])('refuses If-Match %s', async (value) => {
    const refused = await server.client.post('/api/v1/things/a', { title: 'x' }, { headers: { 'if-match': value } });
    expect([refused.status, refused.body.code]).toEqual([400, 'invalidHeader']);
  });

  it('takes If-Match *', async () => {
    expect((await server.client.post('/api/v1/things/a', { title: 'x' }, { headers: { 'if-match': '*' } })).status).toBe(201);
  });

  it.each([
    ['text/plain', 415], ['application/json; charset=latin1', 415], ['application/json; charset=UTF-8', 201], ['application/x-www-form-urlencoded', 415],
  ])('answers the content type %s with %i', async (type, status) => {
    expect((await server.client.post('/api/v1/things/a', { title: 'x' }, { headers: { 'content-type': type } })).status).toBe(status);
  });

  it('refuses what cannot be sent as the caller wants it, and takes what can', async () => {
    expect((await server.client.get('/api/v1/things', { headers: { accept: 'text/html' } })).status).toBe(406);
    expect((await server.client.get('/api/v1/things', { headers: { accept: 'application/json;q=0, */*' } })).status).toBe(406);
    expect((await server.client.get('/api/v1/things', { headers: { accept: 'text/html, application/*;q=0.5' } })).status).toBe(200);
  });

  it('knows 404 from 405, and says what is allowed', async () => {
    expect((await server.client.get('/api/v1/nothing')).body).toMatchObject({ status: 404, code: 'notFound' });
    const wrong = await server.client.delete('/api/v1/things');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect((await server.client.get('/api/v1/things/%ff')).status).toBe(405);
    expect((await server.client.post('/api/v1/things/%ff', { title: 'x' })).body).toMatchObject({ status: 400, code: 'malformedPath' });
  });

  it('answers HEAD like GET, without the body', async () => {
    const head = await server.client.ask('HEAD', '/api/v1/things');
    expect([head.status, head.text, Number(head.headers.get('content-length')) > 0]).toEqual([200, '', true]);
  });

  it('tells the refusals of the domain by code, status and details', async () => {
    const { status, body } = await server.client.get('/api/v1/failures/domain');
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'noZoomAccountFree', detail: 'None is free.', details: { suggestions: ['2026-03-02T17:00:00.000Z'] } } });
  });

  it.each(['away', 'unknown', 'postgres'])('answers 503 with Retry-After of at most 2 s when a store is away (%s)', async (kind) => {
    const { status, headers } = await server.client.get(`/api/v1/failures/${kind}`);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(2);
  });

  it.each(['bug', 'unlisted'])('reveals nothing of a fault of our own (%s), but logs it under the trace id', async (kind) => {
    const { status, body, text } = await server.client.get(`/api/v1/failures/${kind}`);
    expect([status, body.code]).toEqual([500, 'internalError']);
    expect(text).not.toMatch(/hunter2|secret|password/);
    expect(server.lines.join('')).toContain(body.traceId);
  });

  it('does not let a caller wait for ever', async () => {
    const { status, body, headers } = await server.client.get('/api/v1/slow');
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
  });

  it('tells a handler that its caller has gone', async () => {
    begun = left = 0;
    const gone = new AbortController();
    const request = fetch(new URL('/api/v1/slow', server.url), { signal: gone.signal }).catch(() => 'gone');
    await eventually(() => begun > 0);
    gone.abort();
    expect(await request).toBe('gone');
    await eventually(() => left > 0);
  });

  it('carries the caller\'s trace on', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { headers } = await server.client.get('/api/v1/things', { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    expect(headers.get('trace-id')).toBe(traceId);
  });

  it('logs a line per request with route, status and actor, and no address or token', async () => {
    const { headers } = await server.client.get('/api/v1/things');
    const line = server.lines.find((text) => text.includes(headers.get('trace-id')!));
    expect(JSON.parse(line!)).toMatchObject({ route: '/api/v1/things', status: 200, actor: 'admin-1', method: 'GET' });
    expect(server.lines.join('')).not.toMatch(/eyJ/);
  });

  it('answers only the origins on the list', async () => {
    const preflight = (origin: string) => server.client.ask('OPTIONS', '/api/v1/things/a', { headers: { origin, 'access-control-request-method': 'POST' } });
    const known = await preflight('https://school.example');
    expect([known.status, known.headers.get('access-control-allow-origin'), known.headers.get('access-control-allow-methods')]).toEqual([204, 'https://school.example', 'POST']);
    const stranger = await preflight('https://school.example.evil.example');
    expect([stranger.status, stranger.headers.get('access-control-allow-origin'), stranger.headers.get('access-control-allow-methods')]).toEqual([204, null, null]);
  });

  it('sends the headers that keep browsers careful', async () => {
    const { headers } = await server.client.get('/api/v1/things');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('refuses roles that the route does not name', async () => {
    const student = server.client.as(await issue('s-1', 'student', 60));
    expect((await student.post('/api/v1/things/a', { title: 'x' })).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await student.get('/api/v1/things')).body).toEqual({ actor: 's-1', role: 'student' });
  });
});
