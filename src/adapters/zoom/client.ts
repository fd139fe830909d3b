import { setTimeout as wait } from 'node:timers/promises';
import { VendorHttpError } from '../vendorHttp/errors.ts';
import type { VendorAnswer, VendorHttp } from '../vendorHttp/vendorHttp.ts';
import type { AccessTokens } from './accessTokens.ts';
import { safeMessage, ZoomApiError, ZoomAuthError, ZoomRateLimitError } from './errors.ts';
import { createPace, type Pace, type RateCategory } from './pace.ts';
import { readRetryAfter } from './retryAfter.ts';

export type ZoomCall = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/users/{userId}/meetings`: names in braces are filled from `params`. */
  route: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: object;
  category: RateCategory;
  /** Doing it twice is the same as once: then it is repeated after a 5xx or a lost answer. */
  repeatable: boolean;
};

export type ZoomClient = {
  /** @returns the parsed body, undefined when there is none @throws ZoomApiError and its kinds */
  call(credentialsRef: string, call: ZoomCall): Promise<unknown>;
};

export type ZoomClientDeps = {
  http: VendorHttp;
  tokens: AccessTokens;
  /** `https://api.zoom.us/v2` */
  apiUrl: string;
  /** Waits before the second, third and fourth attempt. Default 1, 2, 4 s. */
  backoffMs?: readonly number[];
  /** A longer Retry-After is left to the caller. Default 10 s. */
  longestWaitMs?: number;
  /** No further attempt is begun once a call has taken this long in all. Default 10 s. */
  giveUpAfterMs?: number;
  pace?: Pace;
};

export function createZoomClient({ http, tokens, apiUrl, backoffMs = [1_000, 2_000, 4_000], longestWaitMs = 10_000, giveUpAfterMs = 10_000, pace = createPace() }: ZoomClientDeps): ZoomClient {
  async function attempt(ref: string, call: ZoomCall, url: string, token: string): Promise<VendorAnswer> {
    await pace(ref, call.category);
    return http.call({
      method: call.method, url, route: call.route,
      headers: { authorization: `Bearer ${token}`, ...(call.body ? { 'content-type': 'application/json' } : {}) },
      ...(call.body ? { body: JSON.stringify(call.body) } : {}),
    });
  }

  return {
    async call(ref, call) {
      const url = addressOf(apiUrl, call);
      const begun = performance.now();
      let refetched = false;
      for (let tried = 0; ; ) {
        const token = await tokens.get(ref);
        const outcome = await attempt(ref, call, url, token).then((answer) => judge(call, answer), (error: unknown) => lost(call, error));
        if (outcome.kind === 'done') return outcome.body;
        if (outcome.kind === 'tokenRefused') {
          await tokens.drop(ref, token);
          if (refetched) throw outcome.error;
          refetched = true;
          continue;
        }
        const pause = outcome.kind === 'again' ? (outcome.error.retryAfterMs ?? backoffMs[tried] ?? 0) : Infinity;
        if (tried >= backoffMs.length || pause > longestWaitMs || performance.now() - begun > giveUpAfterMs) throw outcome.error;
        tried += 1;
        await wait(pause);
      }
    },
  };
}

type Judgement =
  | { kind: 'done'; body: unknown }
  | { kind: 'tokenRefused'; error: ZoomAuthError }
  | { kind: 'again' | 'final'; error: ZoomApiError };

/** Zoom's codes for "the token lacks a scope" (4700, and 4711 for granular scopes): a new token would not help. */
const scopeCodes = new Set([4700, 4711]);

function judge(call: ZoomCall, answer: VendorAnswer): Judgement {
  const { status } = answer;
  const body = readJson(answer.body);
  if (status >= 200 && status < 300) return { kind: 'done', body };
  const { code: zoomCode, message: said } = readError(body);
  const what = `Zoom answered ${status}${zoomCode === undefined ? '' : ` (code ${zoomCode})`} to ${call.method} ${call.route}${said === '' ? '' : `: ${safeMessage(said)}`}`;
  const facts = { status, zoomCode };
  if (status === 429) return judgeRateLimit(answer, said, what, facts);
  if (zoomCode !== undefined && scopeCodes.has(zoomCode)) return { kind: 'final', error: new ZoomAuthError(what, facts) };
  if (status === 401 || zoomCode === 124) return { kind: 'tokenRefused', error: new ZoomAuthError(what, facts) };
  if (status >= 500) {
    return call.repeatable ? { kind: 'again', error: new ZoomApiError('unavailable', what, facts) } : { kind: 'final', error: new ZoomApiError('unknownOutcome', what, facts) };
  }
  return { kind: 'final', error: new ZoomApiError(status === 404 ? 'notFound' : 'rejected', what, facts) };
}

/** The host's own daily limit is told only by its sentence (no header says so), the account's by X-RateLimit-Type: Daily-limit. */
function judgeRateLimit(answer: VendorAnswer, said: string, what: string, facts: { status: number; zoomCode: number | undefined }): Judgement {
  const retryAfterMs = readRetryAfter(answer.headers['retry-after'], answer.headers['date'], Date.now());
  if (/daily/i.test(answer.headers['x-ratelimit-type'] ?? '') || /daily/i.test(said)) {
    return { kind: 'final', error: new ZoomRateLimitError('dailyLimit', what, { ...facts, retryAfterMs }) };
  }
  return { kind: 'again', error: new ZoomRateLimitError('rateLimited', what, { ...facts, retryAfterMs }) };
}

function lost(call: ZoomCall, error: unknown): Judgement {
  if (!(error instanceof VendorHttpError)) throw error;
  const code = error.code === 'notSent' || call.repeatable ? 'unavailable' : 'unknownOutcome';
  return { kind: call.repeatable ? 'again' : 'final', error: new ZoomApiError(code, error.message, { status: 0 }, { cause: error }) };
}

function addressOf(apiUrl: string, call: ZoomCall): string {
  const path = call.route.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = call.params?.[name];
    if (value === undefined || value === '') throw new Error(`${call.route} lacks ${name}`);
    return encodePathPart(value);
  });
  const query = new URLSearchParams(call.query).toString();
  return `${apiUrl}${path}${query === '' ? '' : `?${query}`}`;
}

/** Meeting UUIDs that begin with `/` or hold `//` are encoded twice, everything else once. Source: Zoom's description of GET /past_meetings/{meetingId}. */
export function encodePathPart(value: string): string {
  const once = encodeURIComponent(value);
  return value.startsWith('/') || value.includes('//') ? encodeURIComponent(once) : once;
}

function readJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readError(body: unknown): { code: number | undefined; message: string } {
  if (typeof body !== 'object' || body === null) return { code: undefined, message: '' };
  const code = 'code' in body && typeof body.code === 'number' ? body.code : undefined;
  const fields = 'errors' in body && Array.isArray(body.errors) ? body.errors.map((error: unknown) => (typeof error === 'object' && error !== null && 'field' in error ? String(error.field) : '')) : [];
  const message = 'message' in body && typeof body.message === 'string' ? body.message : '';
  return { code, message: fields.length > 0 ? `${message} (${fields.join(', ')})` : message };
}
