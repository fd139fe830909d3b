/**
 * Milliseconds to wait, from a Retry-After header: seconds or an HTTP date (RFC 9110 §10.2.3), or, at Zoom, an ISO 8601 time.
 * Dates are read against the answer's own Date header when it has one: our clocks need not agree.
 * @returns undefined when there is none or it cannot be read; never negative
 */
export function readRetryAfter(value: string | undefined, dateHeader: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const then = Date.parse(text);
  if (Number.isNaN(then)) return undefined;
  const there = Date.parse(dateHeader ?? '');
  return Math.max(0, then - (Number.isNaN(there) ? now : there));
}
