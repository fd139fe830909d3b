import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createFaults, retryAfterHeader, type FaultKind } from '../zoom/faults.ts';
import { sendSlowly } from '../zoom/faultAnswers.ts';
import { openJournal } from '../zoom/journal.ts';

const { createServer } = process.getBuiltinModule('node:http'); // not imported, for what that loads besides: see src/http/nodeHttp.ts

export type CloudflareTurnKey = { keyId: string; apiToken: string };

export type CloudflareSandboxOptions = {
  /** Default 127.0.0.1 and a free port. */
  host?: string;
  port?: number;
  /** Credentials are kept here. Absent: in memory only. */
  stateFile?: string;
  /** Default: `sandboxTurnKey`. */
  keys?: readonly CloudflareTurnKey[];
};

export type CloudflareSandbox = {
  /** Without a slash at the end; the TURN API is at `{url}/v1`. */
  url: string;
  close(): Promise<void>;
};

/** Well known on purpose: it opens nothing but a sandbox on this machine. */
export const sandboxTurnKey: CloudflareTurnKey = { keyId: 'sandbox-turn-key', apiToken: 'sandbox-turn-token' };

type Credential = { keyId: string; username: string; credential: string; expiresAt: string; revokedAt?: string };
type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

/** Faults that a TURN endpoint can be told to have; `expiredToken` answers 401 whatever the token. */
const faultKinds: readonly FaultKind[] = ['rateLimited', 'status', 'statusAfter', 'timeoutBefore', 'timeoutAfter', 'dropBefore', 'dropAfter', 'slowBytes', 'expiredToken'];

/** Longest life that Cloudflare gives, 48 h. Source: Cloudflare Realtime TURN, FAQ. */
const longestTtl = 172_800;
const maxBody = 64 * 1_024;

/** A stand-in for Cloudflare's TURN credentials: generate and revoke, with state and faults (`POST /_faults`, `GET /_state`). It relays nothing. */
export async function startCloudflareSandbox(options: CloudflareSandboxOptions = {}): Promise<CloudflareSandbox> {
  const keys = options.keys ?? [sandboxTurnKey];
  const faults = createFaults();
  const journal = openJournal(options.stateFile);
  const calls = new Map<string, number>();

  function generate(keyId: string, input: unknown): Answer {
    const ttl = typeof input === 'object' && input !== null && 'ttl' in input ? input.ttl : undefined;
    if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < 1 || ttl > longestTtl) return { status: 400, body: { error: `ttl is a whole number of seconds from 1 to ${longestTtl}` } };
    const credential: Credential = { keyId, username: randomBytes(32).toString('hex'), credential: randomBytes(32).toString('hex'), expiresAt: new Date(Date.now() + ttl * 1_000).toISOString() };
    journal.put('credential', credential.username, credential);
    return {
      status: 201,
      body: {
        iceServers: [
          { urls: ['stun:stun.cloudflare.com:3478', 'stun:stun.cloudflare.com:53'] },
          {
            urls: [
              'turn:turn.cloudflare.com:3478?transport=udp', 'turn:turn.cloudflare.com:53?transport=udp', 'turn:turn.cloudflare.com:3478?transport=tcp',
              'turn:turn.cloudflare.com:80?transport=tcp', 'turns:turn.cloudflare.com:5349?transport=tcp', 'turns:turn.cloudflare.com:443?transport=tcp',
            ],
            username: credential.username, credential: credential.credential,
          },
        ],
      },
    };
  }

  function revoke(keyId: string, username: string): Answer {
    const known = journal.get<Credential>('credential', username);
    if (!known || known.keyId !== keyId) return { status: 404, body: { error: 'no such credential' } };
    if (known.revokedAt === undefined) journal.put('credential', username, { ...known, revokedAt: new Date().toISOString() });
    return { status: 204 };
  }

  function api(request: IncomingMessage, path: string[], body: unknown, isTokenExpired: boolean): Answer {
    const [version, turn, keysName, keyId = '', credentials, third, fourth] = path;
    if (request.method !== 'POST' || version !== 'v1' || turn !== 'turn' || keysName !== 'keys' || credentials !== 'credentials') return { status: 404 };
    const key = keys.find((one) => one.keyId === keyId);
    if (isTokenExpired || !key || request.headers.authorization !== `Bearer ${key.apiToken}`) return { status: 401, body: { error: 'unauthorized' } };
    if (third === 'generate-ice-servers' && path.length === 6) return generate(keyId, body);
    if (fourth === 'revoke' && path.length === 7) return revoke(keyId, third ?? '');
    return { status: 404 };
  }

  function control(method: string, path: string[], body: unknown): Answer {
    switch (`${method} ${path[0]}`) {
      case 'POST _faults':
        try {
          return { status: 201, body: faults.add(body) };
        } catch (error) {
          return { status: 400, body: { error: error instanceof Error ? error.message : 'invalid fault' } };
        }
      case 'GET _faults':
        return { status: 200, body: { faults: faults.list() } };
      case 'DELETE _faults':
        faults.remove(path[1]);
        return { status: 204 };
      case 'GET _state':
        return { status: 200, body: { credentials: journal.all<Credential>('credential'), faults: faults.list(), calls: Object.fromEntries(calls) } };
      default:
        return { status: 404 };
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://sandbox');
    const path = pathname.split('/').slice(1).map(decode);
    const method = request.method ?? 'GET';
    if (path[0]?.startsWith('_')) return send(response, control(method, path, await readJson(request)));
    const name = `${method} ${path.at(-1) ?? ''}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const struck = faults.strike(faultKinds, method, pathname);
    const fault = (kind: FaultKind) => struck.find((one) => one.kind === kind);
    if (fault('dropBefore')) return void request.socket.destroy();
    if (fault('timeoutBefore')) return; // the socket stays open until the caller, or close(), gives up
    const limited = fault('rateLimited');
    const status = fault('status')?.status ?? (fault('status') ? 500 : undefined);
    const retryAfter = limited && retryAfterHeader(limited.retryAfter ?? 'seconds', limited.seconds ?? 1, new Date());
    const refused: Answer | undefined = limited ? { status: 429, body: { error: 'too many requests' }, ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': retryAfter } }) } : status === undefined ? undefined : { status, body: { error: 'the sandbox was told to fail' } };
    const answer = refused ?? api(request, path, await readJson(request), fault('expiredToken') !== undefined);
    if (fault('dropAfter')) return void request.socket.destroy();
    if (fault('timeoutAfter')) return;
    const after = fault('statusAfter');
    await send(response, after ? { status: after.status ?? 500, body: { error: 'the sandbox was told to fail' } } : answer, fault('slowBytes')?.everyMs ?? (fault('slowBytes') ? 1_000 : undefined));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

async function send(response: ServerResponse, { status, body, headers = {} }: Answer, everyMs?: number): Promise<void> {
  response.writeHead(status, { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers });
  const bytes = Buffer.from(body === undefined ? '' : JSON.stringify(body));
  if (everyMs === undefined) response.end(bytes);
  else await sendSlowly(response, bytes, everyMs);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
