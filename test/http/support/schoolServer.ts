import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { createPersonAccess } from '../../../src/http/auth/personAccess.ts';
import type { Role } from '../../../src/domain/kernel/fields.ts';
import { createIdempotencyStore } from '../../../src/http/idempotency/store.ts';
import { lessonRoutes } from '../../../src/http/routes/lessons.ts';
import { meRoutes } from '../../../src/http/routes/me.ts';
import { operationsRoutes, type OperationsRouteDeps } from '../../../src/http/routes/operations.ts';
import { readModelRoutes } from '../../../src/http/routes/readModels.ts';
import { timelineRoutes } from '../../../src/http/routes/timeline.ts';
import { zoomAccountRoutes } from '../../../src/http/routes/zoomAccounts.ts';
import { auditPool } from '../../../src/projections/audit/auditPool.ts';
import { auditReadModels } from '../../../src/projections/audit/auditReadModels.ts';
import { directory } from '../../../src/projections/directory/projection.ts';
import { createDirectoryQueries } from '../../../src/projections/directory/queries.ts';
import { createProjectionEngine } from '../../../src/projections/engine/engine.ts';
import { lessons } from '../../../src/projections/lessons/projection.ts';
import { createLessonQueries } from '../../../src/projections/lessons/queries.ts';
import { zoomAccounts } from '../../../src/projections/zoomAccounts/projection.ts';
import { createZoomAccountQueries } from '../../../src/projections/zoomAccounts/queries.ts';
import type { Sql } from '../../../src/projections/engine/readModel.ts';
import { asks, openSchool } from '../../commands/support/school.ts';
import { quiet } from '../../support/engineLog.ts';
import type { Answer, Ask } from '../../support/httpContract.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';
import { issue, startTestServer } from './testServer.ts';

/** The school behind a real server: commands, read models that are fed from the log, routes. Only the vendor is a stand-in. */
export async function startSchoolServer() {
  const database = await createTestDatabase();
  const school = openSchool({ url: database.url });
  const models = [directory, lessons, zoomAccounts];
  const readModels = createProjectionEngine({ log: school.log, pool: database.pool, readModels: models, clock: school.clock, process: createProcessIdentity(), logger: quiet, tickMs: 100 });
  await readModels.start();
  const db = database.pool as unknown as Sql;
  const queries = { directory: createDirectoryQueries(db, readModels), lessons: createLessonQueries(db, readModels), zoomAccounts: createZoomAccountQueries(db, readModels) };
  const operations = { jobs: [] as Awaited<ReturnType<OperationsRouteDeps['jobs']>>[number][], parked: [] as { task: string; key: string; error: string }[], vendorsDown: [] as string[] };
  // Without rooms: lessons name the ones that they would get.
  const rooms = { newestOfLessons: () => Promise.resolve(new Map<string, string>()) };
  const common = { lessons: queries.lessons, directory: queries.directory, rooms, clock: school.clock, publicUrl: 'https://school.example', schoolTimeZone: school.rules.timeZone, door: { startEarlyMinutes: 15, graceMinutes: 10 } };
  const server = await startTestServer([
    ...lessonRoutes({ ...common, commands: school.lessons, pipeline: school.pipeline, zoomAccounts: queries.zoomAccounts }),
    ...zoomAccountRoutes({ ...common, commands: school.accounts, zoomAccounts: queries.zoomAccounts, gapMinutes: school.rules.gapMinutes }),
    ...meRoutes(common),
    ...timelineRoutes({ ...common, log: school.log }),
    ...readModelRoutes({ readModels }),
    ...operationsRoutes({
      ...common, zoomAccounts: queries.zoomAccounts, jobs: async () => operations.jobs, readModels: () => readModels.status(), parkedJobs: async () => operations.parked, vendorsDown: () => operations.vendorsDown,
    }),
  ], { readModels, idempotency: createIdempotencyStore(database.pool), people: createPersonAccess(queries.directory.access, { freshMs: 0, staleMs: 0 }) });

  /** Whoever asks sees everything that was written before. */
  const seen = async (): Promise<Record<string, string>> => {
    const head = await school.log.head();
    return head === '' ? {} : { 'min-position': head };
  };
  const client = (id: string, role: Role) => issue(id, role, 600).then((token) => {
    const as = server.client.as(token);
    const path = (text: string) => (text.startsWith('/join/') ? text : `/api/v1${text}`);
    return {
      get: async (to: string, options: Ask = {}): Promise<Answer> => as.get(path(to), { ...options, headers: { ...(await seen()), ...options.headers } }),
      post: (to: string, body?: unknown, options?: Ask): Promise<Answer> => as.post(path(to), body, options),
      patch: (to: string, body?: unknown, options?: Ask): Promise<Answer> => as.patch(path(to), body, options),
    };
  });

  return {
    school, queries, readModels, server, database, operations, models, client,
    async person(id: string, role: Role): Promise<void> {
      await school.directory.registerPerson({ personId: id, name: `${id} of the school`, email: `${id}@school.example`, role, timeZone: 'Europe/Berlin' }, asks('admin'));
    },
    async account(id: string, capacity: number): Promise<void> {
      await school.accounts.register({ accountId: id, zoomUser: `${id}@zoom.example`, capacity, credentialsRef: 'main', cloudRecording: true }, asks('admin'));
    },
    async group(id: string, ...members: string[]): Promise<void> {
      await school.directory.createGroup({ groupId: id, name: `Group ${id}` }, asks('admin'));
      for (const personId of members) await school.directory.addGroupMember({ groupId: id, personId }, asks('admin'));
    },
    /** The adapter's part, done by hand: a meeting for the lesson as it is now. */
    async meeting(lessonId: string): Promise<string> {
      const { meeting } = await school.meetings.claim({ lessonId }, asks('system', 'zoom'));
      const ref = `${lessonId}.${meeting.generation}`;
      await school.meetings.created({ lessonId, generation: meeting.generation, meetingId: `m-${ref}`, uuid: `u-${ref}`, joinUrl: `https://zoom.example/j/${ref}`, passcode: '123', adopted: false }, asks('system', 'zoom'));
      return `https://zoom.example/j/${ref}`;
    },
    /** The two audits of everything that was done here. */
    async audits() {
      for (const { name } of models) await readModels.waitFor(name, await school.log.head(), 10_000);
      const { findings } = await auditPool(school.log, { gapMinutes: school.rules.gapMinutes });
      const compared = await auditReadModels({ log: school.log, db, models, readModels });
      return { findings, readModels: compared.map(({ readModel, outcome }) => `${readModel} ${outcome}`) };
    },
    async stop(): Promise<void> {
      await server.stop();
      await readModels.stop();
      await school.close();
      await database.drop();
    },
  };
}
export type SchoolServer = Awaited<ReturnType<typeof startSchoolServer>>;
