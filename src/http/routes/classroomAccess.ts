import type { Pipeline } from '../../commands/pipeline/pipeline.ts';
import { exists, participantOf, permissionsOf, room, type Participant } from '../../domain/room/index.ts';
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
 * is told that there is no such room; who was thrown out, that they were; who waits to be let in, or only ever did, sees the door.
 */
export function createRoomAccess({ pipeline, rooms, lessons, directory }: RoomAccessDeps) {
  const ofLesson = async (lessonId: string | null, actor: Actor): Promise<boolean> => {
    if (lessonId === null) return false;
    const [lesson, scope] = await Promise.all([lessons.lesson(lessonId), scopeOf(actor, directory)]);
    return lesson !== undefined && isInScope(scope, lesson);
  };

  const known = async (roomId: string, actor: Actor): Promise<RoomWithPeople> => {
    const found = await rooms.room(roomId);
    if (!found) throw noSuchRoom();
    if (overseers.includes(actor.role)) return found;
    const one = Object.hasOwn(found.people, actor.id) ? found.people[actor.id] : undefined;
    if (one?.status === 'kicked') throw kickedOut();
    if (one || found.createdBy === actor.id || (await ofLesson(found.room.lessonId, actor))) return found;
    throw noSuchRoom();
  };

  const readable = async (roomId: string, actor: Actor): Promise<RoomWithPeople> => {
    const found = await known(roomId, actor);
    const one = Object.hasOwn(found.people, actor.id) ? found.people[actor.id] : undefined;
    const only = one !== undefined && hasOnlyWaited(one) && found.createdBy !== actor.id && !overseers.includes(actor.role) && !(await ofLesson(found.room.lessonId, actor));
    if (!only) return found;
    // The view may be behind the host's word.
    const { state } = await pipeline.load(room, roomId, { fresh: true });
    const now = participantOf(state, actor.id);
    if (!now || hasOnlyWaited(now)) throw refusal('notInRoom', 'Nobody has let you in yet.');
    return found;
  };

  return {
    /** The room by its name and state: all that who waits at its door is shown. @throws DomainError `roomNotFound`, `kickedOut` */
    known,

    /** What is in it, too. @throws DomainError `roomNotFound`, `kickedOut`, `notInRoom` */
    readable,

    /**
     * Who may take the board out of the room: by their permission there, as the stream has it now; who was never in but is of the lesson, by a
     * student's. @throws DomainError `roomNotFound`, `kickedOut`, `notInRoom`, `forbidden`
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

/** Came to the door of a waiting room, and was never let in. */
const hasOnlyWaited = ({ joinedAt, status }: Pick<Participant, 'joinedAt' | 'status'>): boolean => joinedAt === null && status !== 'invited';

const kickedOut = () => refusal('kickedOut', 'You were taken out of this room.');
const noSuchRoom = () => refusal('roomNotFound', 'There is no such room.');
