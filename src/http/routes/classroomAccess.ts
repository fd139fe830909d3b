import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { exists, participantOf, permissionsOf, room } from '../../domain/room/index.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import type { RoomQueries, RoomWithPeople } from '../../projections/rooms/queries.ts';
import { refusal } from '../problems.ts';
import type { Actor } from '../route.ts';
import { isInScope, scopeOf } from './lessonAccess.ts';

export type RoomAccessDeps = { pipeline: Pick<Pipeline, 'load'>; rooms: Pick<RoomQueries, 'room'>; lessons: Pick<LessonQueries, 'lesson'>; directory: Pick<DirectoryQueries, 'groupsOf'> };

export type RoomAccess = ReturnType<typeof createRoomAccess>;

const overseers: readonly string[] = ['admin', 'manager', 'auditor'];

/**
 * Who reads a room: who is or was in it or is invited, its lesson's teacher and group, and admins, managers and auditors. Who is none of them
 * is told that there is no such room; who was thrown out, that they were.
 */
export function createRoomAccess({ pipeline, rooms, lessons, directory }: RoomAccessDeps) {
  const ofLesson = async (lessonId: string | null, actor: Actor): Promise<boolean> => {
    if (lessonId === null) return false;
    const [lesson, scope] = await Promise.all([lessons.lesson(lessonId), scopeOf(actor, directory)]);
    return lesson !== undefined && isInScope(scope, lesson);
  };

  const readable = async (roomId: string, actor: Actor): Promise<RoomWithPeople> => {
    const found = await rooms.room(roomId);
    if (!found) throw noSuchRoom();
    if (overseers.includes(actor.role)) return found;
    const one = Object.hasOwn(found.people, actor.id) ? found.people[actor.id] : undefined;
    if (one?.status === 'kicked') throw kickedOut();
    if (one || found.createdBy === actor.id || (await ofLesson(found.room.lessonId, actor))) return found;
    throw noSuchRoom();
  };

  return {
    /** @throws DomainError `roomNotFound`, `kickedOut` */
    readable,

    /**
     * Who may take the board out of the room: by their permission there, as the stream has it now; who was never in but is of the lesson, by a
     * student's. @throws DomainError `roomNotFound`, `kickedOut`, `forbidden`
     */
    async mustExport(roomId: string, actor: Actor): Promise<void> {
      await readable(roomId, actor);
      if (actor.role === 'admin' || actor.role === 'manager') return;
      const { state } = await pipeline.load(room, roomId, { fresh: true });
      if (!exists(state)) throw noSuchRoom();
      if (participantOf(state, actor.id)?.status === 'kicked') throw kickedOut();
      if ((permissionsOf(state, actor.id) ?? { ...state.roles.student, ...state.exceptions.student }).export) return;
      throw refusal('forbidden', 'This needs the permission export.', { needs: 'export' });
    },

    /** Runs this room, or the school. */
    runs: ({ room: shown, people }: RoomWithPeople, actor: Actor): boolean =>
      actor.role !== 'student' && (overseers.includes(actor.role) || shown.hostId === actor.id || people[actor.id]?.role === 'host'),
  };
}

const kickedOut = () => refusal('kickedOut', 'You were taken out of this room.');
const noSuchRoom = () => refusal('roomNotFound', 'There is no such room.');
