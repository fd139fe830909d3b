import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../problems.ts';

type Range = { type: string; quality: number };

/** @throws HttpProblem `notAcceptable` when the Accept header (RFC 9110, section 12.5.1) rules out every media type that there is */
export function refuseUnacceptable(request: IncomingMessage, contentType: string, others: readonly string[] = []): void {
  const accept = request.headers.accept;
  if (accept === undefined || accept === '*/*' || accept === contentType) return;
  if (![contentType, ...others].some((type) => isAcceptable(accept, type))) throw new HttpProblem('notAcceptable', `This is sent as ${contentType.split(';')[0]}.`);
}

function isAcceptable(accept: string, contentType: string): boolean {
  const type = contentType.split(';')[0] ?? '';
  const ranges = accept.split(',').map(rangeOf);
  // The most specific range that fits decides.
  const family = `${type.split('/')[0]}/*`;
  const quality = [type, family, '*/*'].map((candidate) => ranges.find((range) => range.type === candidate)?.quality).find((found) => found !== undefined);
  return quality !== undefined && quality !== 0;
}

function rangeOf(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  return { type, quality: q === undefined ? 1 : Number(q) || 0 };
}
