import { randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createLessonImports, expandFile, importDirectory, knownLessons, type ImportLessons } from '../../../src/commands/lessonImport/index.ts';
import { createLessonCommands } from '../../../src/commands/lessons/index.ts';
import { createPipeline } from '../../../src/commands/pipeline/pipeline.ts';
import type { CommandContext } from '../../../src/commands/pipeline/context.ts';
import { defaultRules } from '../../../src/commands/schoolRules.ts';
import { createPoolIndex } from '../../../src/commands/zoomAccounts/poolIndex.ts';
import { createZoomAccountCommands } from '../../../src/commands/zoomAccounts/index.ts';
import { group } from '../../../src/domain/group/index.ts';
import { person } from '../../../src/domain/person/index.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { createEventLog } from '../../../src/eventLog/eventLog.ts';
import type { EventStore } from '../../../src/ports/eventStore.ts';
import type { Meetings } from '../../../src/ports/meetings.ts';
import { createDirectoryQueries } from '../../../src/projections/directory/queries.ts';
import { directory } from '../../../src/projections/directory/projection.ts';
import { createProjectionEngine } from '../../../src/projections/engine/engine.ts';
import { lessons as lessonsModel } from '../../../src/projections/lessons/projection.ts';
import { createLessonQueries } from '../../../src/projections/lessons/queries.ts';
import { quiet } from '../../support/engineLog.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';

const never = async (): Promise<never> => {
  throw new Error('an import never calls the vendor');
};
const noMeetings: Meetings = { create: never, find: never, list: never, delete: never, end: never, live: async () => [], startUrl: never };

/** A school on a real log, with real read models, whose clock stands at 2026-03-01T00:00Z. `wrap`: puts something around the event store. */
export async function openSchool(options: { wrap?: (store: EventStore) => EventStore } = {}) {
  const database = await createTestDatabase();
  const bare = createPostgresEventStore({ url: database.url });
  const store = options.wrap ? options.wrap(bare) : bare;
  const key = Buffer.alloc(32, 7);
  const codec = createCodec(schoolEvents, { find: async (subjects) => new Map(subjects.map((subject) => [subject, key])), obtain: async () => key });
  const log = createEventLog(store, codec);
  let now = new Date('2026-03-01T00:00:00.000Z');
  const clock = { now: () => now };
  const engine = createProjectionEngine({ log, pool: database.pool, readModels: [lessonsModel, directory], process: { id: randomUUID(), isDead: () => false }, clock, logger: quiet });
  await engine.start();
  /** As a process sees it that has just started: nothing is in its memory. */
  const openProcess = () => {
    const pipeline = createPipeline(log, clock);
    const rules = defaultRules('Europe/Kyiv');
    const deps = { pipeline, clock, rules, index: createPoolIndex(pipeline, rules.timeZone), meetings: noMeetings };
    const lessons = createLessonCommands(deps);
    const lessonQueries = createLessonQueries(database.pool, engine);
    const imports = createLessonImports({
      pipeline, clock, lessons, expand: (file, settings) => expandFile(file, settings, { deadlineMs: 60_000 }), schoolZone: rules.timeZone,
      directory: importDirectory(createDirectoryQueries(database.pool, engine)),
      known: knownLessons(log, engine, lessonQueries),
    });
    return { pipeline, lessons, imports, lessonQueries, accounts: createZoomAccountCommands(deps) };
  };
  const process = openProcess();
  const context = (): CommandContext => {
    const commandId = randomUUID();
    return { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'maria', role: 'manager' } };
  };

  return {
    ...process, log, database, context, openProcess,
    setClock(to: string) {
      now = new Date(to);
    },
    async addTeacher(personId: string, email = `${personId}@school.example`) {
      await process.pipeline.execute(person, personId, { type: 'register', personId, name: personId, email, role: 'teacher', timeZone: 'Europe/Kyiv', moodleUserId: '', zohoContactId: '' }, context());
    },
    async addStudent(personId: string) {
      await process.pipeline.execute(person, personId, { type: 'register', personId, name: personId, email: `${personId}@home.example`, role: 'student', timeZone: 'Europe/Kyiv', moodleUserId: '', zohoContactId: '' }, context());
    },
    async addGroup(groupId: string, name: string) {
      await process.pipeline.execute(group, groupId, { type: 'create', groupId, name }, context());
    },
    async addAccount(accountId: string, capacity: number) {
      await process.accounts.register({ accountId, zoomUser: `${accountId}@zoom.example`, capacity, credentialsRef: 'default', cloudRecording: true }, context());
    },
    import: (file: string | Buffer, more: Partial<ImportLessons> = {}) =>
      process.imports.importLessons({ file: typeof file === 'string' ? Buffer.from(file) : file, format: 'ics', ...more }, context()),
    /** Every lesson that is not cancelled: `<local start> <title> <teacher>`. */
    async timetable(): Promise<string[]> {
      const head = await log.head();
      await engine.waitFor('lessons', head, 5_000);
      const all = await process.lessonQueries.list({ status: ['scheduled', 'live', 'finished'] }, 'all', { after: undefined, limit: 10_000 });
      return all.map((lesson) => `${lesson.local_start} ${lesson.title} ${lesson.teacher_id}`);
    },
    async events(): Promise<number> {
      let count = 0;
      for await (const page of log.readAll()) count += page.length;
      return count;
    },
    async close() {
      await engine.stop();
      await store.close();
      await database.drop();
    },
  };
}

export type School = Awaited<ReturnType<typeof openSchool>>;
