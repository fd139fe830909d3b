import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { createPersonAccess, type KnownPerson } from '../../src/http/auth/personAccess.ts';
import { createTokenVerifier } from '../../src/http/auth/tokens.ts';
import { defineRoute } from '../../src/http/route.ts';
import { issue, startTestServer, tokenSettings } from './support/testServer.ts';

const whoAmI = defineRoute({
  method: 'get', path: '/who', operationId: 'who', summary: 'Who', tag: 'Things', access: 'authenticated', kind: 'query', problems: [],
  response: { status: 200, schema: z.strictObject({ id: z.string().max(200), role: z.string().max(20) }) },
  handler: ({ actor }) => Promise.resolve({ body: { id: actor.id, role: actor.role } }),
});
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1_000);
const claims = (more: object = {}) => ({ sub: 'p-1', role: 'admin', iss: 'lectern', aud: 'lectern', iat: now(), exp: now() + 60, ...more });
/** Any header, any claims, signed with HMAC by whatever is given: what an attacker can make. */
const forge = (header: object, payload: object, secret: string | Buffer = tokenSettings.secret) => {
  const head = `${base64(header)}.${base64(payload)}`;
  return `${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`;
};

describe('bearer tokens by shared secret', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  const directory = new Map<string, KnownPerson>();
  beforeAll(async () => {
    server = await startTestServer([whoAmI], { directory });
  });
  afterAll(() => server.stop());
  const who = (token: string | undefined) => server.client.as(token).get('/api/v1/who');

  it('takes a token that is right, again and again', async () => {
    const token = await issue('p-1', 'teacher', 60);
    expect((await who(token)).body).toEqual({ id: 'p-1', role: 'teacher' });
    expect((await who(token)).body).toEqual({ id: 'p-1', role: 'teacher' });
  });

  const hs = { alg: 'HS256', typ: 'JWT' };
  const { exp: _exp, ...withoutExp } = claims();
  const { role: _role, ...withoutRole } = claims();
  const { sub: _sub, ...withoutSub } = claims();
  it.each<[string, string]>([
    ['no signature, alg none', `${base64({ alg: 'none' })}.${base64(claims())}.`],
    ['alg None in disguise', `${base64({ alg: 'nOnE' })}.${base64(claims())}.`],
    ['alg none with a signature', forge({ alg: 'none' }, claims())],
    ['another secret', forge(hs, claims(), 'another secret')],
    ['an empty secret', forge(hs, claims(), '')],
    ['an alg that is not taken, HS384', forge({ alg: 'HS384' }, claims())],
    ['an alg for the key set that there is not', forge({ alg: 'RS256' }, claims())],
    ['a kid that points to a file', forge({ ...hs, kid: '../../../../dev/null' }, claims(), '')],
    ['a kid with SQL in it', forge({ ...hs, kid: `x' union select 'key` }, claims(), 'key')],
    ['its own key in the header', forge({ ...hs, jwk: { kty: 'oct', k: Buffer.from('mine').toString('base64url') } }, claims(), 'mine')],
    ['a critical header that nobody knows', forge({ ...hs, crit: ['b64'], b64: false }, claims())],
    ['an expiry in the past', forge(hs, claims({ exp: now() - 60 }))],
    ['no expiry', forge(hs, withoutExp)],
    ['an expiry that is no number', forge(hs, claims({ exp: '2099' }))],
    ['a start in the future', forge(hs, claims({ nbf: now() + 60 }))],
    ['another audience', forge(hs, claims({ aud: 'elsewhere' }))],
    ['another issuer', forge(hs, claims({ iss: 'elsewhere' }))],
    ['no role', forge(hs, withoutRole)],
    ['a role that does not exist', forge(hs, claims({ role: 'root' }))],
    ['two roles', forge(hs, claims({ role: ['student', 'admin'] }))],
    ['no person', forge(hs, withoutSub)],
    ['an empty person', forge(hs, claims({ sub: '' }))],
    ['a person that is an object', forge(hs, claims({ sub: { id: 'p-1' } }))],
    ['changed claims', forge(hs, claims({ role: 'student' })).replace(/\.[^.]+\./, `.${base64(claims())}.`)],
    ['two parts', forge(hs, claims()).split('.').slice(0, 2).join('.')],
    ['five parts', `${forge(hs, claims())}.a.b`],
    ['no sense', 'x'],
    ['endless length', `${forge(hs, claims())}${'A'.repeat(5_000)}`],
  ])('refuses a token with %s', async (_what, token) => {
    const refused = await who(token);
    expect([refused.status, refused.body.code]).toEqual([401, 'unauthorized']);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer realm="lectern", error="invalid_token"');
  });

  it('asks for a token where there is none, and takes no other scheme', async () => {
    for (const authorization of [undefined, 'Basic cDpw', 'Bearer', await issue('p-1', 'admin', 60)]) {
      const refused = await server.client.as(undefined).get('/api/v1/who', { headers: authorization === undefined ? {} : { authorization } });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="lectern"']);
    }
  });

  it('remembers no token past its expiry', async () => {
    let time = Date.now();
    const verify = createTokenVerifier({ ...tokenSettings, now: () => new Date(time) });
    const token = forge(hs, claims({ exp: now() + 60 }));
    expect(await verify(token)).toMatchObject({ outcome: 'valid' });
    time += 66_000; // past the tolerance of 5 s
    expect(await verify(token)).toEqual({ outcome: 'refused' });
  });

  it('lets the directory\'s role override the token\'s', async () => {
    directory.set('p-2', { role: 'student', active: true });
    expect((await who(await issue('p-2', 'admin', 60))).body).toEqual({ id: 'p-2', role: 'student' });
  });

  it('refuses whoever was deactivated', async () => {
    const token = await issue('p-3', 'admin', 60);
    directory.set('p-3', { role: 'admin', active: true });
    expect((await who(token)).status).toBe(200);
    directory.set('p-3', { role: 'admin', active: false });
    expect((await who(token)).body).toMatchObject({ status: 403, code: 'personInactive' });
  });
});

describe('bearer tokens by key set', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let keys: Server;
  let url: string;
  let asked = 0;

  beforeAll(async () => {
    const body = JSON.stringify({
      keys: [{ ...(await exportJWK(rsa.publicKey)), kid: 'rsa-1', alg: 'RS256', use: 'sig' }, { ...(await exportJWK(ec.publicKey)), kid: 'ec-1', alg: 'ES256', use: 'sig' }],
    });
    keys = createServer((_request, response) => {
      asked++;
      response.setHeader('content-type', 'application/json').end(body);
    });
    await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`;
  });
  afterAll(() => { keys.close(); keys.closeAllConnections(); });

  const sign = (header: { alg: string; kid?: string }, key: KeyObject) => new SignJWT(claims()).setProtectedHeader(header).sign(key);
  const verifier = (more: object = {}) => createTokenVerifier({ jwksUrl: url, issuer: 'lectern', audience: 'lectern', ...more });

  it('takes RS256 and ES256 of the keys in the set, fetched once', async () => {
    const verify = verifier();
    asked = 0;
    expect(await verify(await sign({ alg: 'RS256', kid: 'rsa-1' }, rsa.privateKey))).toEqual({ outcome: 'valid', actor: { id: 'p-1', role: 'admin' } });
    expect(await verify(await sign({ alg: 'ES256', kid: 'ec-1' }, ec.privateKey))).toMatchObject({ outcome: 'valid' });
    expect(asked).toBe(1);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['signed by a key that is not in the set', () => sign({ alg: 'RS256', kid: 'rsa-1' }, stranger.privateKey)],
    ['with a kid that is not in the set', () => sign({ alg: 'RS256', kid: 'other' }, rsa.privateKey)],
    ['with the kid of another kind of key', () => sign({ alg: 'RS256', kid: 'ec-1' }, rsa.privateKey)],
    ['with the public key used as a secret (PEM)', () => forge({ alg: 'HS256', kid: 'rsa-1' }, claims(), rsa.publicKey.export({ type: 'spki', format: 'pem' }))],
    ['with the public key used as a secret (DER)', () => forge({ alg: 'HS256' }, claims(), rsa.publicKey.export({ type: 'spki', format: 'der' }))],
    ['with an algorithm that is not taken', () => sign({ alg: 'RS512', kid: 'rsa-1' }, rsa.privateKey)],
    ['with alg none', () => `${base64({ alg: 'none', kid: 'rsa-1' })}.${base64(claims())}.`],
    ['with a key set of its own', () => forge({ alg: 'RS256', jku: 'http://127.0.0.1:9/jwks.json' }, claims())],
  ])('refuses a token %s, also when there is a secret', async (_what, make) => {
    const token = await make();
    expect(await verifier()(token)).toEqual({ outcome: 'refused' });
    expect(await verifier({ secret: tokenSettings.secret })(token)).toEqual({ outcome: 'refused' });
  });

  it('says that it cannot tell, not that the token is bad, when the key set is away', async () => {
    const server = await startTestServer([whoAmI], { verifyToken: verifier({ jwksUrl: 'http://127.0.0.1:9/jwks.json' }) });
    const refused = await server.client.as(await sign({ alg: 'RS256', kid: 'rsa-1' }, rsa.privateKey)).get('/api/v1/who');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    await server.stop();
  });
});

describe('what the directory says of a person', () => {
  const setUp = (answer: { person: KnownPerson | undefined; fails?: boolean }) => {
    const state = { time: 0, asked: 0 };
    const access = createPersonAccess(
      () => { state.asked++; return answer.fails ? Promise.reject(new Error('away')) : Promise.resolve(answer.person); },
      { freshMs: 1_000, staleMs: 30_000, outageMs: 600_000, now: () => state.time },
    );
    return { state, access };
  };
  const teacher: KnownPerson = { role: 'teacher', active: true };

  it('is asked once while it is fresh, and behind the caller\'s back after that', async () => {
    const answer = { person: teacher };
    const { state, access } = setUp(answer);
    expect(await access.of('p')).toBe(teacher);
    expect(access.of('p')).toBe(teacher); // no promise: the hot path does not wait
    answer.person = { role: 'student', active: true };
    state.time = 1_001;
    expect(access.of('p')).toBe(teacher);
    await Promise.resolve();
    await Promise.resolve();
    expect(access.of('p')).toEqual({ role: 'student', active: true });
    expect(state.asked).toBe(2);
  });

  it('is never older than 30 s', async () => {
    const answer = { person: teacher };
    const { state, access } = setUp(answer);
    await access.of('p');
    answer.person = { role: 'teacher', active: false };
    state.time = 30_001;
    expect(await access.of('p')).toEqual({ role: 'teacher', active: false });
  });

  it('changes at once where the change was made', async () => {
    const { access } = setUp({ person: teacher });
    await access.of('p');
    access.learn('p', { role: 'teacher', active: false });
    expect(access.of('p')).toEqual({ role: 'teacher', active: false });
  });

  it('outlives an outage of ten minutes, no longer; who is not known then is not let in', async () => {
    const answer: { person: KnownPerson; fails?: boolean } = { person: teacher };
    const { state, access } = setUp(answer);
    await access.of('p');
    answer.fails = true;
    state.time = 599_000;
    expect(await access.of('p')).toBe(teacher);
    state.time = 1_300_000;
    await expect(access.of('p')).rejects.toThrow('away');
    await expect(access.of('q')).rejects.toThrow('away');
  });
});
