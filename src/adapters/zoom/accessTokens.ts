import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ZoomCredentials } from '../../ports/secrets.ts';
import { VendorHttpError } from '../vendorHttp/errors.ts';
import type { VendorHttp } from '../vendorHttp/vendorHttp.ts';
import type { CredentialsByRef } from './credentials.ts';
import { ZoomApiError, ZoomAuthError, ZoomRateLimitError } from './errors.ts';
import { readRetryAfter } from './retryAfter.ts';
import type { AccessToken, TokenTable } from './tokenTable.ts';

/** Tokens live 3,600 s; they are used for 3,000. Real time, whatever the school's clock says. */
const usedForMs = 3_000_000;
/** Other nodes wait for the row's lock meanwhile. */
const longestFetchMs = 12_000;

export type AccessTokens = {
  /** Fetched once however many callers wait. @throws ZoomAuthError, ZoomRateLimitError, ZoomApiError `unavailable` */
  get(ref: string): Promise<string>;
  /** After Zoom refused this token: only this one is dropped. */
  drop(ref: string, token: string): Promise<void>;
};

export type AccessTokensDeps = { http: VendorHttp; credentials: CredentialsByRef; table: TokenTable; oauthUrl: string; usedForMs?: number };

const grant = z.looseObject({ access_token: z.string().min(1) });

export function createAccessTokens({ http, credentials, table, oauthUrl, ...options }: AccessTokensDeps): AccessTokens {
  const maxAgeMs = options.usedForMs ?? usedForMs;
  const cache = new Map<string, AccessToken>();
  const inFlight = new Map<string, Promise<AccessToken>>();

  async function fetchToken({ accountId, clientId, clientSecret }: ZoomCredentials): Promise<string> {
    const answer = await http
      .call({
        method: 'POST', url: oauthUrl, route: '/oauth/token', signal: AbortSignal.timeout(longestFetchMs), body: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId }).toString(),
        headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`, 'content-type': 'application/x-www-form-urlencoded' },
      })
      .catch((error: unknown) => {
        // A token that was granted but never seen does no harm, so both codes mean: not now.
        if (error instanceof VendorHttpError) throw new ZoomApiError('unavailable', `no access token: ${error.message}`, { status: 0 }, { cause: error });
        throw error;
      });
    if (answer.status === 429) {
      throw new ZoomRateLimitError('rateLimited', 'Zoom grants no more access tokens for the moment', {
        status: 429, retryAfterMs: readRetryAfter(answer.headers['retry-after'], answer.headers['date'], Date.now()),
      });
    }
    if (answer.status >= 500) throw new ZoomApiError('unavailable', `no access token: Zoom answered ${answer.status}`, { status: answer.status });
    const parsed = answer.status === 200 ? grant.safeParse(readJson(answer.body)) : undefined;
    if (!parsed?.success) throw new ZoomAuthError(`Zoom refuses the credentials (${answer.status})`, { status: answer.status });
    return parsed.data.access_token;
  }

  return {
    async get(ref) {
      const of = await credentials.of(ref);
      const key = keyOf(of);
      const cached = cache.get(key);
      if (cached && Date.now() - cached.fetchedAt < maxAgeMs) return cached.token;
      let flight = inFlight.get(key);
      if (!flight) {
        flight = table.obtain(key, maxAgeMs, () => fetchToken(of)).finally(() => inFlight.delete(key));
        inFlight.set(key, flight);
      }
      const obtained = await flight;
      cache.set(key, obtained);
      return obtained.token;
    },
    async drop(ref, token) {
      const key = keyOf(await credentials.of(ref));
      if (cache.get(key)?.token === token) cache.delete(key);
      await table.drop(key, token);
    },
  };
}

/** Names account and client in the table without spelling them. */
const keyOf = ({ accountId, clientId }: ZoomCredentials) => createHash('sha256').update(`${accountId}\n${clientId}`).digest('hex');

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
