import { hash } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import { role, type Role } from '../../domain/kernel/fields.ts';
import type { Actor } from '../route.ts';

export type TokenSettings = {
  /** HS256, at least 32 bytes. */
  secret?: string;
  /** RS256 and ES256, by the keys found there (RFC 7517). */
  jwksUrl?: string;
  issuer: string;
  audience: string;
  /** Real time, whatever the school's clock says. */
  now?: () => Date;
};

/** What a token said. `unavailable`: the keys that would tell cannot be had now. */
export type Verified = { outcome: 'valid'; actor: Actor } | { outcome: 'refused' } | { outcome: 'unavailable' };

/** Answers at once when the token was seen before. */
export type VerifyToken = (token: string) => Verified | Promise<Verified>;

const longestToken = 4_096;
/** Seconds that clocks may differ. */
const clockTolerance = 5;
/** A key that is withdrawn from the JWKS stops working after at most this long. */
const longestTrust = 5 * 60_000;

const refused: Verified = { outcome: 'refused' };

/**
 * Checks bearer tokens (RFC 7519, RFC 8725). The algorithm decides between the secret and the key set before any key is looked
 * at, and each takes only its own: a public key never serves as a secret, `none` and every other algorithm is refused. `kid` is
 * only ever compared with the key set's own; `jku`, `jwk` and `x5u` are never followed. `exp` is a must.
 */
export function createTokenVerifier(settings: TokenSettings): VerifyToken {
  const secret = settings.secret === undefined ? undefined : new TextEncoder().encode(settings.secret);
  const keySet = settings.jwksUrl === undefined
    ? undefined
    : createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: 2_000, cooldownDuration: 5_000, cacheMaxAge: 10 * 60_000 });
  // By hash: a memory dump then holds no token that could be used.
  const seen = new LRUCache<string, { verified: Verified; until: number }>(atMost(10_000));

  const now = settings.now ?? (() => new Date());
  const options = { issuer: settings.issuer, audience: settings.audience, requiredClaims: ['sub', 'exp', 'role'], clockTolerance };

  const check = async (token: string, key: string): Promise<Verified> => {
    try {
      const { alg } = decodeProtectedHeader(token);
      let payload: JWTPayload;
      if (alg === 'HS256' && secret) ({ payload } = await jwtVerify(token, secret, { ...options, currentDate: now(), algorithms: ['HS256'] }));
      else if ((alg === 'RS256' || alg === 'ES256') && keySet) ({ payload } = await jwtVerify(token, keySet, { ...options, currentDate: now(), algorithms: ['RS256', 'ES256'] }));
      else return refused;
      const named = role.safeParse(payload['role']);
      if (!named.success || typeof payload.sub !== 'string' || payload.sub === '' || payload.sub.length > 200 || payload.exp === undefined) return refused;
      const verified: Verified = { outcome: 'valid', actor: { id: payload.sub, role: named.data } };
      seen.set(key, { verified, until: Math.min((payload.exp + clockTolerance) * 1_000, now().getTime() + longestTrust) });
      return verified;
    } catch (error) {
      return tellsOfTheToken(error) ? refused : { outcome: 'unavailable' };
    }
  };

  return (token) => {
    if (token.length > longestToken) return refused;
    const key = hash('sha256', token, 'base64url');
    const known = seen.get(key);
    if (known && known.until > now().getTime()) return known.verified;
    if (known) seen.delete(key);
    return check(token, key);
  };
}

/** Anything but "the key set could not be fetched" is the token's own fault. */
const tellsOfTheToken = (error: unknown): boolean =>
  (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && error.constructor !== errors.JOSEError) ||
  (error instanceof TypeError && error.message === 'Invalid Token or Protected Header formatting');

/**
 * Signs tokens for people, with the shared secret (CLI, start-up block, tests).
 * @param ttlSeconds how long it is good for
 */
export const createTokenIssuer = (settings: { secret: string; issuer: string; audience: string }) => {
  const secret = new TextEncoder().encode(settings.secret);
  return (personId: string, of: Role, ttlSeconds: number): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ role: of })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(personId).setIssuer(settings.issuer).setAudience(settings.audience)
      .setIssuedAt(now).setExpirationTime(now + ttlSeconds)
      .sign(secret);
  };
};
