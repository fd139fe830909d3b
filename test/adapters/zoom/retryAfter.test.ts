import { readRetryAfter } from '../../../src/adapters/zoom/retryAfter.ts';

const now = Date.parse('2026-03-02T10:00:00Z');

it.each([
  ['seconds', '7', undefined, 7_000],
  ['an HTTP date', 'Mon, 02 Mar 2026 10:00:05 GMT', undefined, 5_000],
  ['an ISO 8601 time', '2026-03-03T00:00:00Z', undefined, 14 * 3600_000],
  ['a date read against the vendor\'s own clock', '2026-03-02T11:00:30Z', 'Mon, 02 Mar 2026 11:00:00 GMT', 30_000],
  ['a time that has passed', '2026-03-02T09:00:00Z', undefined, 0],
  ['nothing', undefined, undefined, undefined],
  ['an empty header', ' ', undefined, undefined],
  ['what cannot be read', 'soon', undefined, undefined],
])('Retry-After as %s', (_, value, date, expected) => {
  expect(readRetryAfter(value, date, now)).toBe(expected);
});
