import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { retryAfterHeader, type Fault, type FaultKind } from './faults.ts';
import type { Answer } from './types.ts';

/** The answer that the first fault of these kinds gives; undefined when none struck. */
export function faultAnswer(struck: readonly Fault[], kinds: readonly FaultKind[], now: Date): Answer | undefined {
  const fault = struck.find((one) => kinds.includes(one.kind));
  if (!fault) return undefined;
  if (fault.kind !== 'rateLimited') {
    const status = fault.status ?? 500;
    return { status, body: { code: status, message: 'The sandbox was told to fail.' } };
  }
  const day = fault.limit === 'day';
  const seconds = fault.seconds ?? (day ? secondsToMidnight(now) : 1);
  const retryAfter = retryAfterHeader(fault.retryAfter ?? 'seconds', seconds, day ? now : new Date());
  return {
    status: 429,
    body: { code: 429, message: day ? 'You have reached the maximum daily rate limit for this API. Refer to the response header for details on when you can make another request.' : 'You have reached the maximum per-second rate limit for this API. Try again later.' },
    headers: {
      'X-RateLimit-Category': day ? 'Heavy' : 'Light', 'X-RateLimit-Type': day ? 'Daily-limit' : 'QPS', 'X-RateLimit-Limit': day ? '30000' : '30', 'X-RateLimit-Remaining': '0',
      ...(retryAfter === undefined ? {} : { 'Retry-After': retryAfter }),
    },
  };
}

const secondsToMidnight = (now: Date) => Math.ceil((Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime()) / 1000);

/** One byte at a time, until the caller hangs up. */
export async function sendSlowly(response: ServerResponse, bytes: Buffer, everyMs: number): Promise<void> {
  for (const byte of bytes) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await sleep(everyMs, undefined, { ref: false });
  }
  response.end();
}
