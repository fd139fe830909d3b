import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createApi } from './api.ts';
import { createControl } from './control.ts';
import { createFaults, requestFaults, type Fault } from './faults.ts';
import { faultAnswer, sendSlowly } from './faultAnswers.ts';
import { openJournal } from './journal.ts';
import { createLifecycle } from './lifecycle.ts';
import { createRateLimits, zoomLimits, type Limits } from './limits.ts';
import { createPages } from './pages.ts';
import { createSchool } from './school.ts';
import { createTokens } from './tokens.ts';
import { ZoomError, type Answer, type StoredMeeting, type ZoomApp } from './types.ts';
import { createWebhooks } from './webhooks.ts';

const { createServer } = process.getBuiltinModule('node:http'); // not imported, for what that loads besides: see src/http/nodeHttp.ts

export type ZoomSandboxOptions = {
  /** Default 127.0.0.1 and a free port. */
  host?: string;
  port?: number;
  /** Meetings, users and day counts are kept here. Absent: in memory only. */
  stateFile?: string;
  /** Default: one app with `sandboxZoomApp`'s credentials. */
  apps?: readonly ZoomApp[];
  /** Where webhooks of the default app go. */
  webhookTarget?: string;
  /** Waits before the 2nd, 3rd, … delivery attempt. Default 5, 20, 60 min. */
  webhookRetryMs?: readonly number[];
  /** Default 3,000. */
  webhookAnswerMs?: number;
  /** A new token makes the older ones of its app invalid. Default false; deployments differ. */
  singleToken?: boolean;
  /** `provision` (default): an e-mail address that was never seen is a licensed user. */
  unknownUsers?: 'provision' | 'refuse';
  limits?: Partial<Limits>;
  /** From real time to the sandbox's clock. */
  clockOffsetMs?: number;
};

export type ZoomSandbox = {
  /** Without a slash at the end. OAuth is at `{url}/oauth/token`, the API at `{url}/v2`. */
  url: string;
  setWebhookTarget(url: string): void;
  setClockOffset(ms: number): void;
  close(): Promise<void>;
};

/** Well known on purpose: they open nothing but a sandbox on this machine. */
export const sandboxZoomApp: ZoomApp = { accountId: 'sandbox-account', clientId: 'sandbox-client', clientSecret: 'sandbox-secret', webhookSecret: 'sandbox-webhook-secret' };

const maxBody = 256 * 1024;

/** A stand-in for Zoom: its OAuth token endpoint, API v2 and webhooks over real HTTP, with state, limits and faults. */
export async function startZoomSandbox(options: ZoomSandboxOptions = {}): Promise<ZoomSandbox> {
  let offset = options.clockOffsetMs ?? 0;
  let url = '';
  const now = () => new Date(Date.now() + offset);
  const apps: ZoomApp[] = (options.apps ?? [{ ...sandboxZoomApp, ...(options.webhookTarget === undefined ? {} : { webhookUrl: options.webhookTarget }) }]).map((app) => ({ ...app }));
  const faults = createFaults();
  const journal = openJournal(options.stateFile);
  const school = createSchool(journal, now, options.unknownUsers ?? 'provision');
  const tokens = createTokens(() => apps, () => url, options.singleToken ?? false);
  const limits = createRateLimits({ ...zoomLimits, ...options.limits }, journal, now);
  const webhooks = createWebhooks({ faults, retryAfterMs: options.webhookRetryMs ?? [300_000, 1_200_000, 3_600_000], answerWithinMs: options.webhookAnswerMs ?? 3000 });
  const lifecycle = createLifecycle(school, webhooks, (accountId) => apps.filter((app) => app.accountId === accountId), now);
  const pages = createPages(school, lifecycle);
  const joinUrl = (meeting: StoredMeeting) => `${url}/j/${meeting.id}?pwd=${encodeURIComponent(meeting.password)}`;
  const startUrl = (meeting: StoredMeeting) => `${url}/s/${meeting.id}?zak=${pages.zak(meeting.hostId)}`;
  const api = createApi({ school, lifecycle, limits, now, joinUrl, startUrl, zak: (userId) => pages.zak(userId) });
  const calls = new Map<string, number>();
  const control = createControl({ school, lifecycle, limits, faults, tokens, webhooks, apps, now, calls, setOffset: (ms) => void (offset = ms) });

  async function answer(request: IncomingMessage, path: string[], rawPath: string[], query: URLSearchParams, struck: Fault[]): Promise<Answer> {
    const method = request.method ?? 'GET';
    const body = await readBody(request);
    if (path[0] === 'oauth') return method === 'POST' && path[1] === 'token' ? tokens.grant(request.headers.authorization, new URLSearchParams(body)) : { status: 404 };
    if (path[0]?.startsWith('_')) return control(method, path, readJson(body));
    if (path[0] === 's' || path[0] === 'j') return pages.answer(path, query);
    if (path[0] !== 'v2') throw new ZoomError(404, 2300, 'This API endpoint is not recognized.');
    const accountId = struck.some((fault) => fault.kind === 'expiredToken') ? undefined : tokens.accountOf(request.headers.authorization);
    if (accountId === undefined) throw new ZoomError(401, 124, 'Invalid access token.');
    return api({ method, path: path.slice(1), rawPath: rawPath.slice(1), query, headers: request.headers, body: readJson(body), accountId });
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
    const rawPath = pathname.split('/').slice(1);
    const path = rawPath.map((part) => safeDecode(part));
    const method = request.method ?? 'GET';
    const isControl = path[0]?.startsWith('_') ?? false;
    if (!isControl) calls.set(callName(method, path), (calls.get(callName(method, path)) ?? 0) + 1);
    const struck = isControl ? [] : faults.strike(requestFaults, method, pathname);
    const kinds = new Set(struck.map((fault) => fault.kind));
    if (kinds.has('dropBefore')) return void request.socket.destroy();
    if (kinds.has('timeoutBefore')) return; // the socket stays open until the caller, or close(), gives up
    let result = faultAnswer(struck, ['rateLimited', 'status'], now());
    result ??= await answer(request, path, rawPath, searchParams, struck).catch((error: unknown) => errorAnswer(error));
    if (kinds.has('dropAfter')) return void request.socket.destroy();
    if (kinds.has('timeoutAfter')) return;
    result = faultAnswer(struck, ['statusAfter'], now()) ?? result;
    await send(response, result, struck.find((fault) => fault.kind === 'slowBytes'));
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
  // The port of the last time, if it is free: join links that were given out lead here.
  const last = journal.get<number>('meta', 'port');
  if (options.port !== undefined || last === undefined) await listen(server, options.port ?? 0, host);
  else await listen(server, last, host).catch(() => listen(server, 0, host));
  const { port } = server.address() as AddressInfo;
  if (port !== last) journal.put('meta', 'port', port);
  url = `http://${host}:${port}`;

  return {
    url,
    setWebhookTarget(target) {
      const [app] = apps;
      if (app) app.webhookUrl = target;
    },
    setClockOffset: (ms) => void (offset = ms),
    async close() {
      webhooks.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const callName = (method: string, path: string[]) => `${method} /${path.map((part, index) => (path[0] === 'v2' && index === 2 ? '*' : part)).join('/')}`;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) throw new ZoomError(413, 300, 'Request body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readJson(body: string): unknown {
  if (body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    throw new ZoomError(400, 300, 'Request Body should be a valid JSON object.');
  }
}

function safeDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function errorAnswer(error: unknown): Answer {
  if (!(error instanceof ZoomError)) return { status: 500, body: { code: 500, message: 'Internal server error.' } };
  return { status: error.status, headers: error.headers, body: { code: error.code, message: error.message, ...(error.errors ? { errors: error.errors } : {}) } };
}

async function send(response: ServerResponse, { status, body, headers }: Answer, slow: Fault | undefined): Promise<void> {
  const isText = typeof body === 'string';
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(isText ? body : JSON.stringify(body));
  response.writeHead(status, {
    'x-zm-trackingid': `v=2.0;clid=sandbox;rid=WEB_${randomBytes(16).toString('hex')}`,
    ...(bytes.length > 0 ? { 'content-type': isText ? 'text/html; charset=utf-8' : 'application/json;charset=UTF-8', 'content-length': String(bytes.length) } : {}),
    ...headers,
  });
  if (slow) await sendSlowly(response, bytes, slow.everyMs ?? 1000);
  else response.end(bytes);
}
