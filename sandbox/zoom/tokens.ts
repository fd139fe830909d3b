import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Answer, ZoomApp } from './types.ts';

/** Access tokens live an hour of real time, however the school's clock was moved. */
const lifetimeSeconds = 3600;
const scope = 'meeting:read:admin meeting:write:admin user:read:admin recording:read:admin';

export type Tokens = {
  /** `POST /oauth/token`. */
  grant(authorization: string | undefined, form: URLSearchParams): Answer;
  /** The account of a token that is valid now. */
  accountOf(authorization: string | undefined): string | undefined;
  /** Makes every token that was given out invalid. */
  expireAll(): void;
  granted(): number;
};

/** @param singleToken a new token invalidates the app's older ones, as some deployments do */
export function createTokens(apps: () => readonly ZoomApp[], apiUrl: () => string, singleToken: boolean): Tokens {
  const tokens = new Map<string, { accountId: string; clientId: string; expires: number }>();
  let granted = 0;
  const refuse = (status: number, error: string, reason: string): Answer => ({ status, body: { reason, error } });
  return {
    grant(authorization, form) {
      const [clientId, clientSecret] = readBasic(authorization);
      const app = apps().find((known) => known.clientId === clientId && sameText(known.clientSecret, clientSecret));
      if (!app) return refuse(401, 'invalid_client', 'Invalid client_id or client_secret');
      if (form.get('grant_type') !== 'account_credentials') return refuse(400, 'unsupported_grant_type', 'unsupported grant type');
      if (form.get('account_id') !== app.accountId) return refuse(400, 'invalid_request', 'Bad Request');
      if (singleToken) for (const [token, of] of tokens) if (of.clientId === clientId) tokens.delete(token);
      for (const [token, of] of tokens) if (of.expires < Date.now()) tokens.delete(token);
      const token = `sandbox-token-${randomBytes(24).toString('base64url')}`;
      tokens.set(token, { accountId: app.accountId, clientId, expires: Date.now() + lifetimeSeconds * 1000 });
      granted += 1;
      return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: lifetimeSeconds, scope, api_url: apiUrl() } };
    },
    accountOf(authorization) {
      const of = tokens.get(/^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
      return of && of.expires > Date.now() ? of.accountId : undefined;
    },
    expireAll: () => tokens.clear(),
    granted: () => granted,
  };
}

function readBasic(authorization: string | undefined): [string, string] {
  const text = Buffer.from(/^Basic (\S+)$/i.exec(authorization ?? '')?.[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)];
}

function sameText(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
