import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import { z } from 'zod';

/**
 * Tokens for one room (RFC 7519, HS256 with a secret of their own). `role` and `permissions` are for whoever reads the token; what its bearer
 * may do is decided by the room's stream. Nothing of a school token fits one of these, nor the other way round: secret, `aud`, `typ` and
 * `sessionId` differ.
 */
export type RoomTokenClaims = { sessionId: string; personId: string; role: string; permissions: Readonly<Record<string, unknown>> };

export type RoomTokens = {
  /** Good for 2 h of real time. */
  issue(claims: RoomTokenClaims): { token: string; expiresAt: Date };
  /** @returns undefined for whatever is no valid token of ours */
  verify(token: string): { sessionId: string; personId: string } | undefined;
};

export const roomTokenSeconds = 2 * 3_600;
const audience = 'lectern-room';
const longestToken = 4_096;
/** Seconds that clocks may differ. */
const clockTolerance = 5;

const text = z.string().min(1).max(200);
const claimed = z.object({ aud: z.literal(audience), iss: text, sessionId: text, sub: text, exp: z.number(), iat: z.number(), role: text, permissions: z.record(z.string(), z.unknown()) });

/** The only header that we write, and so the only one that is taken: no algorithm is ever chosen by who sends a token. */
const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'room+jwt' })).toString('base64url');

export function createRoomTokens({ secret, issuer, now = () => new Date() }: { secret: string; issuer: string; now?: () => Date }): RoomTokens {
  // By hash: a memory dump then holds no token that could be used.
  const seen = new LRUCache<string, { sessionId: string; personId: string; until: number }>(atMost(10_000));
  const signature = (signed: string): Buffer => createHmac('sha256', secret).update(signed).digest();

  const check = (token: string): { sessionId: string; personId: string; until: number } | undefined => {
    const [head, body, tail, more] = token.split('.');
    if (head !== header || body === undefined || tail === undefined || more !== undefined) return undefined;
    const given = Buffer.from(tail, 'base64url');
    const expected = signature(`${head}.${body}`);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    const read = claimed.safeParse(jsonOf(body));
    if (!read.success || read.data.iss !== issuer) return undefined;
    return { sessionId: read.data.sessionId, personId: read.data.sub, until: (read.data.exp + clockTolerance) * 1_000 };
  };

  return {
    issue({ sessionId, personId, role, permissions }) {
      const iat = Math.floor(now().getTime() / 1_000);
      const exp = iat + roomTokenSeconds;
      const body = Buffer.from(JSON.stringify({ aud: audience, iss: issuer, sessionId, sub: personId, role, permissions, exp, iat })).toString('base64url');
      return { token: `${header}.${body}.${signature(`${header}.${body}`).toString('base64url')}`, expiresAt: new Date(exp * 1_000) };
    },
    verify(token) {
      if (token.length > longestToken) return undefined;
      const key = hash('sha256', token, 'base64url');
      const found = seen.get(key) ?? check(token);
      if (!found || found.until <= now().getTime()) return undefined;
      seen.set(key, found);
      return { sessionId: found.sessionId, personId: found.personId };
    },
  };
}

const jsonOf = (part: string): unknown => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
};
