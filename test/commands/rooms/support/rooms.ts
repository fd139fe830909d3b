import { createHash, randomUUID } from 'node:crypto';
import { createPostgresEventStore } from '../../../../src/adapters/eventStore/postgres/eventStore.ts';
import { createPool } from '../../../../src/adapters/postgres/pool.ts';
import { createProcessIdentity, type ProcessIdentity } from '../../../../src/adapters/processes/processIdentity.ts';
import { createPostgresRoomOwners } from '../../../../src/adapters/rooms/owners/postgresRoomOwners.ts';
import { createBoardFolder } from '../../../../src/adapters/rooms/snapshots/foldInThread.ts';
import { createPostgresBoardSnapshots } from '../../../../src/adapters/rooms/snapshots/postgresBoardSnapshots.ts';
import type { CommandContext } from '../../../../src/commands/pipeline/context.ts';
import { createPipeline } from '../../../../src/commands/pipeline/pipeline.ts';
import { createBoardReader } from '../../../../src/commands/rooms/boardReader.ts';
import { createRooms, type RoomsDeps } from '../../../../src/commands/rooms/rooms.ts';
import { room, type RoomCommand } from '../../../../src/domain/room/index.ts';
import { roleDefaults } from '../../../../src/domain/room/permissions.ts';
import { schoolEvents } from '../../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../../src/eventLog/codec.ts';
import { createEventLog } from '../../../../src/eventLog/eventLog.ts';
import { systemClock } from '../../../../src/ports/clock.ts';
import type { EventStore } from '../../../../src/ports/eventStore.ts';

const keyOf = (subject: string) => createHash('sha256').update(subject).digest();
const keys = {
  find: async (subjects: readonly string[]) => new Map(subjects.map((subject) => [subject, keyOf(subject)])),
  obtain: async (subject: string) => keyOf(subject),
};

export const asks = (id = 'host', more: Partial<CommandContext> = {}): CommandContext => ({ commandId: randomUUID(), correlationId: 'test', causationId: 'test', actor: { id, role: 'teacher' }, ...more });

export type Omitted<C> = C extends RoomCommand ? Omit<C, 'at' | 'by'> : never;
export type RoomProcess = ReturnType<typeof openProcess>;

/** The owner's side of rooms as one process has it. Two on one database are two processes. */
export function openProcess({ url, wrap = (store) => store, identity = createProcessIdentity(), leaseMs, nodeUrl = 'ws://here', ...more }: {
  url: string; wrap?: (store: EventStore) => EventStore; identity?: ProcessIdentity; leaseMs?: number; nodeUrl?: string;
} & Pick<RoomsDeps, 'times' | 'nodeLink' | 'ice'>) {
  const pool = createPool({ url, applicationName: 'rooms under test', max: 5, log: { warn: () => undefined } });
  const store = createPostgresEventStore({ url });
  const log = createEventLog(wrap(store), createCodec(schoolEvents, keys));
  const pipeline = createPipeline(log, systemClock);
  const owners = createPostgresRoomOwners({ pool, process: identity, nodeUrl, ...(leaseMs !== undefined && { leaseMs }) });
  const snapshots = createPostgresBoardSnapshots(pool);
  const folder = createBoardFolder();
  const logged: string[] = [];
  const noted = (facts: object, message: string) => void logged.push(`${message} ${'err' in facts ? String(facts.err) : ''}`);
  const logger = { info: noted, warn: noted, error: noted };
  const rooms = createRooms({ log, pipeline, clock: systemClock, logger, owners, snapshots, folder, snapshotUrl: (id, version) => `/snapshots/${id}/${version}`, ...more });
  rooms.start();

  return {
    rooms, log, store, pool, pipeline, snapshots, owners, logged,
    boards: createBoardReader({ log, snapshots, folder, logger }),
    async stop() {
      await rooms.stop();
      await folder.close();
      await store.close();
      await pool.end();
    },
    /** As kill -9 leaves it: nothing is let go. */
    async abandon() {
      await folder.close();
      await store.close();
      await pool.end();
    },
    command: (roomId: string, personId: string, command: Omitted<RoomCommand>, context = asks(personId)) =>
      rooms.door.execute(roomId, { name: 'decide', input: { ...command, by: { personId, authority: 'room' }, at: new Date().toISOString() } }, context),
    async room({ people = ['student'], started = true, roomId = randomUUID() as string, waitingRoom = false, max = 30 }: { people?: string[]; started?: boolean; roomId?: string; waitingRoom?: boolean; max?: number } = {}) {
      const at = new Date().toISOString();
      await pipeline.execute(room, roomId, {
        type: 'create', roomType: 'lesson', by: { personId: 'host', authority: 'school' }, at,
        room: {
          roomId, title: 'Optics', lessonId: randomUUID(), hostId: 'host', scheduledStart: at, scheduledEnd: new Date(Date.now() + 3_600_000).toISOString(),
          settings: { waitingRoom, hostAbsence: 'pause', chat: true }, accessHash: null, maxParticipants: max, recorded: false, roles: roleDefaults, rolesRevision: -1,
        },
      }, asks(), { presumedNew: true });
      const go = this.command;
      await go(roomId, 'host', { type: 'join', personId: 'host', entitlement: { kind: 'none' } });
      for (const personId of people) await go(roomId, personId, { type: 'join', personId, entitlement: { kind: 'lesson' } });
      if (started) await go(roomId, 'host', { type: 'start' });
      return roomId;
    },
    async groups(roomId: string) {
      return (await log.readStream(`board-${roomId}`)).map((one) => {
        if (!one.ok || one.event.type !== 'OpGroupApplied') throw new Error('no op group');
        return one.event;
      });
    },
    async happened(roomId: string): Promise<string[]> {
      return (await store.readStream(`room-${roomId}`)).map(({ type }) => type);
    },
  };
}
