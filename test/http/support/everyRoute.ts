import { createHttpApp } from '../../../src/http/app.ts';
import type { Route } from '../../../src/http/route.ts';
import { schoolRoutes, type SchoolRouteDeps } from '../../../src/http/routes/index.ts';
import { createLog } from '../../../src/http/observe/logs.ts';
import { createMetrics } from '../../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../../src/http/rateLimits.ts';
import { noIdempotency } from './testServer.ts';

/** Stands for any dependency: routes are only looked at, their handlers never run. */
const anything: unknown = new Proxy(() => anything, { get: (_target, name) => (name === Symbol.toPrimitive ? () => 'anything' : anything) });

/** The whole app as it is mounted, health and docs included, without anything behind it. */
export function everyRoute(): { routes: readonly Route[]; openApi(): Promise<object> } {
  const { routes, openApi } = createHttpApp({
    routes: schoolRoutes(anything as SchoolRouteDeps),
    verifyToken: () => ({ outcome: 'refused' }), people: { of: () => undefined, learn: () => undefined }, idempotency: noIdempotency,
    readModels: { waitFor: () => Promise.resolve(true) }, rateLimits: createRateLimits({ perPerson: 0, perAddress: 0 }),
    metrics: createMetrics(), log: createLog('silent'), checks: [],
  });
  return { routes, openApi };
}
