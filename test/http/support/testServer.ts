import { Writable } from 'node:stream';
import { createHttpApp, type HttpAppDeps } from '../../../src/http/app.ts';
import { createPersonAccess, type KnownPerson } from '../../../src/http/auth/personAccess.ts';
import { createTokenIssuer, createTokenVerifier } from '../../../src/http/auth/tokens.ts';
import type { IdempotencyStore } from '../../../src/http/idempotency/store.ts';
import { createLog } from '../../../src/http/observe/logs.ts';
import { createMetrics } from '../../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../../src/http/rateLimits.ts';
import type { Route } from '../../../src/http/route.ts';
import { createHttpServer, type ServerSettings } from '../../../src/http/server.ts';
import { createTestClient } from '../../support/httpContract.ts';

export const tokenSettings = { secret: 'a secret of the tests, 32 bytes or more', issuer: 'lectern', audience: 'lectern' };
export const issue = createTokenIssuer(tokenSettings);

/** For suites that send no Idempotency-Key. */
export const noIdempotency: IdempotencyStore = {
  claim: () => Promise.reject(new Error('this suite has no idempotency store')),
  renew: () => Promise.resolve(), keep: () => Promise.resolve(), release: () => Promise.resolve(), purge: () => Promise.resolve(0),
};

/** A real server on a free port with these routes; `people` is what its directory knows. */
export async function startTestServer(routes: readonly Route[], more: Partial<HttpAppDeps> & { people?: HttpAppDeps['people']; directory?: Map<string, KnownPerson>; server?: Partial<ServerSettings> } = {}) {
  const { directory = new Map<string, KnownPerson>(), server: settings, ...deps } = more;
  const lines: string[] = [];
  const log = createLog('info', new Writable({ write: (chunk, _encoding, next) => { lines.push(String(chunk)); next(); } }));
  const metrics = createMetrics();
  const http = createHttpApp({
    routes,
    verifyToken: createTokenVerifier(tokenSettings),
    people: createPersonAccess((id) => Promise.resolve(directory.get(id)), { freshMs: 0, staleMs: 0 }),
    idempotency: noIdempotency,
    readModels: { waitFor: () => Promise.resolve(true) },
    rateLimits: createRateLimits({ perPerson: 0, perAddress: 0 }),
    metrics, log, checks: [],
    ...deps,
  });
  const server = createHttpServer(http, { host: '127.0.0.1', port: 0, ...settings });
  const url = await server.listen();
  return {
    url, http, server, lines, metrics,
    client: createTestClient(url, await http.openApi(), await issue('admin-1', 'admin', 600)),
    stop: () => server.drain({ withinMs: 200 }),
  };
}
