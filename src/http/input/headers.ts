import type { IncomingHttpHeaders } from 'node:http';
import type { Position } from '../../ports/eventStore.ts';
import { HttpProblem } from '../problems.ts';

const bad = (name: string, detail: string): HttpProblem =>
  new HttpProblem('invalidHeader', `The header ${name} cannot be read.`, { errors: [{ in: 'header', pointer: `/${name}`, detail }] });

/** `"7"` → 7; absent or `*` → undefined. Strong and single: a revision is one number (RFC 9110, section 13.1.1). @throws HttpProblem `invalidHeader` */
export function ifMatchOf(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['if-match'];
  if (value === undefined || value.trim() === '*') return undefined;
  const revision = /^"(\d{1,15})"$/.exec(value.trim())?.[1];
  if (revision === undefined) throw bad('If-Match', 'should be one ETag as answered, e.g. "7", or *');
  return Number(revision);
}

/** @throws HttpProblem `invalidHeader` */
export function idempotencyKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['idempotency-key'];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(value)) {
    throw bad('Idempotency-Key', 'should be 1 to 255 printable ASCII characters');
  }
  return value;
}

/** @throws HttpProblem `invalidHeader` */
export function minPositionOf(headers: IncomingHttpHeaders): Position | undefined {
  const value = headers['min-position'];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^[0-9A-Za-z:._-]{1,100}$/.test(value)) throw bad('Min-Position', 'should be a Position as answered by a command');
  return value;
}

/** The trace that the caller belongs to (W3C Trace Context), or a fresh one: 32 hex digits. */
export function traceIdOf(headers: IncomingHttpHeaders): string {
  const header = headers['traceparent'];
  const traceId = typeof header === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(header)?.[1] : undefined;
  return traceId !== undefined && !/^0+$/.test(traceId) ? traceId : crypto.randomUUID().replaceAll('-', '');
}
