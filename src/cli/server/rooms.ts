import type { JobDefinition } from '../../adapters/jobs/jobDefinition.ts';
import { jobsOf } from '../../adapters/jobs/schoolJobs.ts';
import type { Heartbeat } from '../../adapters/processes/heartbeat.ts';
import { createPostgresRoomOwners } from '../../adapters/rooms/owners/postgresRoomOwners.ts';
import { createBoardFolder } from '../../adapters/rooms/snapshots/foldInThread.ts';
import { createPostgresBoardSnapshots } from '../../adapters/rooms/snapshots/postgresBoardSnapshots.ts';
import { createAutosaveActiveBoards, isQuietAutosave } from '../../commands/jobs/autosaveActiveBoards.ts';
import { createCleanupOldSnapshots } from '../../commands/jobs/cleanupOldSnapshots.ts';
import { createDisconnectInactiveParticipants } from '../../commands/jobs/disconnectInactiveParticipants.ts';
import { createBoardReader, type BoardReader } from '../../commands/rooms/boardReader.ts';
import { createRooms, type Rooms, type RoomsDeps } from '../../commands/rooms/rooms.ts';
import type { Core } from '../../main.ts';
import type { BoardSnapshots } from '../../ports/boardSnapshots.ts';

/** The owner's half of lesson rooms in this process. Nothing runs until `start()`. */
export type RoomsPart = {
  rooms: Rooms;
  boards: BoardReader;
  snapshots: BoardSnapshots;
  jobs: JobDefinition[];
  /** Rooms of dead processes are free at once. */
  watch(heartbeat: Pick<Heartbeat, 'onDead'>): void;
  start(): void;
  /** After the sockets are closed, before the log is. */
  stop(): Promise<void>;
};

export const snapshotUrl = (roomId: string, version: number): string => `/api/v1/classroom/sessions/${encodeURIComponent(roomId)}/snapshots/${version}`;

export type RoomsPartOptions = Pick<RoomsDeps, 'nodeLink' | 'ice' | 'namesOf' | 'times'> & {
  /** Rooms that somebody has come to and that have not ended, in order of id. */
  begun(after: string, limit: number): Promise<readonly string[]>;
};

/** @param nodeUrl where other nodes reach this process */
export function createRoomsPart(core: Core, nodeUrl: string, { begun, ...more }: RoomsPartOptions): RoomsPart {
  const { log, pipeline, clock, pool, logger, process } = core;
  const owners = createPostgresRoomOwners({ pool, process, nodeUrl });
  const snapshots = createPostgresBoardSnapshots(pool);
  const folder = createBoardFolder();
  const rooms = createRooms({ log, pipeline, clock, logger, owners, snapshots, folder, snapshotUrl, ...more });
  const { door } = rooms;
  const autosave = createAutosaveActiveBoards({ owners, door });
  const disconnect = createDisconnectInactiveParticipants({ pipeline, door, owners, clock, begun });
  const cleanUp = createCleanupOldSnapshots({ pipeline, door, snapshots, clock });
  return {
    rooms, snapshots,
    boards: createBoardReader({ log, snapshots, folder, logger }),
    jobs: jobsOf('rooms', {
      autosaveActiveBoards: { run: ({ commandContext }) => autosave(commandContext), isQuiet: isQuietAutosave },
      cleanupOldSnapshots: { run: ({ commandContext }) => cleanUp(commandContext) },
      disconnectInactiveParticipants: { run: ({ commandContext }) => disconnect(commandContext) },
    }),
    watch: (heartbeat) => heartbeat.onDead((dead) => owners.bury(dead)),
    start: rooms.start,
    async stop() {
      await rooms.stop();
      await folder.close();
    },
  };
}
