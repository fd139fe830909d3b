import { Writable } from 'node:stream';
import { createLog, withoutSecrets } from '../../src/http/observe/logs.ts';

const canary = 'canary-4f1b';

describe('the log', () => {
  const lines: string[] = [];
  const log = createLog('info', new Writable({ write: (chunk, _encoding, next) => { lines.push(String(chunk)); next(); } }));
  beforeEach(() => { lines.length = 0; });

  it.each<[string, object]>([
    ['at the top', { token: canary }],
    ['further in', { zoom: { credentials: { clientSecret: canary } } }],
    ['in the answer to who wants into a room', { tickets: { board: canary }, roomToken: canary }],
    ['in a list', { all: [{ startUrl: canary }] }],
    ['in the headers of a request', { headers: { authorization: canary, cookie: canary } }],
  ])('leaves out what bears a secret\'s name, %s', (_where, facts) => {
    const before = structuredClone(facts);
    log.info(facts, 'message');
    expect(lines.join('')).toContain('[redacted]');
    expect(lines.join('')).not.toContain(canary);
    expect(facts).toEqual(before);
  });

  it('writes of an error its name, code, message and stack, without the secrets in them and without a driver\'s other fields', () => {
    const error = Object.assign(new Error(`connect postgres://me:${canary}@db/x failed, Bearer ${canary}`, { cause: new Error(`https://zoom.example/s/1?zak=${canary}`) }), { code: '23505', detail: `Key (email)=(${canary})` });
    log.error({ err: error }, 'failed');
    const line = JSON.parse(lines.join('')) as { err: object };
    expect(lines.join('')).not.toContain(canary);
    expect(line.err).toMatchObject({ name: 'Error', code: '23505', cause: { name: 'Error' } });
  });

  it('knows the ticket of a room in an address', () => {
    expect(withoutSecrets(`GET /ws/classroom/r-1/board?ticket=${canary} failed`)).toBe('GET /ws/classroom/r-1/board?ticket=[redacted] failed');
  });

  it('knows secrets inside texts by their form', () => {
    expect(withoutSecrets(`Basic ${canary} eyJhbGciOi.eyJzdWIi.c2ln https://z.example/s/1?zak=${canary}&x=1`)).toBe('Basic [redacted] [redacted] https://z.example/s/1?zak=[redacted]&x=1');
  });
});
