import path from 'node:path';
import { startTracing } from '../../adapters/openTelemetry/openTelemetry.ts';
import { freePort } from '../../adapters/postgres/embedded/freePort.ts';
import { createHttpServer } from '../../http/server.ts';
import { createRoomTickets } from '../../http/ws/tickets.ts';
import { createLog } from '../../http/observe/logs.ts';
import { openCore, type Core, type Settings } from '../../main.ts';
import { sandboxZoomApp, startSandboxes } from '../../../sandbox/index.ts';
import { openDatabase } from '../database.ts';
import { CommandFailed } from '../output.ts';
import { atRest } from './atRest.ts';
import { createClassroom } from './classroom.ts';
import { createSchoolApp, watchLog } from './http.ts';
import { createRoomsPart } from './rooms.ts';
import { connectNodes, createSockets, roomTokensOf } from './roomSockets.ts';
import { createSchool, createWorks } from './school.ts';
import { connectTurn } from './turn.ts';
import { growAsBusy } from './heapGrowth.ts';
import { standBack } from './standBack.ts';
import { tokensPerRole, type Ready } from './startBlock.ts';
import { connectZoom } from './zoom.ts';

export type Server = { ready: Ready; core: Core; /** Where it listens. */ port: number; stop(): Promise<void> };

/**
 * Starts what this process's roles ask for, in the order of dependence, and undoes it in the opposite order: also when a later
 * step fails. A second `stop()` waits for the first.
 */
export async function serve(settings: Settings): Promise<Server> {
  const undo: (() => Promise<void>)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= (async () => {
    const failures: unknown[] = [];
    for (const step of undo.reverse()) await step().catch((error: unknown) => failures.push(error)); // one that fails must not keep Postgres running
    if (failures.length > 0) throw failures[0];
  })());
  try {
    return { ...(await startAll(settings, undo)), stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

async function startAll(settings: Settings, undo: (() => Promise<void>)[]): Promise<Omit<Server, 'stop'>> {
  standBack();
  const growth = growAsBusy();
  undo.push(() => Promise.resolve(growth()));
  const does = (role: Settings['LECTERN_ROLES'][number]) => settings.LECTERN_ROLES.includes(role);
  const dataDir = path.resolve(settings.LECTERN_DATA_DIR);
  const logger = createLog(settings.LECTERN_LOG_LEVEL);
  const database = await openDatabase(settings, { info: (message) => logger.info(message), error: (message) => logger.error(message) });
  undo.push(() => new Promise((resolve) => logger.flush(() => resolve())), database.close);
  const tracing = await startTracing(process.env, logger);
  if (tracing) undo.push(tracing.stop);
  const core = await openCore(settings, database.url, logger, tracing);
  undo.push(core.close);

  const port = settings.LECTERN_PORT === 0 ? await freePort() : settings.LECTERN_PORT;
  const host = settings.LECTERN_HOST;
  const local = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const publicUrl = (settings.LECTERN_PUBLIC_URL ?? local).replace(/\/$/, '');

  const isReal = settings.ZOOM_ACCOUNT_ID !== undefined;
  if (isReal && core.clock.offsetMs() !== 0) {
    throw new CommandFailed('The clock of this school was moved while its Zoom was a sandbox. Begin with a new data folder or database: real meetings need real time.');
  }
  const sandboxes = isReal ? undefined : await startSandboxes({ dataDir: path.join(dataDir, 'sandbox'), clockOffsetMs: core.clock.offsetMs(), zoom: { webhookTarget: `${local}/webhooks/zoom` } });
  if (sandboxes) undo.push(() => sandboxes.close());
  const zoom = connectZoom(core, sandboxes?.zoom && { url: sandboxes.zoom.url, credentials: sandboxZoomApp });
  undo.push(zoom.close);

  const school = createSchool(core, zoom.meetings, does('projector') ? 'all' : 'nothing');
  const nodes = connectNodes(core);
  undo.push(() => Promise.resolve(nodes.close()));
  const turn = connectTurn(settings, { log: logger, onCall: ({ vendor, route, method, outcome, durationMs }) => core.metrics.vendorCall(vendor, `${method} ${route}`, outcome, durationMs / 1_000) });
  undo.push(turn.close);
  const rooms = createRoomsPart(core, settings.LECTERN_NODE_URL ?? `http://127.0.0.1:${port}`, { nodeLink: nodes, ice: turn.iceServers, begun: school.queries.rooms.begun, namesOf: async (personIds) => (await school.queries.directory.names(personIds, [])).people });
  const classroom = createClassroom(core, school, rooms);
  undo.push(classroom.stop);
  const works = createWorks(core, school, zoom, { reacts: does('reactor'), schedules: does('scheduler') }, rooms, classroom);
  await school.engine.start();
  undo.push(() => school.engine.stop());
  await works.start();
  undo.push(() => works.stop());
  rooms.start();
  undo.push(rooms.stop);
  const clockWatch = setInterval(() => void core.clock.refresh().catch(() => undefined), 5_000);
  undo.push(() => Promise.resolve(clearInterval(clockWatch)));

  if (does('api')) {
    const sandboxClock = sandboxes && {
      now: core.clock.now, offsetMs: core.clock.offsetMs,
      async moveTo(instant: Date) {
        await core.clock.moveTo(instant);
        sandboxes.setClockOffset(core.clock.offsetMs());
        await works.zoom.mintUpcomingMeetings(); // what came within reach is made now, not at the next full minute
      },
    };
    const logWatch = watchLog(core.log);
    undo.push(() => Promise.resolve(logWatch.stop()));
    const tickets = createRoomTickets(core.pool);
    const roomTokens = roomTokensOf(settings);
    const app = createSchoolApp({ tickets, roomTokens, staleSince: logWatch.awaySince, core, school, works, zoom, classroom, publicUrl, ...(sandboxClock ? { sandboxClock } : {}) });
    const sockets = createSockets({ core, rooms: rooms.rooms, reader: rooms.boards, tickets, person: school.queries.directory.person, publicUrl });
    const server = createHttpServer(app, { host, port }, sockets);
    await server.listen().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') throw new CommandFailed(`${host}:${port} is taken. Stop what listens there, or choose another port: LECTERN_PORT=3001 (0 takes any free one).`);
      throw error;
    });
    // A load balancer in front has to notice that readiness is red; in embedded mode there is none.
    undo.push(() => server.drain({ noticeMs: settings.DATABASE_URL === undefined ? 0 : 2_000 }));
  }

  const ready: Ready = {
    url: publicUrl, docs: `${publicUrl}/docs`, health: `${publicUrl}/readyz`, dataDir,
    vendors: { zoom: sandboxes?.zoom ? { mode: 'sandbox', url: sandboxes.zoom.url } : { mode: 'real' } },
    // Where logs are collected, a token in them is a leak: with a database of one's own, "lectern token" signs one when it is wanted.
    tokens: settings.DATABASE_URL === undefined ? await tokensPerRole(settings) : {},
  };
  await atRest();
  return { ready, core, port };
}
