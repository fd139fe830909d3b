import { type Journal } from './journal.ts';
import { ZoomError } from './types.ts';

/** Requests a second and account (Pro), and creates and updates a host and UTC day. Source: developers.zoom.us/docs/api/rate-limits. */
export type Limits = { light: number; medium: number; heavy: number; hostDay: number };
export const zoomLimits: Limits = { light: 30, medium: 20, heavy: 10, hostDay: 100 };
export type RateCategory = 'light' | 'medium' | 'heavy';

export type RateLimits = {
  /** Counts one request. @returns the headers of its answer @throws ZoomError 429 */
  count(accountId: string, category: RateCategory): Record<string, string>;
  /** Counts one create or update of a host. @throws ZoomError 429 */
  countHostDay(hostId: string): void;
  used(hostId: string): number;
};

/** Seconds are real ones; the day is the moved clock's. */
export function createRateLimits(limits: Limits, journal: Journal, now: () => Date): RateLimits {
  const windows = new Map<string, { second: number; used: number }>();
  const name = { light: 'Light', medium: 'Medium', heavy: 'Heavy' };
  const dayKey = (hostId: string) => `${now().toISOString().slice(0, 10)} ${hostId}`;
  const used = (hostId: string) => journal.get<number>('hostDay', dayKey(hostId)) ?? 0;
  return {
    count(accountId, category) {
      const second = Math.floor(Date.now() / 1000);
      const key = `${accountId} ${category}`;
      const window = windows.get(key)?.second === second ? windows.get(key) : undefined;
      const count = (window?.used ?? 0) + 1;
      windows.set(key, { second, used: count });
      const limit = limits[category];
      const headers = {
        'X-RateLimit-Category': name[category],
        'X-RateLimit-Type': 'QPS',
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': String(Math.max(0, limit - count)),
        'X-RateLimit-Reset': new Date((second + 1) * 1000).toISOString().replace('.000Z', 'Z'),
      };
      if (count > limit) throw new ZoomError(429, 429, 'You have reached the maximum per-second rate limit for this API. Try again later.', { headers });
      return headers;
    },
    // Seen in the wild (devforum.zoom.us, 18928): this 429 carries neither X-RateLimit-Type nor Retry-After, only the message tells it apart.
    countHostDay(hostId) {
      if (used(hostId) >= limits.hostDay) {
        throw new ZoomError(
          429, 429,
          `You have exceeded the daily rate limit (${limits.hostDay}) of Meeting Create/Update API requests permitted for this particular user. You may resume these requests at GMT 00:00:00.`,
          { headers: { 'X-RateLimit-Category': 'Light', 'X-RateLimit-Limit': '6000', 'X-RateLimit-Remaining': '5893' } },
        );
      }
      journal.put('hostDay', dayKey(hostId), used(hostId) + 1);
    },
    used,
  };
}
