import { z } from 'zod';
import { createRateLimits } from '../../src/http/rateLimits.ts';
import { defineRoute } from '../../src/http/route.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase } from '../support/testDatabase.ts';
import { issue, startTestServer } from './support/testServer.ts';

const query = (path: string, operationId: string, access: 'authenticated' | 'public', more: { unlimited?: boolean } = {}) =>
  defineRoute({
    method: 'get', path, operationId, summary: operationId, tag: 'Things', access, kind: 'query', readModel: 'things', problems: [], ...more,
    response: { status: 200, schema: z.strictObject({ ok: z.boolean() }) },
    handler: () => Promise.resolve({ body: { ok: true } }),
  });
const routes = [query('/things', 'listThings', 'authenticated'), query('/open', 'readOpen', 'public'), query('/hooks', 'readHooks', 'public', { unlimited: true })];

describe('rate limits', () => {
  it('hold per person, say where one stands, and leave others alone', async () => {
    const server = await startTestServer(routes, { rateLimits: createRateLimits({ perPerson: 3, perAddress: 0 }) });
    const [a, b] = [server.client.as(await issue('a', 'student', 60)), server.client.as(await issue('b', 'student', 60))];
    const answers = [];
    for (let i = 0; i < 5; i++) answers.push(await a.get('/api/v1/things'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['2', '1', '0', '0', '0']);
    expect(answers[0]!.headers.get('ratelimit-limit')).toBe('3');
    const wait = Number(answers[4]!.headers.get('retry-after'));
    expect([answers[4]!.body.code, wait > 0 && wait <= 60]).toEqual(['rateLimited', true]);
    expect((await b.get('/api/v1/things')).status).toBe(200);
    await server.stop();
  });

  it('hold per address for whoever has no token or a bad one, but not for webhooks', async () => {
    const server = await startTestServer(routes, { rateLimits: createRateLimits({ perPerson: 0, perAddress: 3 }) });
    const nobody = server.client.as(undefined);
    const guesses = [];
    for (let i = 0; i < 4; i++) guesses.push((await nobody.get('/api/v1/things', { token: `guess-${i}` })).status);
    expect(guesses).toEqual([401, 401, 401, 429]);
    expect((await nobody.get('/api/v1/open')).status).toBe(429);
    for (let i = 0; i < 5; i++) expect((await nobody.get('/api/v1/hooks')).status).toBe(200);
    await server.stop();
  });

  it('believe X-Forwarded-For only from as many proxies as there are', async () => {
    const limits = { perPerson: 0, perAddress: 1 };
    const asks = async (trustedProxies: number, forwarded: string[]) => {
      const server = await startTestServer(routes, { rateLimits: createRateLimits(limits), trustedProxies });
      const statuses = [];
      for (const address of forwarded) statuses.push((await server.client.get('/api/v1/open', { headers: { 'x-forwarded-for': address } })).status);
      await server.stop();
      return statuses;
    };
    expect(await asks(0, ['192.0.2.1', '192.0.2.2'])).toEqual([200, 429]);
    expect(await asks(1, ['192.0.2.1', '192.0.2.2'])).toEqual([200, 200]);
    expect(await asks(1, ['192.0.2.1, 198.51.100.7', '192.0.2.2, 198.51.100.7'])).toEqual([200, 429]);
  });

  it('count over all processes of a database, and let people through while it is away', async () => {
    const database = await createTestDatabase();
    const one = await startTestServer(routes, { rateLimits: createRateLimits({ perPerson: 4, perAddress: 0, pool: database.pool }) });
    const two = await startTestServer(routes, { rateLimits: createRateLimits({ perPerson: 4, perAddress: 0, pool: database.pool }) });
    const statuses = [];
    for (const server of [one, two, one, two, one, two]) statuses.push((await server.client.get('/api/v1/things')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
    await database.drop();
    expect((await one.client.as(await issue('new', 'student', 60)).get('/api/v1/things')).status).toBe(200);
    await Promise.all([one.stop(), two.stop()]);
  });
});

describe('Min-Position', () => {
  const asked: unknown[] = [];
  let reached = true;
  let away: Date | undefined;
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    server = await startTestServer(routes, {
      readModels: { waitFor: (...what) => { asked.push(what); return Promise.resolve(reached); } },
      staleSince: () => away,
    });
  });
  afterAll(() => server.stop());

  it('waits for the route\'s read model, 2 s at most', async () => {
    expect((await server.client.get('/api/v1/things', { headers: { 'min-position': '0000000000000042' } })).status).toBe(200);
    expect(asked).toEqual([['things', '0000000000000042', 2_000]]);
  });

  it('answers 503 with Retry-After when the view does not get there', async () => {
    reached = false;
    const refused = await server.client.get('/api/v1/things', { headers: { 'min-position': '42' } });
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([503, 'readModelBehind', '1']);
    reached = true;
  });

  it('refuses what was never a position', async () => {
    expect((await server.client.get('/api/v1/things', { headers: { 'min-position': 'a b' } })).body).toMatchObject({ status: 400, code: 'invalidHeader' });
  });

  it('answers queries while the event log is away, marked stale', async () => {
    expect((await server.client.get('/api/v1/things')).headers.get('stale-since')).toBeNull();
    away = new Date('2026-03-02T08:00:00.000Z');
    expect((await server.client.get('/api/v1/things')).headers.get('stale-since')).toBe('2026-03-02T08:00:00.000Z');
    away = undefined;
  });
});

describe('health and metrics', () => {
  it('is ready when every dependency is, and names the one that is not', async () => {
    let isUp = true;
    const server = await startTestServer([], { checks: [{ name: 'postgres', check: () => Promise.resolve() }, { name: 'eventLog', check: () => (isUp ? Promise.resolve() : Promise.reject(new Error('away'))) }] });
    expect((await server.client.get('/readyz')).body).toEqual({ status: 'ready', dependencies: [{ name: 'postgres', status: 'up' }, { name: 'eventLog', status: 'up' }] });
    isUp = false;
    const red = await server.client.get('/readyz');
    expect([red.status, red.body]).toEqual([503, { status: 'notReady', dependencies: [{ name: 'postgres', status: 'up' }, { name: 'eventLog', status: 'down' }] }]);
    expect((await server.client.get('/livez')).body).toEqual({ status: 'alive' });
    await server.stop();
  });

  it('does not hang on a dependency that does', async () => {
    const server = await startTestServer([], { checks: [{ name: 'postgres', check: () => new Promise(() => undefined) }] });
    expect((await server.client.get('/readyz')).body).toEqual({ status: 'notReady', dependencies: [{ name: 'postgres', status: 'down' }] });
    await server.stop();
  });

  it('tells Prometheus of requests, appends, batches, lag, jobs, vendors and the event loop', async () => {
    const server = await startTestServer(routes);
    const { metrics } = server;
    metrics.append('appended', 3, 0.002);
    metrics.appendBatch(12);
    metrics.jobRuns.inc({ job: 'tidyUp', outcome: 'succeeded' });
    metrics.vendorCall('zoom', 'createMeeting', 'rateLimited', 0.2);
    metrics.watchReadModels(() => Promise.resolve([{ name: 'lessons', version: 1, generation: 1, state: 'paused', position: '1', lagMs: 1_500, staleSeconds: 2, owner: undefined, pausedAt: undefined, error: undefined }]));
    metrics.watchParkedJobs(() => Promise.resolve(2));
    await server.client.get('/api/v1/open');
    const text = await eventually(async () => {
      const { text: scraped } = await server.client.get('/metrics');
      return scraped.includes('route="/api/v1/open"') && scraped;
    });
    for (const line of [
      'lectern_http_request_seconds_count{method="GET",route="/api/v1/open",status="200"} 1', 'lectern_append_seconds_count{outcome="appended"} 1', 'lectern_events_appended_total 3',
      'lectern_append_batch_size_sum 12', 'lectern_read_model_lag_seconds{read_model="lessons"} 1.5', 'lectern_read_model_paused{read_model="lessons"} 1',
      'lectern_job_runs_total{job="tidyUp",outcome="succeeded"} 1', 'lectern_vendor_call_seconds_count{vendor="zoom",operation="createMeeting",outcome="rateLimited"} 1', 'lectern_parked_jobs 2',
    ]) expect(text).toContain(line);
    expect(text).toMatch(/nodejs_eventloop_lag_p99_seconds/);
    await server.stop();
  });
});

describe('the docs page', () => {
  it('works offline and without inline script: everything it loads comes from here', async () => {
    const server = await startTestServer(routes);
    const { text, headers } = await server.client.get('/docs');
    const loads = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!).filter((url) => !url.startsWith('data:'));
    expect(loads).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/init.js']);
    for (const url of [...loads, '/openapi.json']) expect((await server.client.get(url)).status).toBe(200);
    expect(text).not.toMatch(/<script>|<style|style="|onload=/);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe-eval|https?:/);
    expect((await server.client.get('/openapi.json')).body).toEqual(JSON.parse(JSON.stringify(await server.http.openApi())));
    await server.stop();
  });

  it('has a page for every problem code, and none for others', async () => {
    const server = await startTestServer(routes);
    const { text } = await server.client.get('/problems');
    const pages = [...text.matchAll(/href="(\/problems\/\w+)"/g)].map(([, url]) => url!);
    expect(pages.length).toBeGreaterThan(40);
    for (const page of pages) expect((await server.client.get(page)).status).toBe(200);
    expect((await server.client.get('/problems/constructor')).status).toBe(404);
    await server.stop();
  });
});
