import { lazily } from '../ports/lazily.ts';
import type { RequestListener } from 'node:http';
import { Socket } from 'node:net';
import express, { type Request, type Response } from 'express';
import helmet from 'helmet';
import type { Trace } from '../ports/trace.ts';
import type { ReadModels } from '../projections/engine/readModel.ts';
import { databaseIsAway } from './answer/problemOf.ts';
import type { PersonAccess } from './auth/personAccess.ts';
import type { RoomTokens } from './auth/roomTokens.ts';
import type { VerifyToken } from './auth/tokens.ts';
import { createCors } from './cors.ts';
import { createDispatch } from './dispatch.ts';
import type { OpenApiDocument } from './docs/openApi.ts';
import { docsRoutes } from './docs/routes.ts';
import { healthRoutes, type HealthCheck } from './health.ts';
import type { IdempotencyStore } from './idempotency/store.ts';
import type { Log } from './observe/logs.ts';
import { IncomingMessage, ServerResponse } from './nodeHttp.ts';
import type { Metrics } from './observe/metrics.ts';
import { roomPageRoutes } from './pages/roomPage.ts';
import type { RateLimits } from './rateLimits.ts';
import type { Route } from './route.ts';

export type HttpAppDeps = {
  /** Of the contexts; health and docs are added here. */
  routes: readonly Route[];
  verifyToken: VerifyToken;
  /** For routes with `roomToken`. */
  roomTokens?: Pick<RoomTokens, 'verify'>;
  people: PersonAccess;
  idempotency: IdempotencyStore;
  readModels: Pick<ReadModels, 'waitFor'>;
  rateLimits: RateLimits;
  metrics: Metrics;
  log: Log;
  trace?: Trace | undefined;
  checks: readonly HealthCheck[];
  corsOrigins?: readonly string[];
  /** How many proxies in front are believed in X-Forwarded-For. */
  trustedProxies?: number;
  /** Since when the event log is away. */
  staleSince?: () => Date | undefined;
  isUnavailable?: (error: unknown) => boolean;
  /** Default 30 s. */
  answerWithinMs?: number;
};

export type HttpApp = {
  /** For a server's `request` event. */
  listener: RequestListener;
  /** Every mounted route, health and docs included. */
  routes: readonly Route[];
  openApi(): Promise<OpenApiDocument>;
  /** Readiness turns red, every answer closes its connection, streams of events end. */
  startDraining(): void;
  /** Aborts what is still running, as far as it listens to its signal. */
  stop(): void;
};

/** The whole HTTP side as one express app. It listens to nothing yet: see server.ts. */
export function createHttpApp(deps: HttpAppDeps): HttpApp {
  let draining = false;
  const stopping = new AbortController();
  const streamsStopping = new AbortController();
  const isDraining = (): boolean => draining;

  // Read and made when it is first asked for: most processes never are, and it takes as long as the rest of a start.
  const openApi = async () => (await import('./docs/openApi.ts')).openApiDocument(routes);
  const openApiText = lazily(async () => JSON.stringify(await openApi()));
  const routes: readonly Route[] = [
    ...deps.routes,
    ...healthRoutes({ checks: deps.checks, isDraining, metricsText: () => deps.metrics.text() }),
    ...docsRoutes(openApiText),
    ...roomPageRoutes(),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.set('trust proxy', deps.trustedProxies ?? 0);
  const dispatch = createDispatch({
    routes,
    verifyToken: deps.verifyToken,
    ...(deps.roomTokens ? { roomTokens: deps.roomTokens } : {}),
    people: deps.people,
    idempotency: deps.idempotency,
    readModels: deps.readModels,
    rateLimits: deps.rateLimits,
    metrics: deps.metrics,
    log: deps.log,
    trace: deps.trace,
    staleSince: deps.staleSince ?? (() => undefined),
    isUnavailable: deps.isUnavailable ?? databaseIsAway,
    isDraining,
    stopping: stopping.signal,
    streamsStopping: streamsStopping.signal,
    fixedHeaders: securityHeaders(),
    cors: createCors(deps.corsOrigins ?? []),
    addressOf: (request) => (request as Request).ip ?? '',
    answerWithinMs: deps.answerWithinMs ?? 30_000,
  });
  app.use(dispatch);

  return {
    // What express cannot make out (an address that is no URL) would get a page of its own making: it gets our 404 instead.
    listener: (request, response) => app(request as Request, response as Response, () => dispatch(request, response)),
    routes,
    openApi,
    startDraining: () => {
      draining = true;
      streamsStopping.abort();
    },
    stop: () => stopping.abort(),
  };
}

/**
 * helmet's headers, worked out once: they are the same for every answer. Swagger UI needs inline styles and data: images, the room page pictures
 * and video from memory (blob:), and is held more strictly by a second policy of its own; nothing is
 * ever upgraded to https behind the caller's back, since the embedded mode serves plain http on the loopback.
 */
function securityHeaders(): string[] {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const policy = { useDefaults: false, directives: { 'default-src': ["'self'"], 'base-uri': ["'none'"], 'form-action': ["'none'"], 'frame-ancestors': ["'none'"], 'object-src': ["'none'"], 'img-src': ["'self'", 'data:', 'blob:'], 'media-src': ["'self'", 'blob:'], 'style-src': ["'self'", "'unsafe-inline'"] } };
  helmet({ contentSecurityPolicy: policy })(response.req, response, () => undefined);
  return Object.entries(response.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}
