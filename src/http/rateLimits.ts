import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { HttpProblem } from './problems.ts';

export type RateLimitSettings = {
  /** Requests a minute; 0 = no limit. */
  perPerson: number;
  perAddress: number;
  /** A pg pool: the limit then counts over all processes of this database. Absent: each process counts for itself. */
  pool?: object;
};

/** Answers the headers that tell the caller where they stand (draft-ietf-httpapi-ratelimit-headers). */
export type RateLimit = (key: string) => Promise<readonly string[]>;

export type RateLimits = { person: RateLimit | undefined; address: RateLimit | undefined };

const seconds = 60;

/** Who cannot be counted, because Postgres is away, is let through: the limit protects the service and must not be what breaks it. */
export function createRateLimits(settings: RateLimitSettings): RateLimits {
  const limiter = (name: string, points: number): RateLimit | undefined => {
    if (points <= 0) return undefined;
    const options = { points, duration: seconds, keyPrefix: name };
    const memory = new RateLimiterMemory(options);
    const store: RateLimiterAbstract = settings.pool === undefined
      ? memory
      : new RateLimiterPostgres({
          ...options, storeClient: settings.pool, storeType: 'pool', schemaName: 'lectern', tableName: 'rate_limits', tableCreated: true,
          inMemoryBlockOnConsumed: points, insuranceLimiter: memory,
        });
    const describe = (result: RateLimiterRes): string[] => [
      'RateLimit-Limit', String(points),
      'RateLimit-Remaining', String(Math.max(0, result.remainingPoints)),
      'RateLimit-Reset', String(Math.ceil(result.msBeforeNext / 1_000)),
    ];
    return async (key) => {
      try {
        return describe(await store.consume(key));
      } catch (outcome) {
        if (!(outcome instanceof RateLimiterRes)) return [];
        const wait = String(Math.max(1, Math.ceil(outcome.msBeforeNext / 1_000)));
        throw new HttpProblem('rateLimited', `Wait ${wait} s.`, {
          headers: { 'Retry-After': wait, 'RateLimit-Limit': String(points), 'RateLimit-Remaining': '0', 'RateLimit-Reset': wait },
        });
      }
    };
  };
  return { person: limiter('person', settings.perPerson), address: limiter('address', settings.perAddress) };
}
