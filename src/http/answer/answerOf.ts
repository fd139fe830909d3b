import type { Route, RouteAnswer } from '../route.ts';
import type { SentAnswer } from './send.ts';

/** What a handler answered → what is sent: status, the headers ETag and Position, and the body as text. */
export function answerOf(route: Route, answer: RouteAnswer): SentAnswer {
  const { body } = answer;
  const status = answer.status ?? route.response.status;
  const headers: Record<string, string> = {};
  const facts = route.kind === 'command' && typeof body === 'object' && body !== null ? (body as { revision?: unknown; position?: unknown }) : undefined;
  const revision = answer.revision ?? facts?.revision;
  const position = answer.position ?? facts?.position;
  if (typeof revision === 'number') headers['ETag'] = `"${revision}"`;
  if (typeof position === 'string' && position !== '') headers['Position'] = position;
  if (answer.headers) Object.assign(headers, answer.headers);
  if (body === undefined) return { status, headers, body: '' };
  headers['Content-Type'] ??= route.response.contentType ?? 'application/json';
  if (Buffer.isBuffer(body)) return { status, headers, body };
  return { status, headers, body: typeof body === 'string' && route.response.contentType !== undefined ? body : JSON.stringify(body) };
}
