import { createHmac, timingSafeEqual } from 'node:crypto';

/** Milliseconds that a delivery's own timestamp may be away from real time, either way. */
export const windowMs = 5 * 60_000;

/**
 * `v0=` hex HMAC-SHA256(secret, `v0:{x-zm-request-timestamp}:{raw body}`), compared in constant time, over the bytes as they came.
 * @param timestamp seconds since 1970, as in the header @param now real time, ms: signatures know nothing of a moved school clock
 */
export function isSigned(secret: string, timestamp: string | undefined, signature: string | undefined, raw: Buffer, now: number): boolean {
  if (secret === '' || !/^\d{1,13}$/.test(timestamp ?? '')) return false;
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest();
  const given = Buffer.from(/^v0=([0-9a-f]{64})$/.exec(signature ?? '')?.[1] ?? '00'.repeat(32), 'hex');
  const isFresh = Math.abs(now - Number(timestamp) * 1000) <= windowMs;
  return timingSafeEqual(expected, given) && isFresh;
}

/** Zoom's handshake wants proof that we hold the secret. */
export const proofOf = (secret: string, plainToken: string): string => createHmac('sha256', secret).update(plainToken).digest('hex');
