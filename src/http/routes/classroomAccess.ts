import { permissionsOf } from '../../domain/room/index.ts';
import type { DirectoryQueries } from '../../projections/directory/queries.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import { asRoom, type RoomQueries, type RoomWithPeople } from '../../projections/rooms/queries.ts';
import { refusal } from '../problems.ts';
import type { Actor } from '../route.ts';
import { isInScope, scopeOf } from './lessonAccess.ts';

export type RoomAccessDeps = { rooms: Pick<RoomQueries, 'room'>; lessons: Pick<LessonQueries, 'lesson'>; directory: Pick<DirectoryQueries, 'groupsOf'> };

export type RoomAccess = ReturnType<typeof createRoomAccess>;

const overseers: readonly string[] = ['admin', 'manager', 'auditor'];

/**
 * Who reads a room: who is or was in it or is invited, its lesson's teacher and group, and admins, managers and auditors. Who is none of them
 * is told that there is no such room; who was thrown out, that they were.
 */
export function createRoomAccess({ rooms, lessons, directory }: RoomAccessDeps) {
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
    if (one?.status === 'kicked') throw refusal('kickedOut', 'You were taken out of this room.');
    if (one || found.createdBy === actor.id || (await ofLesson(found.room.lessonId, actor))) return found;
    throw noSuchRoom();
  };

  return {
    /** @throws DomainError `roomNotFound`, `kickedOut` */
    readable,

    /** Who may take the board out of the room: by their permission there; who was never in but is of the lesson, by a student's. @throws DomainError `roomNotFound`, `kickedOut`, `forbidden` */
    async exportable(roomId: string, actor: Actor): Promise<RoomWithPeople> {
      const found = await readable(roomId, actor);
      const room = asRoom(found);
      const held = permissionsOf(room, actor.id);
      if (actor.role === 'admin' || actor.role === 'manager' || (held ?? { ...room.roles.student, ...room.exceptions.student }).export) return found;
      throw refusal('forbidden', 'This needs the permission export.', { needs: 'export' });
    },

    /** Runs this room, or the school. */
    runs: ({ room, people }: RoomWithPeople, actor: Actor): boolean =>
      actor.role !== 'student' && (overseers.includes(actor.role) || room.hostId === actor.id || people[actor.id]?.role === 'host'),
  };
}

const noSuchRoom = () => refusal('roomNotFound', 'There is no such room.');
