import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { HttpProblem } from './problems.ts';

/** Of one person at the access code of one room, a minute. */
const tries = 5;
const seconds = 60;

/**
 * Counts tries at access codes. Unlike the limits on requests it lets nobody through uncounted: without Postgres each process counts for itself.
 * @param pool a pg pool: then all processes of this database count together
 */
export function createCodeTries(pool?: object): (roomId: string, personId: string) => Promise<void> {
  const options = { points: tries, duration: seconds, keyPrefix: 'roomCode' };
  const memory = new RateLimiterMemory(options);
  const limiter = pool === undefined
    ? memory
    : new RateLimiterPostgres({ ...options, storeClient: pool, storeType: 'pool', schemaName: 'lectern', tableName: 'rate_limits', tableCreated: true, insuranceLimiter: memory });
  return async (roomId, personId) => {
    try {
      await limiter.consume(`${roomId}\n${personId}`);
    } catch (outcome) {
      if (!(outcome instanceof RateLimiterRes)) throw outcome;
      const wait = String(Math.max(1, Math.ceil(outcome.msBeforeNext / 1_000)));
      throw new HttpProblem('rateLimited', `Too many tries at this code: wait ${wait} s.`, { headers: { 'Retry-After': wait } });
    }
  };
}
