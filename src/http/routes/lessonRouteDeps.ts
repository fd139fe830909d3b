import type { LessonCommands } from '../../commands/lessons/index.ts';
import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import type { RoomQueries } from '../../projections/rooms/queries.ts';
import type { ZoomAccountQueries } from '../../projections/zoomAccounts/queries.ts';

/** What the routes of lessons need: their commands, the streams where it must be right now, the views. */
export type LessonRouteDeps = {
  commands: LessonCommands;
  /** For what must be right now: a lesson's teacher, a teacher's agenda. */
  pipeline: Pick<Pipeline, 'load'>;
  lessons: LessonQueries;
  directory: DirectoryQueries;
  rooms: Pick<RoomQueries, 'newestOfLessons'>;
  zoomAccounts: Pick<ZoomAccountQueries, 'summary'>;
  clock: Clock;
  /** IANA; decides what "that day" is. */
  schoolTimeZone: string;
  /** How people reach this server, without a slash at the end. */
  publicUrl: string;
  door: { startEarlyMinutes: number; graceMinutes: number };
};
