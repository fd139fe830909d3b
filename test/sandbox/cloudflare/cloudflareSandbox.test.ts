import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sandboxTurnKey, startCloudflareSandbox, type CloudflareSandboxOptions } from '../../../sandbox/cloudflare/server.ts';
import { cloudflareTurnSpecs, describeWithVendorSpecs } from '../../support/vendorSpecs.ts';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function sandbox(options: CloudflareSandboxOptions = {}) {
  const running = await startCloudflareSandbox(options);
  open.push(() => running.close());
  const send = async (method: string, path: string, body?: unknown, token = sandboxTurnKey.apiToken) => {
    const response = await fetch(`${running.url}${path}`, { method, headers: { connection: 'close', authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as unknown };
  };
  const credentials = `/v1/turn/keys/${sandboxTurnKey.keyId}/credentials`;
  return { ...running, send, generate: (body: unknown, token?: string) => send('POST', `${credentials}/generate-ice-servers`, body, token), revoke: (username: string) => send('POST', `${credentials}/${username}/revoke`), state: async () => (await send('GET', '/_state')).body as State };
}
type State = { credentials: { username: string; expiresAt: string; revokedAt?: string }[]; calls: Record<string, number> };
const usernameOf = (body: unknown) => (body as { iceServers: { username?: string }[] }).iceServers.find(({ username }) => username !== undefined)!.username!;

describe('the stand-in for Cloudflare\'s TURN service', () => {
  it('gives credentials that live as long as was asked, and takes them back', async () => {
    const cloudflare = await sandbox();
    const before = Date.now();
    const { status, body } = await cloudflare.generate({ ttl: 600 });
    expect(status).toBe(201);
    const [credential] = (await cloudflare.state()).credentials;
    expect(credential).toMatchObject({ username: usernameOf(body) });
    expect(Date.parse(credential!.expiresAt) - before).toBeGreaterThanOrEqual(599_000);
    expect((await cloudflare.revoke(credential!.username)).status).toBe(204);
    expect((await cloudflare.revoke(credential!.username)).status).toBe(204);
    expect((await cloudflare.state()).credentials[0]!.revokedAt).toBeDefined();
    expect((await cloudflare.revoke('nobody')).status).toBe(404);
  });

  it('offers port 53 too, as the real one does', async () => {
    const cloudflare = await sandbox();
    const { iceServers } = (await cloudflare.generate({ ttl: 60 })).body as { iceServers: { urls: string[] }[] };
    expect(iceServers.flatMap(({ urls }) => urls).filter((url) => /:53(\?|$)/.test(url))).toHaveLength(2);
  });

  it('refuses another token, another key, and a life that is none', async () => {
    const cloudflare = await sandbox();
    expect((await cloudflare.generate({ ttl: 600 }, 'another')).status).toBe(401);
    expect((await cloudflare.send('POST', '/v1/turn/keys/another/credentials/generate-ice-servers', { ttl: 600 })).status).toBe(401);
    for (const ttl of [0, -1, 1.5, 172_801, '600', undefined]) expect((await cloudflare.generate({ ttl })).status).toBe(400);
    expect((await cloudflare.state()).credentials).toEqual([]);
  });

  it('does not forget when it is started again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lectern-cloudflare-'));
    open.push(() => rm(folder, { recursive: true, force: true }));
    const first = await startCloudflareSandbox({ stateFile: join(folder, 'cloudflare.ndjson') });
    const response = await fetch(`${first.url}/v1/turn/keys/${sandboxTurnKey.keyId}/credentials/generate-ice-servers`, { method: 'POST', headers: { connection: 'close', authorization: `Bearer ${sandboxTurnKey.apiToken}` }, body: '{"ttl":600}' });
    const username = usernameOf(await response.json());
    await first.close();
    const second = await sandbox({ stateFile: join(folder, 'cloudflare.ndjson') });
    expect((await second.revoke(username)).status).toBe(204);
  });

  it('fails as it is told to: before or after the effect, with a status or none', async () => {
    const cloudflare = await sandbox();
    const made = async () => (await cloudflare.state()).credentials.length;
    for (const [fault, status, effect] of [
      [{ kind: 'status', status: 503, count: 1 }, 503, 0], [{ kind: 'statusAfter', status: 500, count: 1 }, 500, 1], [{ kind: 'rateLimited', count: 1, seconds: 7 }, 429, 0], [{ kind: 'expiredToken', count: 1 }, 401, 0],
    ] as const) {
      const before = await made();
      await cloudflare.send('POST', '/_faults', fault);
      const answer = await cloudflare.generate({ ttl: 600 });
      expect([answer.status, (await made()) - before]).toEqual([status, effect]);
      if (status === 429) expect(answer.headers.get('retry-after')).toBe('7');
    }
    for (const [kind, effect] of [['dropBefore', 0], ['dropAfter', 1]] as const) {
      const before = await made();
      await cloudflare.send('POST', '/_faults', { kind, count: 1 });
      await expect(cloudflare.generate({ ttl: 600 })).rejects.toThrow();
      expect((await made()) - before).toBe(effect);
    }
    expect((await cloudflare.send('POST', '/_faults', { kind: 'nonsense' })).status).toBe(400);
    expect((await cloudflare.generate({ ttl: 600 })).status).toBe(201);
  });
});

describeWithVendorSpecs('the stand-in beside the vendor\'s description', () => {
  it('answers as it is described there', async () => {
    const specs = cloudflareTurnSpecs();
    const cloudflare = await sandbox();
    const { status, body } = await cloudflare.generate({ ttl: 600 });
    expect(specs.answer('/turn/keys/{turnKeyId}/credentials/generate-ice-servers', status, body)).toEqual([]);
    expect(specs.describesStatus('/turn/keys/{turnKeyId}/credentials/{username}/revoke', (await cloudflare.revoke(usernameOf(body))).status)).toBe(true);
  });
});
