import type { z } from 'zod';
import type { ConnectionQuality, RoomSettings, RoomType } from './state.ts';
import type { PermissionChanges, RolePermissions, RoomRole } from './permissions.ts';
import type { roomEvents } from './events.ts';

/**
 * On whose word. `room`: a person, checked against the stream. `school`: an admin, from wherever. `system`: our own clockwork (reactor,
 * job, the owner's timers); `personId` then says which.
 */
export type By = { personId: string; authority: 'room' | 'school' | 'system' };

/** `at`: now, RFC 3339 UTC. */
type Done = { by: By; at: string };

/** What lets a person in whom the stream does not know: found out by the use case. `code`: the hash that their code was checked against. */
export type Entitlement =
  | { kind: 'none' }
  | { kind: 'lesson' }
  | { kind: 'school' }
  | { kind: 'code'; accessHash: string };

/** `rolesRevision`: of `classroomRoles-school` when they were copied. */
export type NewRoom = {
  roomId: string; title: string; lessonId: string | null; hostId: string; scheduledStart: string; scheduledEnd: string; settings: RoomSettings;
  accessHash: string | null; maxParticipants: number; recorded: boolean; roles: RolePermissions; rolesRevision: number; forkedFrom?: { roomId: string; version: number };
};

export type SnapshotRow = Omit<z.infer<typeof roomEvents.SnapshotTaken.schema>, 'roomId' | 'at'>;

export type RoomCommand =
  | ({ type: 'create'; roomType: Exclude<RoomType, 'solo'>; room: NewRoom } & Done)
  /** One person alone: created, seated and started at once. */
  | ({ type: 'createSolo'; room: NewRoom } & Done)
  | ({ type: 'reschedule'; scheduledStart: string; scheduledEnd: string } & Done)
  /** Its lesson has another teacher. */
  | ({ type: 'setHost'; hostId: string } & Done)
  /** Not started and over, or its lesson was cancelled. */
  | ({ type: 'expire'; reason: string } & Done)
  | ({ type: 'invite'; personIds: readonly string[]; role: Exclude<RoomRole, 'solo'> } & Done)
  | ({ type: 'join'; personId: string; entitlement: Entitlement } & Done)
  /** They have a seat now, joining: who has a socket of theirs open says `connect` next. */
  | ({ type: 'admit'; personId: string } & Done)
  /** A first socket, or one again. Nothing for who is connected already, or waits to be admitted. A host's says that the host has returned, too. */
  | ({ type: 'connect'; personId: string } & Done)
  /** The last socket is gone. */
  | ({ type: 'drop'; personId: string } & Done)
  /** Silent for too long: joining or reconnecting → disconnected. */
  | ({ type: 'releaseSeat'; personId: string } & Done)
  | ({ type: 'leave'; personId: string } & Done)
  | ({ type: 'kick'; personId: string; reason: string } & Done)
  | ({ type: 'changeRole'; personId: string; role: Exclude<RoomRole, 'solo'> } & Done)
  | ({ type: 'transferHost'; hostId: string } & Done)
  | ({ type: 'updatePermissions'; of: { role: RoomRole } | { personId: string }; changes: PermissionChanges } & Done)
  | ({ type: 'updateSettings'; settings?: Partial<RoomSettings>; title?: string; accessHash?: string | null; maxParticipants?: number; recorded?: boolean } & Done)
  | ({ type: 'updateMedia'; personId: string; video?: boolean; audio?: boolean; screen?: boolean; quality?: ConnectionQuality; peerId?: string | null } & Done)
  | ({ type: 'start' } & Done)
  | ({ type: 'pause' } & Done)
  | ({ type: 'resume' } & Done)
  | ({ type: 'complete' } & Done)
  | ({ type: 'terminate'; reason: string } & Done)
  /** The primary host has had no socket for 30 s. */
  | ({ type: 'hostAbsent' } & Done)
  /** The primary host has a socket again. Nothing when it was not noted as absent. */
  | ({ type: 'hostReturned' } & Done)
  /** Repeats of one `snapshotId` change nothing. */
  | ({ type: 'recordSnapshot'; snapshot: SnapshotRow } & Done)
  | ({ type: 'removeSnapshots'; snapshotIds: readonly string[] } & Done)
  | ({ type: 'recordBoardCleared'; version: number; pageId?: string; layerId?: string } & Done)
  | ({ type: 'recordBoardRestored'; version: number; toVersion: number } & Done)
  /** `messageId`: derived by who gives the command, the same at a repeat. */
  | ({ type: 'say'; personId: string; messageId: string; text: string } & Done)
  | ({ type: 'adoptRoleDefaults'; roles: RolePermissions; rolesRevision: number } & Done);

export type RoomCommandType = RoomCommand['type'];
