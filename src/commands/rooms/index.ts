import { classroomRoles, classroomRolesId } from '../../domain/classroomRoles/index.ts';
import { exists, isEnded, room, type By, type Media, type ConnectionQuality, type RoomSettings } from '../../domain/room/index.ts';
import type { PermissionChanges, Permissions, RoomRole } from '../../domain/room/permissions.ts';
import type { Answer, CommandOptions } from '../answer.ts';
import type { CommandContext } from '../pipeline/context.ts';
import type { RoomCommandAnswer } from './roomLink.ts';
import { hashAccessCode } from './useCases/accessCode.ts';
import { byActor, byClockwork } from './useCases/by.ts';
import { createCreating, mustBeActive, type ForkRoom } from './useCases/creating.ts';
import type { Asked, Decide, RoomDeps } from './useCases/deps.ts';
import { createJoining, currentRoles } from './useCases/joining.ts';

export { roomOfLesson, type CreateRoom, type CreateSoloRoom, type ForkRoom } from './useCases/creating.ts';
export type { JoinRoom } from './useCases/joining.ts';
export type { RoomDeps } from './useCases/deps.ts';

export type InviteToRoom = { roomId: string; personIds: readonly string[]; role: Exclude<RoomRole, 'solo'> };
/** Null takes the access code away. What is left out stays. */
export type ChangeRoomSettings = { roomId: string; title?: string; settings?: Partial<RoomSettings>; accessCode?: string | null; maxParticipants?: number; recorded?: boolean };
export type ChangeMedia = { roomId: string; quality?: ConnectionQuality; peerId?: string | null } & Partial<Media>;
/** Of everybody in a role, or of one person. A null takes an exception back. */
export type ChangePermissions = { roomId: string; of: { role: RoomRole } | { personId: string }; changes: PermissionChanges };
export type SavedBoard = Answer & { version: number; sha256: string; bytes: number; shapes: number };
export type RestoredBoard = Answer & { version: number };

export type RoomCommands = ReturnType<typeof createRoomCommands>;

/**
 * What people, reactors and jobs do with rooms. A room's first event goes through the pipeline; everything later through the door to its
 * owner, who decides in the room's queue, behind its barrier.
 * Each refuses as src/domain/room/decide.ts says, and with `roomUnavailable` while no owner can be had.
 */
export function createRoomCommands(deps: RoomDeps) {
  const { pipeline, door, clock } = deps;
  const now = () => clock.now().toISOString();
  const tell = (asked: Asked, by: By) => ({ name: 'decide', input: { ...asked, by, at: now() } });
  const decide: Decide = async (roomId, asked, ctx, options) => plain(await door.execute(roomId, tell(asked, byActor(ctx)), ctx, options));
  const decideOurs: Decide = async (roomId, asked, ctx) => plain(await door.execute(roomId, tell(asked, byClockwork(ctx)), ctx));

  /** A room that somebody is in has the school's role defaults of today; those that nobody was in since they changed adopt them when the first one comes. */
  const adoptRoles = async (roomId: string, state: { rolesRevision: number }, ctx: CommandContext): Promise<void> => {
    const roles = await currentRoles(deps);
    if (roles.rolesRevision > state.rolesRevision) await decideOurs(roomId, { type: 'adoptRoleDefaults', ...roles }, ctx);
  };

  const creating = createCreating(deps, decideOurs);
  const joining = createJoining(deps, decide, adoptRoles);
  const simple = (type: 'start' | 'pause' | 'resume' | 'complete') => (roomId: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type }, ctx, options);

  return {
    create: creating.create,
    createSolo: creating.createSolo,
    syncLesson: creating.syncLesson,
    join: joining.join,
    start: simple('start'),
    pause: simple('pause'),
    resume: simple('resume'),
    complete: simple('complete'),
    terminate: (roomId: string, reason: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'terminate', reason }, ctx, options),
    leave: (roomId: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'leave', personId: ctx.actor.id }, ctx, options),
    admit: (roomId: string, personId: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'admit', personId }, ctx, options),
    kick: (roomId: string, personId: string, reason: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'kick', personId, reason }, ctx, options),
    transferHost: (roomId: string, hostId: string, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'transferHost', hostId }, ctx, options),
    changeRole: (roomId: string, personId: string, role: Exclude<RoomRole, 'solo'>, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'changeRole', personId, role }, ctx, options),

    /** @throws DomainError `unknownPerson` */
    async invite({ roomId, personIds, role }: InviteToRoom, ctx: CommandContext, options?: CommandOptions): Promise<Answer> {
      await mustBeActive(pipeline, ...personIds);
      return decide(roomId, { type: 'invite', personIds, role }, ctx, options);
    },
    async changeSettings({ roomId, accessCode, ...changes }: ChangeRoomSettings, ctx: CommandContext, options?: CommandOptions): Promise<Answer> {
      const accessHash = typeof accessCode === 'string' ? await hashAccessCode(accessCode) : accessCode;
      return decide(roomId, { type: 'updateSettings', ...changes, ...(accessHash !== undefined && { accessHash }) }, ctx, options);
    },
    changePermissions: ({ roomId, of, changes }: ChangePermissions, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'updatePermissions', of, changes }, ctx, options),
    changeMedia: ({ roomId, ...media }: ChangeMedia, ctx: CommandContext, options?: CommandOptions) => decide(roomId, { type: 'updateMedia', personId: ctx.actor.id, ...media }, ctx, options),

    /** Keeps the board as it is now. @throws DomainError `notInRoom`, `forbidden` */
    async save(roomId: string, ctx: CommandContext): Promise<SavedBoard> {
      const answer = await door.execute(roomId, { name: 'save', input: { by: byActor(ctx) } }, ctx);
      return { ...plain(answer), ...(answer.result as Omit<SavedBoard, keyof Answer>) };
    },
    /**
     * The board is what it was at a version. An admin needs no seat for that.
     * @throws DomainError `notInRoom`, `forbidden`, `roomEnded`, `boardVersionNotFound` · EventStoreError `unknownOutcome`: it may have been done
     */
    async restore(roomId: string, toVersion: number, ctx: CommandContext): Promise<RestoredBoard> {
      const answer = await door.execute(roomId, { name: 'restore', input: { toVersion, by: byActor(ctx) } }, ctx);
      return { ...plain(answer), ...(answer.result as { version: number }) };
    },
    async fork(input: ForkRoom, ctx: CommandContext): Promise<Answer> {
      return plain(await creating.fork(input, ctx));
    },

    /** School-wide: what a role may do in rooms. */
    async changeRoleDefaults(role: RoomRole, permissions: Permissions, ctx: CommandContext, options: CommandOptions = {}): Promise<Answer> {
      return plain(await pipeline.execute(classroomRoles, classroomRolesId, { type: 'change', role, permissions }, ctx, options));
    },
    /** Brings the role defaults of the school into a room that somebody is in. */
    async spreadRoleDefaults(roomId: string, ctx: CommandContext): Promise<void> {
      const { state } = await pipeline.load(room, roomId, { fresh: true });
      if (exists(state) && !isEnded(state) && state.status !== 'scheduled') await adoptRoles(roomId, state, ctx);
    },
    /** For our own clockwork only. */
    decideOurs,
  };
}

const plain = ({ id, revision, position }: RoomCommandAnswer | Answer): Answer => ({ id, revision, position });
