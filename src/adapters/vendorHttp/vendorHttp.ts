import { lazily } from '../../ports/lazily.ts';
import { BrokenCircuitError, bulkhead, BulkheadRejectedError, circuitBreaker, ConsecutiveBreaker, handleWhen, wrap, type IPolicy } from 'cockatiel';
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import { isPrivateAddress, publicLookup } from './addresses.ts';
import { VendorHttpError } from './errors.ts';
import { readBody } from './readBody.ts';

export type VendorRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  /** The path with names in place of ids: for logs and metrics, where no person and no token may appear. */
  route: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
};

/** Names of headers are in lower case. */
export type VendorAnswer = { status: number; headers: Readonly<Record<string, string>>; body: string };

/** One finished call, for metrics. `outcome`: the status' class (`2xx`, `4xx`, …), `refused` (not sent) or `lost` (outcome unknown). */
export type VendorCall = { vendor: string; host: string; method: string; route: string; outcome: string; durationMs: number };

export type VendorHttpOptions = {
  vendor: string;
  /** Origins (`http://127.0.0.1:4711`) that may be plain http and at a private address: sandboxes. */
  allowedOrigins?: readonly string[];
  /** Deadlines in ms: until connected (default 3,000), from there until the headers (8,000), from there until the whole body (8,000). */
  connectMs?: number;
  headersMs?: number;
  bodyMs?: number;
  /** Bytes of an answer. Default 4 MiB. */
  maxBytes?: number;
  /** Calls at once, and calls that may wait for a place, per host. Default 8 and 2,000. */
  concurrency?: number;
  queue?: number;
  /** Failures in a row (5xx, lost, refused) that open the breaker of a host, and for how long. Default 8 and 10,000 ms. */
  breakAfter?: number;
  breakForMs?: number;
  /** Response header that names the request at the vendor; logged. */
  requestIdHeader?: string;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  onCall?(call: VendorCall): void;
  /** A host that was taken to be down answers again. */
  onRecovered?(host: string): void;
};

export type VendorHttp = {
  /** Any status is an answer; redirects are not followed. @throws VendorHttpError */
  call(request: VendorRequest): Promise<VendorAnswer>;
  /** Hosts whose breaker is open: the vendor is taken to be down. */
  broken(): string[];
  close(): Promise<void>;
};

/** Thrown inside the breaker so that it counts a 5xx, and unwrapped behind it. */
class ServerFailure extends Error {
  readonly answer: VendorAnswer;
  constructor(answer: VendorAnswer) {
    super(`answered ${answer.status}`);
    this.answer = answer;
  }
}

type Lane = { policy: IPolicy; isBroken(): boolean };

/** The one way to a vendor: deadlines, a breaker and bounded concurrency per host, no redirects, no private addresses, no bodies in logs. */
export function createVendorHttp(options: VendorHttpOptions): VendorHttp {
  const { vendor, connectMs = 3_000, headersMs = 8_000, bodyMs = 8_000, maxBytes = 4 * 1024 * 1024 } = options;
  const allowed = new Set((options.allowedOrigins ?? []).map((origin) => new URL(origin).origin));
  // The deadlines are ours (total, where undici's are between two chunks), so undici's are out of the way.
  const timeouts = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 10_000, connections: options.concurrency ?? 8 };
  // Read at the first call: it is the largest package of all, and many a server never calls this vendor.
  const openClient = async () => {
    const { Agent, request: send } = await import('undici');
    return { send, guarded: new Agent({ ...timeouts, connect: { timeout: connectMs, lookup: publicLookup } }), unguarded: new Agent({ ...timeouts, connect: { timeout: connectMs } }) };
  };
  let client: ReturnType<typeof openClient> | undefined;
  const opened = lazily(() => (client = openClient()));
  let isClosed = false;
  const lanes = new Map<string, Lane>();

  function laneOf(host: string): Lane {
    const known = lanes.get(host);
    if (known) return known;
    const counts = handleWhen((error) => error instanceof ServerFailure || (error instanceof VendorHttpError && error.code !== 'tooLarge'));
    const breaker = circuitBreaker(counts, { halfOpenAfter: options.breakForMs ?? 10_000, breaker: new ConsecutiveBreaker(options.breakAfter ?? 8) });
    let broken = false;
    breaker.onBreak(() => {
      broken = true;
      options.log.warn({ vendor, host }, 'vendor taken to be down');
    });
    breaker.onReset(() => {
      broken = false;
      options.onRecovered?.(host);
    });
    const lane: Lane = { policy: wrap(bulkhead(options.concurrency ?? 8, options.queue ?? 2_000), breaker), isBroken: () => broken };
    lanes.set(host, lane);
    return lane;
  }

  async function exchange(request: VendorRequest, url: URL): Promise<VendorAnswer> {
    const what = `${vendor} ${request.method} ${request.route}`;
    if (request.signal?.aborted) throw new VendorHttpError('notSent', `${what}: the caller gave up`);
    const isAllowed = allowed.has(url.origin);
    if (!isAllowed && url.protocol !== 'https:') throw new VendorHttpError('notSent', `${what}: only https is called`);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!isAllowed && isIP(literal) !== 0 && isPrivateAddress(literal)) throw new VendorHttpError('notSent', `${what}: a private address is not called`);

    if (isClosed) throw new VendorHttpError('notSent', `${what}: this process is stopping`);
    const { send, guarded, unguarded } = await opened().catch((error: unknown) => { throw new VendorHttpError('notSent', `${what}: the client cannot be read`, { cause: error }); });
    const deadline = new AbortController();
    const signal = request.signal ? AbortSignal.any([deadline.signal, request.signal]) : deadline.signal;
    let timer = setTimeout(() => deadline.abort(new Error(`no headers within ${connectMs + headersMs} ms`)), connectMs + headersMs);
    try {
      const response = await send(url, {
        method: request.method, signal, dispatcher: isAllowed ? unguarded : guarded,
        headers: { accept: 'application/json', 'user-agent': 'lectern', ...request.headers }, ...(request.body === undefined ? {} : { body: request.body }),
      } satisfies Partial<Dispatcher.RequestOptions> & { dispatcher: Dispatcher; method: string });
      clearTimeout(timer);
      timer = setTimeout(() => deadline.abort(new Error(`no whole body within ${bodyMs} ms`)), bodyMs);
      const body = await readBody(response.body, maxBytes, what);
      const answer = { status: response.statusCode, headers: flatten(response.headers), body };
      if (answer.status >= 500) throw new ServerFailure(answer);
      return answer;
    } catch (error) {
      if (error instanceof ServerFailure || error instanceof VendorHttpError) throw error;
      throw new VendorHttpError(neverLeft(error) ? 'notSent' : 'unknownOutcome', `${what}: ${reasonOf(error, deadline.signal)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async function guardedExchange(request: VendorRequest, url: URL): Promise<VendorAnswer> {
    try {
      return await laneOf(url.host).policy.execute(() => exchange(request, url));
    } catch (error) {
      if (error instanceof ServerFailure) return error.answer;
      if (error instanceof BrokenCircuitError) throw new VendorHttpError('notSent', `${vendor} is taken to be down (its last calls failed)`);
      if (error instanceof BulkheadRejectedError) throw new VendorHttpError('notSent', `too many calls wait for ${vendor}`);
      throw error;
    }
  }

  return {
    async call(request) {
      const url = new URL(request.url);
      const started = performance.now();
      const fields = { vendor, host: url.host, method: request.method, route: request.route };
      const finish = (outcome: string, level: 'info' | 'warn', more: object) => {
        const durationMs = performance.now() - started;
        options.onCall?.({ ...fields, outcome, durationMs });
        options.log[level]({ ...fields, ...more, durationMs: Math.round(durationMs) }, `${vendor} ${outcome}`);
      };
      try {
        const answer = await guardedExchange(request, url);
        const requestId = options.requestIdHeader === undefined ? undefined : answer.headers[options.requestIdHeader];
        finish(`${Math.floor(answer.status / 100)}xx`, answer.status >= 400 ? 'warn' : 'info', { status: answer.status, ...(requestId === undefined ? {} : { requestId }) });
        return answer;
      } catch (error) {
        const code = error instanceof VendorHttpError ? error.code : 'unknownOutcome';
        finish(code === 'notSent' ? 'refused' : 'lost', 'warn', { reason: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    },
    broken: () => [...lanes].filter(([, lane]) => lane.isBroken()).map(([host]) => host),
    async close() {
      isClosed = true;
      const open = await client?.catch(() => undefined);
      await Promise.all([open?.guarded.destroy(), open?.unguarded.destroy()]);
    },
  };
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

/** Codes of failures before the first byte went out. Sources: Node's system errors, undici's UND_ERR_CONNECT_TIMEOUT. */
const before = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'EPRIVATEADDRESS', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID']);

function neverLeft(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.every(neverLeft); // both address families were tried
  return before.has(codeOf(error));
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '');

function reasonOf(error: unknown, deadline: AbortSignal): string {
  if (deadline.aborted && deadline.reason instanceof Error) return deadline.reason.message;
  return codeOf(error) || (error instanceof Error ? error.message : 'failed');
}
