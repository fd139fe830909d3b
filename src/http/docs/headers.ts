import { z } from 'zod';
import type { Route } from '../route.ts';

const revision = z.string().max(20).regex(/^"\d+"$/);

/** What a route reads from the request's headers. */
export const requestHeaders = (route: Route): z.ZodObject =>
  z.object({
    ...(route.kind === 'command'
      ? {
          'Idempotency-Key': z.string().min(1).max(255).optional().describe('The same key and body within 24 h give the first answer again.'),
          'If-Match': z.string().max(20).optional().describe('The ETag that was seen; refused with 412 when it has changed since.'),
        }
      : {}),
    ...(route.readModel === undefined ? {} : { 'Min-Position': z.string().max(100).optional().describe('The Position of a command whose effect must be seen; waits up to 2 s for it.') }),
    traceparent: z.string().max(200).optional().describe('W3C Trace Context.'),
  });

/** What an answer of this status may carry. */
export const answerHeaders = (route: Route, status: number): z.ZodObject => {
  const isSuccess = status < 300;
  return z.object({
    'Trace-Id': z.string().max(64).describe('Finds this request in the logs.'),
    'Access-Control-Allow-Origin': z.string().max(300).optional().describe('For the origins that are allowed.'),
    'RateLimit-Limit': z.int().min(0).max(1_000_000).optional().describe('Requests a minute; absent when there is no limit.'),
    'RateLimit-Remaining': z.int().min(0).max(1_000_000).optional(),
    'RateLimit-Reset': z.int().min(0).max(3_600).optional().describe('Seconds.'),
    ...(isSuccess && route.kind === 'command'
      ? {
          ETag: revision.optional().describe('Revision of what was changed.'),
          Position: z.string().max(100).optional().describe('For Min-Position.'),
        }
      : {}),
    ...(route.kind === 'command' ? { 'Idempotent-Replayed': z.literal('true').optional() } : {}),
    ...(isSuccess && route.kind === 'query' ? { ETag: revision.optional(), 'Stale-Since': z.string().max(30).optional().describe('The event log has been away since then; the answer may be older.') } : {}),
    ...([429, 503].includes(status) || status === 409 ? { 'Retry-After': z.int().min(0).max(3_600).optional().describe('Seconds.') } : {}),
    ...(status === 401 ? { 'WWW-Authenticate': z.string().max(200).optional() } : {}),
  });
};
