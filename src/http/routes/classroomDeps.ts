import type { BoardReader } from '../../commands/rooms/boardReader.ts';
import type { RoomCommands } from '../../commands/rooms/index.ts';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Rendering } from '../../ports/rendering.ts';
import type { RoomImages } from '../../ports/roomImages.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import type { RoomQueries } from '../../projections/rooms/queries.ts';
import type { RoomTokens } from '../auth/roomTokens.ts';
import type { RoomAccess } from './classroomAccess.ts';

/** What the routes of lesson rooms need. */
export type ClassroomDeps = {
  commands: RoomCommands;
  /** For what must be right now. */
  pipeline: Pick<Pipeline, 'load'>;
  log: Pick<EventLog, 'readStream'>;
  rooms: RoomQueries;
  lessons: LessonQueries;
  directory: DirectoryQueries;
  boards: BoardReader;
  images: RoomImages;
  rendering: Rendering;
  tokens: Pick<RoomTokens, 'issue'>;
  clock: Clock;
};

export type ClassroomKit = ClassroomDeps & { access: RoomAccess; namesOf(personIds: readonly string[]): Promise<ReadonlyMap<string, string>> };

export const sessions = '/classroom/sessions';
/** Who takes part in rooms; auditors only look. */
export const insiders = ['admin', 'manager', 'teacher', 'student'] as const;
export const roomModels = ['rooms', 'directory', 'lessons'] as const;
