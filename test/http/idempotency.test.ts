import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../src/domain/kernel/domainError.ts';
import { createIdempotencyStore } from '../../src/http/idempotency/store.ts';
import { defineRoute } from '../../src/http/route.ts';
import { EventStoreError } from '../../src/ports/eventStore.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { issue, startTestServer } from './support/testServer.ts';

type Run = { commandId: string; repeat: boolean };

describe('Idempotency-Key', () => {
  let database: TestDatabase;
  let server: Awaited<ReturnType<typeof startTestServer>>;
  const runs: Run[] = [];
  let gate: Promise<void> = Promise.resolve();
  let open = (): void => undefined;
  let fault: unknown;

  const command = (path: string, operationId: string, more: { secretAnswer?: boolean } = {}) =>
    defineRoute({
      method: 'post', path, operationId, summary: operationId, tag: 'Things', access: ['admin', 'teacher'], kind: 'command', problems: ['noZoomAccountFree'], ...more,
      request: { params: z.strictObject({ id: z.string().max(20) }), body: z.strictObject({ a: z.int(), b: z.int().default(0) }) },
      response: { status: 201, schema: z.strictObject({ id: z.string().max(50), revision: z.int(), position: z.string().max(50), run: z.int() }) },
      handler: async ({ command: { commandId, mayBeRepeat }, params }) => {
        const run = runs.push({ commandId, repeat: mayBeRepeat === true });
        await gate;
        if (fault !== undefined) throw fault;
        return { body: { id: params.id, revision: 0, position: '1', run } };
      },
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer([command('/things/{id}', 'makeThing'), command('/secrets/{id}', 'fetchSecret', { secretAnswer: true })], { idempotency: createIdempotencyStore(database.pool) });
  });
  beforeEach(() => {
    runs.length = 0;
    fault = undefined;
    gate = Promise.resolve();
  });
  afterEach(() => open());
  afterAll(async () => {
    await server.stop();
    await database.drop();
  });

  let counter = 0;
  const freshKey = () => `key-${++counter}`;
  const post = (key: string, body: unknown = { a: 1 }, path = '/api/v1/things/x', headers: Record<string, string> = {}) => server.client.post(path, body, { headers: { 'idempotency-key': key, ...headers } });

  it('gives the first answer again, headers and all, and says so', async () => {
    const key = freshKey();
    const first = await post(key);
    const again = await post(key);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect([again.status, again.text, again.headers.get('etag'), again.headers.get('position'), again.headers.get('idempotent-replayed')]).toEqual([201, first.text, '"0"', '1', 'true']);
    expect(runs).toHaveLength(1);
  });

  it('does not mind the order of fields, nor a default that is spelt out', async () => {
    const key = freshKey();
    await server.client.ask('POST', '/api/v1/things/x', { raw: '{"a":1,"b":0}', headers: { 'content-type': 'application/json', 'idempotency-key': key } });
    const again = await server.client.ask('POST', '/api/v1/things/x', { raw: '{ "b": 0, "a": 1 }', headers: { 'content-type': 'application/json', 'idempotency-key': key } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await post(key)).headers.get('idempotent-replayed')).toBe('true');
  });

  it.each([
    ['another body', (key: string) => post(key, { a: 2 })],
    ['another thing', (key: string) => post(key, { a: 1 }, '/api/v1/things/y')],
    ['another If-Match', (key: string) => post(key, { a: 1 }, '/api/v1/things/x', { 'if-match': '"3"' })],
  ])('refuses the same key for %s', async (_what, other) => {
    const key = freshKey();
    await post(key);
    const refused = await other(key);
    expect([refused.status, refused.body.code]).toEqual([422, 'keyReused']);
    expect(runs).toHaveLength(1);
  });

  it('keeps people and routes apart', async () => {
    const key = freshKey();
    await post(key);
    await post(key, { a: 1 }, '/api/v1/secrets/x');
    const teacher = server.client.as(await issue('t-1', 'teacher', 60));
    await teacher.post('/api/v1/things/x', { a: 1 }, { headers: { 'idempotency-key': key } });
    expect(new Set(runs.map((run) => run.commandId)).size).toBe(3);
  });

  it('refuses a second request while the first one runs', async () => {
    const key = freshKey();
    gate = new Promise((resolve) => { open = resolve; });
    const first = post(key);
    await eventually(() => runs.length === 1);
    const second = await post(key);
    expect([second.status, second.body.code, second.headers.get('retry-after')]).toEqual([409, 'keyInProgress', '1']);
    open();
    expect((await first).status).toBe(201);
    expect((await post(key)).headers.get('idempotent-replayed')).toBe('true');
  });

  it('runs one of many that arrive at once', async () => {
    const key = freshKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(key)));
    expect(runs).toHaveLength(1);
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true);
  });

  it('keeps a refusal by the domain', async () => {
    const key = freshKey();
    fault = new DomainError('noZoomAccountFree', 'None.');
    const first = await post(key);
    fault = undefined;
    const again = await post(key);
    expect([first.status, again.status, again.text === first.text]).toEqual([409, 409, true]);
  });

  it('does not keep a validation failure', async () => {
    const key = freshKey();
    expect((await post(key, { a: 'x' })).status).toBe(400);
    expect((await post(key)).status).toBe(201);
  });

  it.each([
    ['the outcome was unknown', new EventStoreError('unknownOutcome', 'lost'), 503],
    ['something broke', new Error('bug'), 500],
  ])('runs again, as a repeat and with the same command id, when %s', async (_what, error, status) => {
    const key = freshKey();
    fault = error;
    expect((await post(key)).status).toBe(status);
    fault = undefined;
    expect((await post(key)).status).toBe(201);
    expect(runs.map((run) => run.repeat)).toEqual([false, true]);
    expect(runs[0]!.commandId).toBe(runs[1]!.commandId);
  });

  it('takes over from a process that died, as a repeat, once its lease of 15 s is over', async () => {
    const key = freshKey();
    await post(key);
    await database.pool.query(`update lectern.idempotency_keys set status = null, body = null, headers = null, lease_until = now() + interval '14 seconds' where created_at = (select max(created_at) from lectern.idempotency_keys)`);
    expect((await post(key)).body.code).toBe('keyInProgress');
    await database.pool.query(`update lectern.idempotency_keys set lease_until = now() - interval '1 millisecond' where status is null`);
    expect((await post(key)).status).toBe(201);
    expect(runs.map((run) => run.repeat)).toEqual([false, true]);
    expect(runs[0]!.commandId).toBe(runs[1]!.commandId);
  });

  it('leases for 15 s', async () => {
    gate = new Promise((resolve) => { open = resolve; });
    const running = post(freshKey());
    await eventually(() => runs.length === 1);
    const { rows } = await database.pool.query(`select extract(epoch from lease_until - created_at)::float as seconds from lectern.idempotency_keys where status is null`);
    expect(rows).toEqual([{ seconds: 15 }]);
    open();
    await running;
  });

  it('keeps the lease of a command that takes long, for its owner only', async () => {
    const store = createIdempotencyStore(database.pool);
    const [key, owner] = [randomUUID(), randomUUID()];
    await store.claim(key, Buffer.alloc(32), owner);
    const until = async () => (await database.pool.query<{ s: number }>('select extract(epoch from lease_until - now())::float as s from lectern.idempotency_keys where key_id = $1', [key])).rows[0]!.s;
    await database.pool.query(`update lectern.idempotency_keys set lease_until = now() + interval '1 second' where key_id = $1`, [key]);
    await store.renew(key, randomUUID());
    expect(await until()).toBeLessThan(2);
    await store.renew(key, owner);
    expect(await until()).toBeGreaterThan(13);
    await store.release(key, randomUUID());
    expect((await store.claim(key, Buffer.alloc(32), randomUUID())).kind).toBe('running');
    await store.release(key, owner);
    expect(await store.claim(key, Buffer.alloc(32), randomUUID())).toEqual({ kind: 'run', repeat: true });
  });

  it('never stores an answer with a secret: a replay fetches anew, and knows that it is one', async () => {
    const key = freshKey();
    const first = await post(key, { a: 1 }, '/api/v1/secrets/x');
    const again = await post(key, { a: 1 }, '/api/v1/secrets/x');
    expect([first.body.run, again.body.run]).toEqual([1, 2]);
    expect(runs.map((run) => run.repeat)).toEqual([false, true]);
    const { rows: kept } = await database.pool.query(`select body, headers from lectern.idempotency_keys order by created_at desc limit 1`);
    expect(kept).toEqual([{ body: null, headers: {} }]);
  });

  it('forgets after 24 h, not before', async () => {
    const store = createIdempotencyStore(database.pool);
    const key = freshKey();
    await post(key);
    const age = (interval: string) => database.pool.query(`update lectern.idempotency_keys set created_at = now() - $1::interval where created_at = (select max(created_at) from lectern.idempotency_keys)`, [interval]);
    await database.pool.query(`delete from lectern.idempotency_keys where created_at < (select max(created_at) from lectern.idempotency_keys)`);
    await age('23 hours 59 minutes');
    expect(await store.purge()).toBe(0);
    expect((await post(key, { a: 2 })).status).toBe(422);
    await age('24 hours 1 second');
    expect((await post(key, { a: 2 })).status).toBe(201);
    expect(runs.map((run) => run.repeat)).toEqual([false, false]);
    expect(runs[0]!.commandId).not.toBe(runs[1]!.commandId);
    await age('24 hours 1 second');
    expect(await store.purge()).toBe(1);
  });

  it.each([['x'.repeat(256)], [' '], ['ü']])('refuses the key %p', async (key) => {
    const raw = await fetch(new URL('/api/v1/things/x', server.url), { method: 'POST', headers: { authorization: `Bearer ${await issue('a', 'admin', 60)}`, 'content-type': 'application/json', 'idempotency-key': key }, body: '{"a":1}' });
    expect([raw.status, ((await raw.json()) as { code: string }).code]).toEqual([400, 'invalidHeader']);
  });

  it('does not leave the key locked when a connection breaks around the claim or the answer', async () => {
    const store = createIdempotencyStore(database.pool);
    const broken = new Set(['claim', 'keep', 'release']);
    /** Does what it is asked, and fails all the same, once: the answer was lost on the way. */
    const flaky = <A extends unknown[], T>(name: string, act: (...args: A) => Promise<T>) => async (...args: A): Promise<T> => {
      const answer = await act(...args);
      if (!broken.delete(name)) return answer;
      throw Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
    };
    const shaky = await startTestServer([command('/things/{id}', 'makeThing')], { idempotency: { ...store, claim: flaky('claim', store.claim), keep: flaky('keep', store.keep), release: flaky('release', store.release) } });
    const headers = { 'idempotency-key': freshKey() };
    expect((await shaky.client.post('/api/v1/things/x', { a: 1 }, { headers })).status).toBe(503);
    const began = Date.now();
    const answer = await eventually(async () => {
      const next = await shaky.client.post('/api/v1/things/x', { a: 1 }, { headers });
      return next.status === 201 ? next : undefined;
    });
    expect(answer.body.run).toBe(1);
    expect((await shaky.client.post('/api/v1/things/x', { a: 1 }, { headers })).headers.get('idempotent-replayed')).toBe('true');
    expect(Date.now() - began).toBeLessThan(10_000);
    await shaky.stop();
  });

  it('says 503 when the database is away, and never runs the command unnoticed', async () => {
    const gone = await startTestServer([command('/things/{id}', 'makeThing')], {
      idempotency: createIdempotencyStore({ query: () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })) }),
    });
    const refused = await gone.client.post('/api/v1/things/x', { a: 1 }, { headers: { 'idempotency-key': 'k' } });
    expect([refused.status, refused.headers.get('retry-after'), runs.length]).toEqual([503, '1', 0]);
    await gone.stop();
  });
});
