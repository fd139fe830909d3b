import { randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createPostgresPersonKeys } from '../../../src/adapters/personKeys/postgresPersonKeys.ts';
import type { JobRequest } from '../../../src/adapters/reactors/reactor.ts';
import { createHostDays } from '../../../src/adapters/zoom/hostDays.ts';
import { createHostOf } from '../../../src/adapters/zoom/hostOf.ts';
import { createReconcileZoom } from '../../../src/adapters/zoom/reconcileZoom.ts';
import { createSyncLeases } from '../../../src/adapters/zoom/syncLeases.ts';
import { createSyncMeeting } from '../../../src/adapters/zoom/syncMeeting.ts';
import { createPipeline } from '../../../src/commands/pipeline/pipeline.ts';
import { defaultRules } from '../../../src/commands/schoolRules.ts';
import { createPoolIndex } from '../../../src/commands/zoomAccounts/poolIndex.ts';
import { createZoomMeetingCommands } from '../../../src/commands/zoomMeetings/index.ts';
import { exists, lesson, type LessonCommand } from '../../../src/domain/lesson/index.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { zoomAccount } from '../../../src/domain/zoomAccount/index.ts';
import { zoomMeeting } from '../../../src/domain/zoomMeeting/index.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { createEventLog } from '../../../src/eventLog/eventLog.ts';
import { createZoomHarness, type HarnessOptions } from './zoomHarness.ts';

export const context = () => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: { id: 'test', role: 'admin' } };
};

type Unseen<Command> = Command extends { seen: unknown } ? Omit<Command, 'seen'> : Command;

/** The adapter at work on a real log, with the school's clock in the test's hand. */
export async function createSchoolHarness(options: HarnessOptions = {}) {
  const zoom = await createZoomHarness(options);
  const { database, master, meetings } = zoom;
  const store = createPostgresEventStore({ url: database.url });
  const log = createEventLog(store, createCodec(schoolEvents, createPostgresPersonKeys(database.pool, master)));
  let offset = 0;
  const clock = { now: () => new Date(Date.now() + offset) };
  const pipeline = createPipeline(log, clock);
  const rules = defaultRules('Europe/Kyiv');
  const commands = createZoomMeetingCommands({ pipeline, clock, rules, index: createPoolIndex(pipeline, rules.timeZone), meetings });
  const hostDays = createHostDays(database.pool, clock);
  const sooner = { count: 0 };
  const asked: JobRequest[] = [];
  const syncWith = (more: object = {}) =>
    createSyncMeeting({ pipeline, commands, meetings, hostOf: createHostOf(pipeline), hostDays, leases: createSyncLeases(database.pool), clock, soonerWithoutMeeting: async () => sooner.count, ...more });
  const sync = syncWith();
  const accounts: string[] = [];

  return {
    zoom, store, log, pipeline, commands, hostDays, clock, sooner, asked, syncWith,
    moveClock: async (ms: number) => {
      offset += ms;
      await zoom.control.send('POST', '/_clock', { offsetMs: offset });
    },
    sync: (lessonId: string, isLastAttempt = false) => sync(lessonId, { context: context(), isLastAttempt }),
    reconcile: () =>
      createReconcileZoom({
        pipeline, commands, meetings, accountIds: async () => accounts, hostOf: createHostOf(pipeline), clock, enqueue: async (requests) => void asked.push(...requests),
        lessonsWithMeeting: async (accountId) => {
          const found: { lessonId: string; meetingId: string; generation: number }[] = [];
          for await (const page of log.readAll()) {
            for (const decoded of page) {
              if (!decoded.ok || decoded.event.type !== 'MeetingCreated' || decoded.event.data.accountId !== accountId) continue;
              const { lessonId } = decoded.event.data;
              const { state } = await pipeline.load(zoomMeeting, lessonId, { fresh: true });
              if (state.status === 'created') found.push({ lessonId, meetingId: state.meetingId, generation: state.generation });
            }
          }
          return found;
        },
      })(context()),
    account: async (accountId: string, user = `${accountId}@school.example`) => {
      await pipeline.execute(zoomAccount, accountId, { type: 'register', accountId, zoomUser: user, capacity: 1, credentialsRef: 'default', cloudRecording: true }, context());
      accounts.push(accountId);
    },
    schedule: (lessonId: string, more: { accountId?: string; inHours?: number; title?: string } = {}) => {
      const start = Math.ceil((clock.now().getTime() + (more.inHours ?? 30) * 3600_000) / 60_000) * 60_000;
      return pipeline.execute(lesson, lessonId, {
        type: 'schedule', lessonId, teacherId: 't1', groupId: null, title: more.title ?? 'Fractions', provider: 'zoom', autoRecord: true, accountId: more.accountId ?? 'a1', reservationId: `${lessonId}.1`,
        at: clock.now().toISOString(), localStart: '2026-03-02T18:00', zone: 'Europe/Kyiv', durationMinutes: 45, startsAt: new Date(start).toISOString(), endsAt: new Date(start + 45 * 60_000).toISOString(),
      }, context());
    },
    /** `seen` is filled in: the test has seen what is there. */
    change: async (lessonId: string, command: Unseen<LessonCommand>) => {
      const { state } = await pipeline.load(lesson, lessonId, { fresh: true });
      const seen = exists(state) ? { reservationId: state.reservationId, agendaReservationId: state.agendaReservationId, autoRecord: state.autoRecord } : undefined;
      return pipeline.execute(lesson, lessonId, { ...command, seen } as LessonCommand, context());
    },
    meeting: async (lessonId: string) => (await pipeline.load(zoomMeeting, lessonId, { fresh: true })).state,
    /** Refs that Zoom has. */
    refs: async () => (await zoom.control.state()).meetings.map(({ agenda }) => /^ref:(\S+)/.exec(agenda)?.[1] ?? '').sort(),
    events: async (stream: string) => (await store.readStream(stream)).map(({ type }) => type),
    async close() {
      await store.close();
      await zoom.close();
      // Whatever a test was about: what it sent and got must fit the vendor's own description.
      if (zoom.problems.length > 0) throw new Error(zoom.problems.join('\n'));
    },
  };
}
