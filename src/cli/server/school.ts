import { createJobs } from '../../adapters/jobs/jobs.ts';
import { scheduleAsSet } from '../../adapters/jobs/jobSettings.ts';
import { jobsOf } from '../../adapters/jobs/schoolJobs.ts';
import { tracedJob, tracedReadModel, tracedTask } from '../../adapters/openTelemetry/traced.ts';
import { createHeartbeat } from '../../adapters/processes/heartbeat.ts';
import { createReactors, type Reactors } from '../../adapters/reactors/reactors.ts';
import { createZoomWork, type ZoomApi } from '../../adapters/zoom/index.ts';
import { createCredentialsCommands } from '../../commands/credentials/index.ts';
import { createDirectoryCommands } from '../../commands/directory/index.ts';
import { createReleaseFinishedZoomAccounts } from '../../commands/jobs/releaseFinishedZoomAccounts.ts';
import { createSweepOrphanReservations } from '../../commands/jobs/sweepOrphanReservations.ts';
import { createLessonImports, expandFile } from '../../commands/lessonImport/index.ts';
import { createLessonCommands } from '../../commands/lessons/index.ts';
import type { LessonDeps } from '../../commands/lessons/deps.ts';
import { createPoolIndex } from '../../commands/zoomAccounts/poolIndex.ts';
import { createZoomAccountCommands } from '../../commands/zoomAccounts/index.ts';
import { createZoomMeetingCommands } from '../../commands/zoomMeetings/index.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { createIdempotencyStore } from '../../http/idempotency/store.ts';
import { createRoomTickets } from '../../http/ws/tickets.ts';
import type { Core } from '../../main.ts';
import type { Meetings } from '../../ports/meetings.ts';
import { createDirectoryQueries } from '../../projections/directory/queries.ts';
import { createProjectionEngine } from '../../projections/engine/engine.ts';
import { createMeetingQueries } from '../../projections/lessons/meetingQueries.ts';
import { createLessonQueries } from '../../projections/lessons/queries.ts';
import { readModels } from '../../projections/readModels.ts';
import { createRoomQueries } from '../../projections/rooms/queries.ts';
import type { Classroom } from './classroom.ts';
import type { RoomsPart } from './rooms.ts';
import { createZoomAccountQueries } from '../../projections/zoomAccounts/queries.ts';

export type School = ReturnType<typeof createSchool>;

/** Commands and queries of the school on a core; what they need of read models comes from `engine`. Nothing runs yet. */
export function createSchool(core: Core, meetings: Meetings, feeds: 'all' | 'rebuilds' | 'nothing') {
  const { log, pool, process, clock, logger, pipeline, rules, secrets, trace } = core;
  const engine = createProjectionEngine({ log, pool, readModels: trace ? readModels.map((model) => tracedReadModel(model, trace)) : readModels, process, clock, logger, feeds });
  const queries = {
    directory: createDirectoryQueries(pool, engine),
    lessons: createLessonQueries(pool, engine),
    meetings: createMeetingQueries(pool, engine),
    rooms: createRoomQueries(pool, engine),
    zoomAccounts: createZoomAccountQueries(pool, engine),
  };
  const deps: LessonDeps = {
    pipeline, clock, rules, meetings, index: createPoolIndex(pipeline, rules.timeZone), studentOverlaps: queries.lessons.studentOverlaps,
    leftBehind: (what, error) => logger.warn({ err: error, what }, 'a command could not finish tidying up; the sweeper will'),
  };
  const lessons = createLessonCommands(deps);
  const commands = {
    lessons,
    zoomAccounts: createZoomAccountCommands(deps),
    zoomMeetings: createZoomMeetingCommands(deps),
    directory: createDirectoryCommands({ pipeline }),
    credentials: createCredentialsCommands({ pipeline, secrets }),
    imports: createLessonImports({
      pipeline, clock, lessons, expand: expandFile, schoolZone: rules.timeZone,
      directory: {
        async person(emailOrId) {
          const found = (await queries.directory.personByEmail(emailOrId)) ?? (await queries.directory.person(emailOrId));
          return found && { id: found.id, isTeacher: found.active && found.role === 'teacher' };
        },
        group: async (nameOrId) => (await queries.directory.group(nameOrId)) ?? (await queries.directory.groupByName(nameOrId)),
      },
      known: {
        async upToDate() {
          const head = await log.head();
          const reached = await Promise.all(['lessons', 'directory'].map((name) => engine.waitFor(name, head, 10_000)));
          if (!reached.every(Boolean)) throw new DomainError('readModelBehind', 'the read models are behind; try again in a moment');
        },
        ofCalendar: queries.lessons.ofCalendar,
        ofImport: queries.lessons.ofImport,
      },
    }),
  };
  return { deps, engine, queries, commands };
}

/** Everything that happens without being asked: reactors, jobs, and the heartbeat that tells who is alive. */
export function createWorks(core: Core, { deps, queries, commands }: School, api: ZoomApi, does: { reacts: boolean; schedules: boolean }, rooms: Pick<RoomsPart, 'jobs' | 'watch'>, classroom: Pick<Classroom, 'reactor' | 'tasks' | 'jobs'>) {
  const { log, pool, process, clock, logger, pipeline, rules, master, metrics, trace, settings, contents } = core;
  const heartbeat = createHeartbeat({ pool, process, logger });
  rooms.watch(heartbeat);
  const zoom = createZoomWork({
    api, pool, master, clock, pipeline, commands: commands.zoomMeetings, queries: queries.meetings, enqueue: (requests) => reactors.request(requests), log: logger,
  });
  // A process that does not react still asks for jobs and lists parked ones.
  const reactors: Reactors = createReactors({ log, pool, reactors: does.reacts ? [zoom.reactor, classroom.reactor] : [], tasks: does.reacts ? [...zoom.tasks, ...classroom.tasks].map((task) => (trace ? tracedTask(task, trace) : task)) : [], process, heartbeat, logger });
  const release = createReleaseFinishedZoomAccounts(deps);
  const sweep = createSweepOrphanReservations({ ...deps, teacherIds: () => queries.directory.everyTeacher() });
  const idempotency = createIdempotencyStore(pool);
  const tickets = createRoomTickets(pool);
  const jobs = createJobs({
    pool, log, clock, zone: rules.timeZone, process, heartbeat, logger, runs: does.schedules, metrics: { runs: metrics.jobRuns },
    jobs: scheduleAsSet([
      ...jobsOf('school', {
        releaseFinishedZoomAccounts: { run: ({ commandContext }) => release(commandContext) },
        mintUpcomingMeetings: { run: () => zoom.mintUpcomingMeetings() },
        sweepOrphanReservations: { run: ({ commandContext }) => sweep(commandContext) },
        reconcileVendors: { run: ({ commandContext }) => zoom.reconcile(commandContext) },
        coverLog: { run: async ({ signal }) => ({ stretches: await contents.extend(signal) }) },
        tidyUp: { run: async () => ({ ...(await zoom.webhookUpkeep()), answersForgotten: await idempotency.purge(), ticketsForgotten: await tickets.purge() }) },
      }),
      ...rooms.jobs,
      ...classroom.jobs,
    ], settings.LECTERN_JOBS).map((job) => (trace ? tracedJob(job, trace) : job)),
  });
  metrics.watchParkedJobs(async () => (await reactors.listParked(1_000)).length);

  return {
    reactors, jobs, idempotency, zoom,
    async start() {
      await heartbeat.start();
      await reactors.start();
      await jobs.start();
    },
    async stop() {
      await jobs.stop();
      await reactors.stop();
      await heartbeat.stop();
    },
  };
}

export type Works = ReturnType<typeof createWorks>;
