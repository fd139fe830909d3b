import { createHash, randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createDirectoryCommands } from '../../../src/commands/directory/index.ts';
import { createReleaseFinishedZoomAccounts } from '../../../src/commands/jobs/releaseFinishedZoomAccounts.ts';
import { createSweepOrphanReservations } from '../../../src/commands/jobs/sweepOrphanReservations.ts';
import { createLessonCommands } from '../../../src/commands/lessons/index.ts';
import type { LessonDeps } from '../../../src/commands/lessons/deps.ts';
import type { ScheduleLesson, StudentOverlaps } from '../../../src/commands/lessons/types.ts';
import type { CommandContext } from '../../../src/commands/pipeline/context.ts';
import { createPipeline } from '../../../src/commands/pipeline/pipeline.ts';
import { defaultRules } from '../../../src/commands/schoolRules.ts';
import { createZoomAccountCommands } from '../../../src/commands/zoomAccounts/index.ts';
import { createPoolIndex } from '../../../src/commands/zoomAccounts/poolIndex.ts';
import { createZoomMeetingCommands } from '../../../src/commands/zoomMeetings/index.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { createEventLog } from '../../../src/eventLog/eventLog.ts';
import type { EventStore } from '../../../src/ports/eventStore.ts';
import { deskVendor } from './vendor.ts';

/** A clock that stands where it is put. */
export function deskClock(start: string) {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    put: (instant: string) => void (now = Date.parse(instant)),
    pass: (minutes: number) => void (now += minutes * 60_000),
  };
}
export type DeskClock = ReturnType<typeof deskClock>;

/** A key for everyone, without a table. */
const keys = {
  find: async (subjects: readonly string[]) => new Map(subjects.map((subject) => [subject, keyOf(subject)])),
  obtain: async (subject: string) => keyOf(subject),
};
const keyOf = (subject: string) => createHash('sha256').update(subject).digest();

export const asks = (role = 'manager', id = 'the-manager', more: Partial<CommandContext> = {}): CommandContext => ({
  commandId: randomUUID(), correlationId: 'test', causationId: 'test', actor: { id, role }, ...more,
});

export type School = ReturnType<typeof openSchool>;

/** All commands on one store, as one process has them. Two of them on one database are two processes. */
export function openSchool({ url, clock = deskClock('2026-03-02T08:00:00.000Z'), wrap = (store) => store, studentOverlaps }: {
  url: string; clock?: DeskClock; wrap?: (store: EventStore) => EventStore; studentOverlaps?: StudentOverlaps;
}) {
  const store = createPostgresEventStore({ url });
  const log = createEventLog(wrap(store), createCodec(schoolEvents, keys));
  const pipeline = createPipeline(log, clock);
  const rules = defaultRules('Europe/Berlin');
  const vendor = deskVendor();
  const leftBehind: string[] = [];
  const deps: LessonDeps = {
    pipeline, clock, rules, index: createPoolIndex(pipeline, rules.timeZone), meetings: vendor.meetings, leftBehind: (what) => void leftBehind.push(what),
    ...(studentOverlaps && { studentOverlaps }),
  };
  const directory = createDirectoryCommands(deps);
  const accounts = createZoomAccountCommands(deps);
  const lessons = createLessonCommands(deps);
  const teachers = new Set<string>();

  const school = {
    clock, store, log, pipeline, rules, deps, vendor, leftBehind, directory, accounts, lessons,
    meetings: createZoomMeetingCommands(deps),
    releaseFinished: createReleaseFinishedZoomAccounts(deps),
    sweep: createSweepOrphanReservations({ ...deps, teacherIds: async () => [...teachers] }),
    close: () => store.close(),

    /** Tells the sweeper of a teacher that another process registered. */
    knowTeacher: (id: string) => void teachers.add(id),
    async teacher(id: string = randomUUID()): Promise<string> {
      await directory.registerPerson({ personId: id, name: 'Ada', email: `${id}@school.example`, role: 'teacher', timeZone: 'Europe/Berlin' }, asks('admin'));
      teachers.add(id);
      return id;
    },
    async group(id: string = randomUUID()): Promise<string> {
      await directory.createGroup({ groupId: id, name: 'A1' }, asks('admin'));
      return id;
    },
    async account(capacity = 1, { id = randomUUID(), cloudRecording = true } = {}): Promise<string> {
      await accounts.register({ accountId: id, zoomUser: `${id}@zoom.example`, capacity, credentialsRef: 'main', cloudRecording }, asks('admin'));
      return id;
    },
    lessonAt: (teacherId: string, localStart: string, more: Partial<ScheduleLesson> = {}): ScheduleLesson => ({
      title: 'German', teacherId, groupId: null, localStart, zone: 'Europe/Berlin', durationMinutes: 60, provider: 'zoom', autoRecord: false, ...more,
    }),
    /** A lesson of that teacher, or of one made for it, planned by a manager. */
    async plan(localStart: string, more: Partial<ScheduleLesson> = {}) {
      return lessons.schedule(school.lessonAt(more.teacherId ?? (await school.teacher()), localStart, more), asks());
    },
    async streamTypes(stream: string): Promise<string[]> {
      return (await store.readStream(stream)).map(({ type }) => type);
    },
  };
  return school;
}
