// The server that bench/http/schedule.ts measures, in a process of its own: the real route, use case, pipeline and log, and the same
// route (token, checks, answer) without the use case. Read models run elsewhere. Prints its URL, a token and the teachers.
import { parseArgs } from 'node:util';
import { createSchool } from '../../src/cli/server/school.ts';
import { settingNames } from '../../src/config.ts';
import { createHttpApp } from '../../src/http/app.ts';
import { createPersonAccess } from '../../src/http/auth/personAccess.ts';
import { createTokenIssuer, createTokenVerifier } from '../../src/http/auth/tokens.ts';
import { createIdempotencyStore } from '../../src/http/idempotency/store.ts';
import { createLog } from '../../src/http/observe/logs.ts';
import { createMetrics } from '../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../src/http/rateLimits.ts';
import { lessonCommandRoutes } from '../../src/http/routes/lessonCommands.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { readSettings } from '../../src/cli/settings.ts';
import { openCore } from '../../src/main.ts';
import { MeetingsError, type Meetings } from '../../src/ports/meetings.ts';
import { mapLimited } from '../../src/commands/mapLimited.ts';

const { values } = parseArgs({ options: { database: { type: 'string' }, accounts: { type: 'string', default: '8' }, teachers: { type: 'string', default: '400' } } });
const tokens = { secret: 'the secret of a benchmark, nothing more', issuer: 'lectern', audience: 'lectern' };
const environment = Object.fromEntries(settingNames().map((name) => [name, '']));
const settings = await readSettings({ ...environment, DATABASE_URL: values.database, LECTERN_SANDBOX: 'true', LECTERN_MASTER_KEY: Buffer.alloc(32, 1).toString('base64'), LECTERN_JWT_SECRET: tokens.secret });
const logger = createLog('info', (await import('pino')).destination({ dest: '/dev/null', sync: false, minLength: 4_096 }));
const core = await openCore(settings, settings.DATABASE_URL ?? '', logger);
const away = () => Promise.reject(new MeetingsError('unavailable', 'no Zoom in this benchmark'));
const noMeetings: Meetings = { create: away, find: away, list: away, delete: away, end: away, live: away, startUrl: away };
const { commands, deps } = createSchool(core, noMeetings, 'nothing');

const context = () => {
  const commandId = crypto.randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'bench', role: 'admin' } };
};
const run = Date.now().toString(36);
const teachers = Array.from({ length: Number(values.teachers) }, (_, i) => `teacher-${run}-${i}`);
await mapLimited(teachers, 50, (personId) => commands.directory.registerPerson({ personId, name: personId, email: `${personId}@school.example`, role: 'teacher', timeZone: 'UTC' }, context()));
await mapLimited(Array.from({ length: Number(values.accounts) }, (_, i) => i), 50, (i) =>
  commands.zoomAccounts.register({ accountId: `account-${run}-${i}`, zoomUser: `pool-${run}-${i}@school.example`, capacity: 1, credentialsRef: 'default', cloudRecording: true }, context()));
await deps.index.ready();

const routes = lessonCommandRoutes({ commands: commands.lessons, pipeline: core.pipeline } as unknown as Parameters<typeof lessonCommandRoutes>[0]);
const schedule = routes.find(({ operationId }) => operationId === 'scheduleLesson');
if (!schedule) throw new Error('the route is gone');
const nothing = {
  id: 'x', revision: 0, position: '0000000000000007', warnings: [],
  lesson: {
    id: 'x', title: 'Optics', teacherId: 'x', groupId: null, provider: 'zoom', autoRecord: false, localStart: '2030-01-01T10:00', zone: 'UTC', durationMinutes: 60,
    startsAt: '2030-01-01T10:00:00.000Z', endsAt: '2030-01-01T11:00:00.000Z', status: 'scheduled', accountId: 'x',
  },
};
const http = createHttpApp({
  routes: [schedule, { ...schedule, path: '/nothing', operationId: 'scheduleNothing', handler: () => Promise.resolve({ body: nothing }) }],
  verifyToken: createTokenVerifier(tokens),
  people: createPersonAccess(() => Promise.resolve({ role: 'manager', active: true })),
  idempotency: createIdempotencyStore(core.pool),
  readModels: { waitFor: () => Promise.resolve(true) },
  rateLimits: createRateLimits({ perPerson: 60_000_000, perAddress: 60_000_000 }),
  metrics: createMetrics(), log: logger, checks: [],
});
const server = createHttpServer(http, { host: '127.0.0.1', port: 0 });
const url = await server.listen();
process.stdout.write(`${JSON.stringify({ url, token: await createTokenIssuer(tokens)('bench', 'manager', 3_600), teachers })}\n`);
process.once('SIGTERM', () => {
  void server.drain({ withinMs: 500 }).then(async () => {
    await core.close();
    process.exit(0);
  });
});
