import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { KnownPerson } from '../../src/http/auth/personAccess.ts';
import { createRoomTokens } from '../../src/http/auth/roomTokens.ts';
import { createTokenVerifier } from '../../src/http/auth/tokens.ts';
import { defineRoute, fullPath, type Route } from '../../src/http/route.ts';
import { everyRoute } from './support/everyRoute.ts';
import { issue, startTestServer, tokenSettings } from './support/testServer.ts';

const secret = 'another secret, of the rooms, 32 bytes or more';
const tokens = createRoomTokens({ secret, issuer: 'lectern' });
const inRoom = { sessionId: 'room-1', personId: 'p-1', role: 'student', permissions: { draw: true } };
const who = z.strictObject({ id: z.string().max(200), role: z.string().max(20) });
const common = { method: 'get', tag: 'Things', kind: 'query', problems: [], request: { params: z.strictObject({ id: z.string().max(100) }) }, response: { status: 200, schema: who } } as const;
const forRoom = defineRoute({ ...common, path: '/classroom/sessions/{id}/who', operationId: 'whoInRoom', summary: 'Who', access: 'authenticated', roomToken: true, handler: ({ actor }) => Promise.resolve({ body: { id: actor.id, role: actor.role } }) });
const forTeachers = defineRoute({ ...common, path: '/classroom/sessions/{id}/teachers', operationId: 'teachersInRoom', summary: 'Who', access: ['teacher'], roomToken: true, handler: ({ actor }) => Promise.resolve({ body: { id: actor.id, role: actor.role } }) });
const forSchool = defineRoute({ ...common, path: '/lessons/{id}/who', operationId: 'whoInSchool', summary: 'Who', access: 'authenticated', handler: ({ actor }) => Promise.resolve({ body: { id: actor.id, role: actor.role } }) });

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1_000);
const head = { alg: 'HS256', typ: 'room+jwt' };
const claims = (more: object = {}) => ({ aud: 'lectern-room', iss: 'lectern', sessionId: 'room-1', sub: 'p-1', role: 'student', permissions: {}, exp: now() + 60, iat: now(), ...more });
const forge = (header: object, payload: object, key = secret) => {
  const signed = `${base64(header)}.${base64(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};

describe('the token of a room', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  const directory = new Map<string, KnownPerson>([['gone', { role: 'student', active: false }], ['t-1', { role: 'teacher', active: true }]]);
  beforeAll(async () => { server = await startTestServer([forRoom, forTeachers, forSchool], { roomTokens: tokens, directory }); });
  afterAll(() => server.stop());
  const ask = (path: string, token: string) => server.client.as(token).get(`/api/v1${path}`);
  const { token } = tokens.issue(inRoom);

  it('says what the specification says, and ends after two hours', () => {
    const issued = tokens.issue(inRoom);
    const payload = JSON.parse(Buffer.from(issued.token.split('.')[1]!, 'base64url').toString()) as { exp: number; iat: number };
    expect(payload).toEqual({ aud: 'lectern-room', iss: 'lectern', sessionId: 'room-1', sub: 'p-1', role: 'student', permissions: { draw: true }, exp: expect.any(Number) as number, iat: expect.any(Number) as number });
    expect(payload.exp - payload.iat).toBe(7_200);
    let time = Date.now();
    const later = createRoomTokens({ secret, issuer: 'lectern', now: () => new Date(time) });
    expect(later.verify(issued.token)).toEqual({ sessionId: 'room-1', personId: 'p-1' });
    time += 7_206_000;
    expect(later.verify(issued.token)).toBeUndefined();
  });

  it('is taken on routes of its own room only', async () => {
    expect((await ask('/classroom/sessions/room-1/who', token)).body).toEqual({ id: 'p-1', role: 'student' });
    expect((await ask('/classroom/sessions/room-2/who', token)).body).toMatchObject({ status: 403, code: 'forbidden' });
    expect((await ask('/lessons/room-1/who', token)).status).toBe(401);
  });

  it('gives no role of the school: that is the directory\'s word', async () => {
    const asHost = tokens.issue({ ...inRoom, role: 'host' }).token;
    expect((await ask('/classroom/sessions/room-1/teachers', asHost)).status).toBe(403);
    const teacher = tokens.issue({ ...inRoom, personId: 't-1', role: 'viewer' }).token;
    expect((await ask('/classroom/sessions/room-1/teachers', teacher)).body).toEqual({ id: 't-1', role: 'teacher' });
    expect((await ask('/classroom/sessions/room-1/who', tokens.issue({ ...inRoom, personId: 'gone' }).token)).body).toMatchObject({ status: 403, code: 'personInactive' });
  });

  it('is no token of the school, nor the other way round, not even with one secret for both', async () => {
    const school = await issue('p-1', 'admin', 60);
    expect(tokens.verify(school)).toBeUndefined();
    expect((await ask('/classroom/sessions/room-1/who', school)).body).toEqual({ id: 'p-1', role: 'admin' });
    const alike = createRoomTokens({ secret: tokenSettings.secret, issuer: 'lectern' });
    expect(alike.verify(school)).toBeUndefined();
    expect(await createTokenVerifier(tokenSettings)(alike.issue(inRoom).token)).toEqual({ outcome: 'refused' });
  });

  const { sessionId: _sessionId, ...withoutRoom } = claims();
  it.each<[string, string]>([
    ['alg none', `${base64({ alg: 'none', typ: 'room+jwt' })}.${base64(claims())}.`],
    ['another algorithm', forge({ alg: 'HS512', typ: 'room+jwt' }, claims())],
    ['another type', forge({ alg: 'HS256', typ: 'JWT' }, claims())],
    ['a key of its own', forge({ ...head, jwk: { kty: 'oct', k: 'AAAA' } }, claims())],
    ['another secret', forge(head, claims(), 'x'.repeat(40))],
    ['changed claims', token.replace(/\.[^.]+\./, `.${base64(claims({ role: 'host' }))}.`)],
    ['another audience', forge(head, claims({ aud: 'lectern' }))],
    ['another issuer', forge(head, claims({ iss: 'elsewhere' }))],
    ['no room', forge(head, withoutRoom)],
    ['an expiry in the past', forge(head, claims({ exp: now() - 60 }))],
    ['an expiry that is no number', forge(head, claims({ exp: '2099' }))],
    ['four parts', `${token}.x`],
    ['a signature cut short', token.slice(0, -4)],
    ['endless length', `${token}${'A'.repeat(5_000)}`],
  ])('is refused with %s', async (_what, bad) => {
    expect((await ask('/classroom/sessions/room-1/who', bad)).status).toBe(401);
  });

  it('opens no door but those that say so, each only for its room', async () => {
    const routes = everyRoute().routes.filter((route) => route.access !== 'public');
    // The same address and access; whoever gets in gets 200.
    const doors = routes.map(({ method, path, base, operationId, access, tag, roomToken = false }): Route => ({
      method, path, operationId, access, tag, roomToken, summary: operationId, kind: 'query', problems: [], response: { status: 200 }, ...(base === undefined ? {} : { base }), handler: () => Promise.resolve({}),
    }));
    const all = await startTestServer(doors, { roomTokens: tokens });
    const seen = await Promise.all(routes.map(async (route) => {
      const status = async (id: string) => (await fetch(new URL(fullPath(route).replace('{id}', id).replaceAll(/\{\w+\}/g, 'x'), all.url), { method: route.method.toUpperCase(), headers: { authorization: `Bearer ${token}` } })).status;
      return [route.operationId, await status('room-1'), await status('room-2')];
    }));
    expect(seen).toEqual(routes.map(({ operationId, access, roomToken }) => {
      const mine = access === 'authenticated' || (access !== 'public' && access.includes('student'));
      return [operationId, ...(roomToken ? [mine ? 200 : 403, 403] : [401, 401])];
    }));
    await all.stop();
  });
});
