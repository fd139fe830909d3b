import { z } from 'zod';
import type { Route } from '../route.ts';

const revision = z.string().max(20).regex(/^"\d+"$/);

/*
 * Each schema is made once: hundreds of answers have these headers, and a schema weighs some 10 kB until it is collected, which at the
 * start of a server came to more than everything else it holds.
 */
const asked = {
  command: {
    'Idempotency-Key': z.string().min(1).max(255).optional().describe('The same key and body within 24 h give the first answer again.'),
    'If-Match': z.string().max(20).optional().describe('The ETag that was seen; refused with 412 when it has changed since.'),
  },
  readModel: { 'Min-Position': z.string().max(100).optional().describe('The Position of a command whose effect must be seen; waits up to 2 s for it.') },
  any: { traceparent: z.string().max(200).optional().describe('W3C Trace Context.') },
};
const answered = {
  any: {
    'Trace-Id': z.string().max(64).describe('Finds this request in the logs.'),
    'Access-Control-Allow-Origin': z.string().max(300).optional().describe('For the origins that are allowed.'),
    'RateLimit-Limit': z.int().min(0).max(1_000_000).optional().describe('Requests a minute; absent when there is no limit.'),
    'RateLimit-Remaining': z.int().min(0).max(1_000_000).optional(),
    'RateLimit-Reset': z.int().min(0).max(3_600).optional().describe('Seconds.'),
  },
  done: {
    ETag: revision.optional().describe('Revision of what was changed.'),
    Position: z.string().max(100).optional().describe('For Min-Position.'),
  },
  command: { 'Idempotent-Replayed': z.literal('true').optional() },
  read: { ETag: revision.optional(), 'Stale-Since': z.string().max(30).optional().describe('The event log has been away since then; the answer may be older.') },
  later: { 'Retry-After': z.int().min(0).max(3_600).optional().describe('Seconds.') },
  stranger: { 'WWW-Authenticate': z.string().max(200).optional() },
};

/** What a route reads from the request's headers. */
export const requestHeaders = (route: Route): z.ZodObject =>
  z.object({ ...(route.kind === 'command' ? asked.command : {}), ...(route.readModel === undefined ? {} : asked.readModel), ...asked.any });

/** What an answer of this status may carry. */
export const answerHeaders = (route: Route, status: number): z.ZodObject => {
  const isSuccess = status < 300;
  return z.object({
    ...answered.any,
    ...(isSuccess && route.kind === 'command' ? answered.done : {}),
    ...(route.kind === 'command' ? answered.command : {}),
    ...(isSuccess && route.kind === 'query' ? answered.read : {}),
    ...([429, 503].includes(status) || status === 409 ? answered.later : {}),
    ...(status === 401 ? answered.stranger : {}),
  });
};
