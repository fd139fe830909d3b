import type { ZoomApi } from '../../adapters/zoom/index.ts';
import { person } from '../../domain/person/index.ts';
import { createHttpApp, type HttpApp } from '../../http/app.ts';
import { createPersonAccess } from '../../http/auth/personAccess.ts';
import type { RoomTokens } from '../../http/auth/roomTokens.ts';
import { createTokenVerifier } from '../../http/auth/tokens.ts';
import type { Route } from '../../http/route.ts';
import { createRateLimits } from '../../http/rateLimits.ts';
import { schoolRoutes } from '../../http/routes/index.ts';
import type { RoomTickets } from '../../http/ws/tickets.ts';
import type { Core } from '../../main.ts';
import type { Classroom } from './classroom.ts';
import type { School, Works } from './school.ts';

export type HttpParts = {
  core: Core; school: School; works: Works; zoom: ZoomApi; classroom: Pick<Classroom, 'routes'>; publicUrl: string;
  /** Since when the event log is away. */
  staleSince(): Date | undefined;
  tickets: RoomTickets;
  roomTokens: RoomTokens;
  sandboxClock?: { now(): Date; offsetMs(): number; moveTo(instant: Date): Promise<void> };
};

/** The API of the school: every route, behind one app. */
export function createSchoolApp(parts: HttpParts): HttpApp {
  const { core, school, works, staleSince } = parts;
  const { settings, pool, pipeline, logger, metrics, store } = core;
  const { queries, engine } = school;
  metrics.watchReadModels(() => engine.status());
  const people = createPersonAccess(queries.directory.access);
  // Who is deactivated here is out at once; other processes learn it from the directory within seconds.
  pipeline.onState(person, (id, { status, role }) => people.learn(id, status === 'unknown' ? undefined : { role, active: status === 'active' }));
  return createHttpApp({
    routes: routesOf(parts),
    verifyToken: createTokenVerifier({
      ...(settings.LECTERN_JWT_SECRET === undefined ? {} : { secret: settings.LECTERN_JWT_SECRET }),
      ...(settings.LECTERN_JWT_JWKS_URL === undefined ? {} : { jwksUrl: settings.LECTERN_JWT_JWKS_URL }),
      issuer: settings.LECTERN_JWT_ISSUER, audience: settings.LECTERN_JWT_AUDIENCE,
    }),
    roomTokens: parts.roomTokens,
    people,
    idempotency: works.idempotency,
    readModels: engine,
    rateLimits: createRateLimits({
      perPerson: settings.LECTERN_RATE_LIMIT_PER_MINUTE, perAddress: settings.LECTERN_RATE_LIMIT_PER_MINUTE * 10,
      // Counting over processes costs a statement per request: only where there are several.
      ...(settings.DATABASE_URL === undefined ? {} : { pool }),
    }),
    metrics, log: logger, trace: core.trace,
    checks: [
      { name: 'eventLog', check: async () => void (await store.head()) },
      { name: 'postgres', check: async () => void (await pool.query('select 1')) },
      { name: 'readModels', check: async () => void (await Promise.all(['directory', 'lessons', 'rooms', 'zoomAccounts'].map((name) => engine.schema(name)))) },
    ],
    corsOrigins: settings.LECTERN_CORS_ORIGINS,
    trustedProxies: settings.LECTERN_TRUSTED_PROXIES,
    staleSince,
  });
}

function routesOf({ core, school, works, zoom, classroom, publicUrl, tickets, roomTokens, sandboxClock }: HttpParts): Route[] {
  const { log, contents, clock, pipeline, rules, secrets } = core;
  const { commands, engine, queries: { directory, lessons, rooms, zoomAccounts } } = school;
  const door = { startEarlyMinutes: rules.startWindowMinutes, graceMinutes: rules.graceMinutes };
  const schoolTimeZone = rules.timeZone;
  return schoolRoutes({
    directory: { commands: commands.directory, queries: directory },
    lessons: { commands: commands.lessons, pipeline, lessons, directory, rooms, zoomAccounts, clock, schoolTimeZone, publicUrl, door },
    lessonImports: { imports: commands.imports },
    zoomAccounts: { commands: commands.zoomAccounts, zoomAccounts, clock, schoolTimeZone, gapMinutes: rules.gapMinutes },
    classroom: { ...classroom.routes, tokens: roomTokens },
    roomTickets: { pipeline, tickets, tokens: roomTokens },
    me: { lessons, directory, rooms, clock, publicUrl, door },
    timeline: { log, lessons, directory },
    operations: {
      lessons, zoomAccounts, clock, schoolTimeZone, jobs: works.jobs.status, readModels: engine.status,
      parkedJobs: () => works.reactors.listParked(100), vendorsDown: zoom.broken,
    },
    jobs: { jobs: works.jobs, parked: works.reactors },
    readModels: { readModels: engine },
    credentials: { commands: commands.credentials, secrets },
    zoomWebhooks: { receive: works.zoom.receiveWebhook },
    system: { log, contents, ...(sandboxClock ? { sandboxClock } : {}) },
  });
}

/** Since when the event log does not answer; asked every second, behind everybody's back. */
export function watchLog(log: Core['log']): { awaySince(): Date | undefined; stop(): void } {
  let away: Date | undefined;
  let asking = false;
  const timer = setInterval(() => {
    if (asking) return;
    asking = true;
    void log.head().then(
      () => { away = undefined; },
      () => { away ??= new Date(); },
    ).finally(() => { asking = false; });
  }, 1_000);
  timer.unref();
  return { awaySince: () => away, stop: () => clearInterval(timer) };
}
