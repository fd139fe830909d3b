import { classroomRoles, classroomRolesId } from '../../../domain/classroomRoles/index.ts';
import { DomainError } from '../../../domain/kernel/domainError.ts';
import { find } from '../../../domain/kernel/sortedList.ts';
import { group } from '../../../domain/group/index.ts';
import { exists as lessonExists, lesson } from '../../../domain/lesson/index.ts';
import { exists, isEnded, participantOf, room, type Entitlement, type Room } from '../../../domain/room/index.ts';
import type { Answer, CommandOptions } from '../../answer.ts';
import type { CommandContext } from '../../pipeline/context.ts';
import { subcommand } from '../../subcommand.ts';
import { isAccessCode } from './accessCode.ts';
import { noSuchRoom } from './creating.ts';
import type { Decide, RoomDeps } from './deps.ts';

export type JoinRoom = { roomId: string; accessCode?: string };

const byId = (a: { personId: string }, b: { personId: string }) => (a.personId < b.personId ? -1 : a.personId > b.personId ? 1 : 0);

export type Joining = ReturnType<typeof createJoining>;

/** Who comes in, and by what right: what the room's own stream cannot know is found out here. */
export function createJoining({ pipeline, countTry }: RoomDeps, decide: Decide, adoptRoles: (roomId: string, state: Room, ctx: CommandContext) => Promise<void>) {
  /** Of the lesson's group, by the streams. */
  const isPupil = async (lessonId: string, personId: string): Promise<boolean> => {
    const { state: planned } = await pipeline.load(lesson, lessonId, { fresh: true });
    if (!lessonExists(planned) || planned.groupId === null) return false;
    const { state } = await pipeline.load(group, planned.groupId, { fresh: true });
    return find(state.members, { personId }, byId) !== undefined;
  };

  /** Never says more of a room than that it is not for them: a code is tried, and counted, only where there is one. */
  const entitlementOf = async (state: Room, accessCode: string | undefined, { actor }: CommandContext): Promise<Entitlement> => {
    if (participantOf(state, actor.id) || state.hostId === actor.id) return { kind: 'none' }; // the stream knows them
    if (state.lessonId !== null && (await isPupil(state.lessonId, actor.id))) return { kind: 'lesson' };
    if (actor.role === 'admin') return { kind: 'school' };
    const { accessHash } = state;
    if (accessCode === undefined || accessHash === null) return { kind: 'none' };
    await countTry(state.roomId, actor.id);
    if (!(await isAccessCode(accessCode, accessHash))) throw new DomainError('wrongAccessCode', 'this is not the access code of this room');
    return { kind: 'code', accessHash };
  };

  return {
    /** @throws DomainError `roomNotFound`, `roomEnded`, `notInvited`, `accessCodeNeeded`, `wrongAccessCode`, `kickedOut`, `roomFull` */
    async join({ roomId, accessCode }: JoinRoom, ctx: CommandContext, options: CommandOptions = {}): Promise<Answer> {
      const { state } = await pipeline.load(room, roomId, { fresh: true });
      if (!exists(state)) throw noSuchRoom();
      const entitlement = isEnded(state) ? { kind: 'none' as const } : await entitlementOf(state, accessCode, ctx);
      const answer = await decide(roomId, { type: 'join', personId: ctx.actor.id, entitlement }, ctx, options);
      await adoptRoles(roomId, state, subcommand(ctx, 'roles'));
      return answer;
    },
  };
}

/** What the school's role defaults are now, and which change of them it was. */
export const currentRoles = async ({ pipeline }: Pick<RoomDeps, 'pipeline'>) => {
  const { state, revision } = await pipeline.load(classroomRoles, classroomRolesId, { fresh: true });
  return { roles: state, rolesRevision: revision };
};
