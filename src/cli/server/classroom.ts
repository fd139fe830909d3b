import type { JobDefinition } from '../../adapters/jobs/jobDefinition.ts';
import { jobsOf } from '../../adapters/jobs/schoolJobs.ts';
import type { Reactor, Task } from '../../adapters/reactors/reactor.ts';
import { createPictureProcess } from '../../adapters/rendering/pictureProcess.ts';
import { createRendering } from '../../adapters/rendering/rendering.ts';
import { createRoomImages } from '../../adapters/roomImages/postgresRoomImages.ts';
import { createRoomTasks, roomReactor } from '../../adapters/rooms/roomReactor.ts';
import { createExpireStaleRooms } from '../../commands/jobs/expireStaleRooms.ts';
import { createRoomCommands } from '../../commands/rooms/index.ts';
import { createCodeTries } from '../../http/codeTries.ts';
import type { ClassroomDeps } from '../../http/routes/classroom.ts';
import type { Core } from '../../main.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import type { RoomQueries } from '../../projections/rooms/queries.ts';
import type { RoomsPart } from './rooms.ts';

export type Classroom = {
  /** For its routes, but for the tokens. */
  routes: Omit<ClassroomDeps, 'tokens'>;
  reactor: Reactor;
  tasks: Task[];
  jobs: JobDefinition[];
  stop(): Promise<void>;
};

/** What people, lessons and the clock do with rooms, on top of the owner's half. Nothing runs yet. */
export function createClassroom({ pipeline, clock, log, pool, settings }: Core, { queries }: { queries: { rooms: RoomQueries; lessons: LessonQueries; directory: DirectoryQueries } }, { rooms, boards }: Pick<RoomsPart, 'rooms' | 'boards'>): Classroom {
  const pictures = createPictureProcess();
  const images = createRoomImages({ pool, pictures });
  const rendering = createRendering(pictures);
  const countTry = createCodeTries(settings.DATABASE_URL === undefined ? undefined : pool);
  const commands = createRoomCommands({ pipeline, clock, boards, images, door: rooms.door, countTry });
  const expire = createExpireStaleRooms({ pipeline, clock, ...commands, ...queries.rooms });
  return {
    routes: { commands, pipeline, log, rooms: queries.rooms, lessons: queries.lessons, directory: queries.directory, boards, images, rendering, clock },
    reactor: roomReactor,
    tasks: createRoomTasks(commands, queries.rooms.begun),
    jobs: jobsOf('classroom', { expireStaleRooms: { run: ({ commandContext }) => expire(commandContext) } }),
    stop: pictures.close,
  };
}
