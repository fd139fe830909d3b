import { cloudflareIceServers, type CloudflareTurnDeps } from '../../../src/adapters/cloudflare/turn.ts';
import { createVendorHttp, type VendorHttpOptions } from '../../../src/adapters/vendorHttp/vendorHttp.ts';
import { sandboxTurnKey, startCloudflareSandbox } from '../../../sandbox/cloudflare/server.ts';
import { cloudflareTurnSpecs, describeWithVendorSpecs } from '../../support/vendorSpecs.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const fallback = [{ urls: ['stun:stun.school.example:3478'] }];

async function turn(more: Partial<CloudflareTurnDeps> = {}, httpOptions: Partial<VendorHttpOptions> = {}) {
  const sandbox = await startCloudflareSandbox();
  const lines: string[] = [];
  const log = { info: (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message })), warn: (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message })) };
  const http = createVendorHttp({ vendor: 'cloudflare-turn', allowedOrigins: [sandbox.url], breakAfter: 3, breakForMs: 60_000, log, ...httpOptions });
  open.push(sandbox, http);
  const iceServers = cloudflareIceServers({ http, apiUrl: `${sandbox.url}/v1`, keyId: sandboxTurnKey.keyId, apiToken: sandboxTurnKey.apiToken, seconds: 600, fallback, log, answerWithinMs: 20_000, revokeAgainAfterMs: [5, 5], ...more });
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${sandbox.url}${path}`, { method, headers: { connection: 'close' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return response.status === 204 ? undefined : ((await response.json()) as unknown);
  };
  const state = async () => (await control('GET', '/_state')) as { credentials: { username: string; expiresAt: string; revokedAt?: string }[]; calls: Record<string, number> };
  return { iceServers, lines, http, fault: (fault: object) => control('POST', '/_faults', fault), state };
}

describe('TURN credentials from Cloudflare', () => {
  it('are made for each person, live ten minutes at most and name no port 53', async () => {
    const cloudflare = await turn({ seconds: 86_400 });
    const before = Date.now();
    const [first, second] = [await cloudflare.iceServers.forPerson('room', 'a'), await cloudflare.iceServers.forPerson('room', 'b')];
    expect(first.revokeHandle).not.toBe(second.revokeHandle);
    expect(first.expiresAt!.getTime() - before).toBeLessThanOrEqual(600_500);
    for (const { expiresAt } of (await cloudflare.state()).credentials) expect(Date.parse(expiresAt) - before).toBeLessThanOrEqual(600_900);
    const urls = first.iceServers.flatMap((server) => server.urls);
    expect(urls).toEqual(expect.arrayContaining(['stun:stun.cloudflare.com:3478', 'turns:turn.cloudflare.com:5349?transport=tcp']));
    expect(urls.filter((url) => /:53(\?|$)/.test(url))).toEqual([]);
    expect(first.iceServers.find(({ username }) => username !== undefined)).toMatchObject({ username: first.revokeHandle, credential: expect.any(String) as string });
  });

  it('are revoked, also when the first attempts fail, and a second time without harm', async () => {
    const cloudflare = await turn();
    const { revokeHandle } = await cloudflare.iceServers.forPerson('room', 'a');
    await cloudflare.fault({ kind: 'status', status: 500, count: 2, path: 'revoke' });
    expect(await cloudflare.iceServers.revoke(revokeHandle!)).toBe('revoked');
    expect((await cloudflare.state()).credentials[0]!.revokedAt).toBeDefined();
    expect(await cloudflare.iceServers.revoke(revokeHandle!)).toBe('revoked');
    expect(await cloudflare.iceServers.revoke('nobody')).toBe('revoked');
  });

  it('are given up on when they cannot be revoked', async () => {
    const cloudflare = await turn();
    await cloudflare.fault({ kind: 'expiredToken', path: 'revoke' });
    expect(await cloudflare.iceServers.revoke('anybody')).toBe('failed');
    expect((await cloudflare.state()).calls['POST revoke']).toBe(1); // a refusal is not repeated
  });

  it.each([['timeoutBefore', {}], ['timeoutAfter', {}], ['dropBefore', {}], ['dropAfter', {}], ['status', { status: 503 }], ['status', { status: 403 }], ['rateLimited', { seconds: 30 }], ['slowBytes', { everyMs: 500 }], ['expiredToken', {}]])('make nobody wait when they fail (%s %j): the call begins with STUN', async (kind, more) => {
    const cloudflare = await turn({ answerWithinMs: 200 });
    await cloudflare.fault({ kind, ...more });
    const begun = performance.now();
    expect(await cloudflare.iceServers.forPerson('room', 'a')).toEqual({ iceServers: fallback, expiresAt: null, revokeHandle: null });
    // Far below the deadlines of the HTTP client (8 s and more), far above what a busy machine adds to 200 ms.
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('are not asked for any more while Cloudflare is down', async () => {
    const cloudflare = await turn();
    await cloudflare.fault({ kind: 'status', status: 503 });
    for (let i = 0; i < 5; i += 1) expect((await cloudflare.iceServers.forPerson('room', 'a')).iceServers).toEqual(fallback);
    expect((await cloudflare.state()).calls['POST generate-ice-servers']).toBe(3);
    expect(cloudflare.http.broken()).toHaveLength(1);
  });

  it('leave no secret in the log', async () => {
    const cloudflare = await turn();
    const { revokeHandle, iceServers } = await cloudflare.iceServers.forPerson('room', 'a');
    await cloudflare.fault({ kind: 'status', status: 403 });
    await cloudflare.iceServers.forPerson('room', 'a');
    await cloudflare.iceServers.revoke(revokeHandle!);
    const written = cloudflare.lines.join('\n');
    expect(written).toContain('without a relay');
    for (const secret of [sandboxTurnKey.apiToken, revokeHandle!, iceServers.find(({ credential }) => credential !== undefined)!.credential!]) expect(written).not.toContain(secret);
  });
});

describeWithVendorSpecs('what is sent to Cloudflare', () => {
  it('is as its description says', async () => {
    const sent: { url: string; body?: string }[] = [];
    const http = { call: (request: { url: string; body?: string }) => Promise.resolve((sent.push(request), { status: 204, headers: {}, body: '' })), broken: () => [], close: () => Promise.resolve() };
    const { iceServers } = await turn({ http, apiUrl: 'https://rtc.live.cloudflare.com/v1', keyId: 'key' });
    await iceServers.forPerson('room', 'a');
    await iceServers.revoke('some/name');
    expect(sent.map(({ url }) => url)).toEqual(['https://rtc.live.cloudflare.com/v1/turn/keys/key/credentials/generate-ice-servers', 'https://rtc.live.cloudflare.com/v1/turn/keys/key/credentials/some%2Fname/revoke']);
    expect(cloudflareTurnSpecs().request('/turn/keys/{turnKeyId}/credentials/generate-ice-servers', JSON.parse(sent[0]!.body!))).toEqual([]);
  });
});
