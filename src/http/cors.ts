import type { IncomingMessage } from 'node:http';

export type Cors = {
  /** For the answer to a request of this Origin. */
  headers(origin: string | undefined): readonly string[];
  /** For the answer to an OPTIONS request (Fetch standard, CORS-preflight). */
  preflight(request: IncomingMessage, methods: readonly string[]): readonly string[];
};

const requestHeaders = 'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Min-Position, traceparent';
const answerHeaders = 'ETag, Position, Idempotent-Replayed, Retry-After, Stale-Since, Trace-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset';
const none: readonly string[] = [];

/** Only origins on the list, compared whole; never `*`, never a reflected stranger. Tokens travel in a header, so no cookies. */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Map(origins.map((origin) => [origin, ['Access-Control-Allow-Origin', origin, 'Access-Control-Expose-Headers', answerHeaders, 'Vary', 'Origin']]));
  const vary = origins.length > 0 ? ['Vary', 'Origin'] : none;
  return {
    headers: (origin) => (origin === undefined ? vary : (allowed.get(origin) ?? vary)),
    preflight: (request, methods) =>
      request.headers.origin !== undefined && allowed.has(request.headers.origin)
        ? ['Access-Control-Allow-Methods', methods.join(', '), 'Access-Control-Allow-Headers', requestHeaders, 'Access-Control-Max-Age', '600']
        : none,
  };
}
