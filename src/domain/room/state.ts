import type { z } from 'zod';
import type { connectionQuality, hostAbsence, roomType, settings, snapshotType } from './events.ts';
import { type PermissionExceptions, type Permissions, resolvePermissions, type RolePermissions, type RoomRole } from './permissions.ts';

/**
 *   none → scheduled → waiting → active ⇄ paused → completed     completed, terminated and expired are final
 *             │  └────────┴────────┬────────┘
 *             └─────────┤          └──────→ terminated
 *                       └→ expired
 * `waiting`: somebody has come, and it has not been started.
 */
export type RoomStatus = 'scheduled' | 'waiting' | 'active' | 'paused' | 'completed' | 'terminated' | 'expired';
/** A seat is held while joining, connected and reconnecting, unless the person waits to be admitted. */
export type ParticipantStatus = 'invited' | 'joining' | 'connected' | 'reconnecting' | 'disconnected' | 'left' | 'kicked';
export type RoomType = z.infer<typeof roomType>;
export type RoomSettings = Readonly<z.infer<typeof settings>>;
export type HostAbsence = z.infer<typeof hostAbsence>;
export type ConnectionQuality = z.infer<typeof connectionQuality>;
export type SnapshotType = z.infer<typeof snapshotType>;
export type Media = { video: boolean; audio: boolean; screen: boolean };

/** Times are RFC 3339 UTC; null: not (yet). */
export type Participant = {
  readonly personId: string;
  readonly role: RoomRole;
  readonly status: ParticipantStatus;
  /** Joining, but to be admitted first: no seat. */
  readonly waiting: boolean;
  /** When they first had a seat, and when the seat was last given up. */
  readonly joinedAt: string | null;
  readonly leftAt: string | null;
  /** Since when the status is what it is. */
  readonly since: string;
  /** Milliseconds connected until `since`; while connected, the time from `since` comes on top: `secondsOf`. */
  readonly connectedMs: number;
  readonly reconnects: number;
  readonly peerId: string | null;
  readonly quality: ConnectionQuality | null;
  readonly media: Media;
  readonly exceptions: PermissionExceptions | undefined;
};

export type Room = {
  readonly status: RoomStatus;
  readonly roomId: string;
  readonly type: RoomType;
  readonly title: string;
  readonly lessonId: string | null;
  /** The one primary host. */
  readonly hostId: string;
  /** Whom the room was given to; a handover inside it does not change that. Of a lesson's room: its teacher, as last told. */
  readonly assignedHostId: string;
  readonly scheduledStart: string;
  readonly scheduledEnd: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly pausedAt: string | null;
  /** Milliseconds of the pauses that are over. */
  readonly pausedMs: number;
  readonly settings: RoomSettings;
  readonly accessHash: string | null;
  readonly maxParticipants: number;
  readonly recorded: boolean;
  readonly forkedFrom: { readonly roomId: string; readonly version: number } | null;
  readonly roles: RolePermissions;
  readonly rolesRevision: number;
  readonly exceptions: Readonly<Partial<Record<RoomRole, PermissionExceptions>>>;
  readonly people: Readonly<Record<string, Participant>>;
  /** Seats that are held. */
  readonly seats: number;
  /** When the last seat was given up; null while somebody is there, or nobody was yet. */
  readonly emptySince: string | null;
  /** The host is silent since `at`, and this came of it. `undone`: somebody resumed meanwhile. */
  readonly hostAbsence: { readonly at: string; readonly effect: HostAbsence; readonly undone: boolean } | null;
  /** The others' drawing is locked, although the room is active. */
  readonly locked: boolean;
  readonly snapshots: readonly { readonly snapshotId: string; readonly version: number; readonly type: SnapshotType }[];
};

export type RoomState = { readonly status: 'none' } | Room;

export const noRoom: RoomState = { status: 'none' };

export const exists = (state: RoomState): state is Room => state.status !== 'none';
export const isEnded = ({ status }: RoomState): boolean => status === 'completed' || status === 'terminated' || status === 'expired';

type Here = Participant & { readonly status: 'joining' | 'connected' | 'reconnecting' };

/** Has a seat. */
export const isSeated = (participant: Participant | undefined): participant is Here =>
  participant !== undefined && !participant.waiting && (participant.status === 'joining' || participant.status === 'connected' || participant.status === 'reconnecting');

/** Has a seat, or waits for one to be given. */
export const isHere = (participant: Participant | undefined): participant is Here =>
  participant !== undefined && (participant.status === 'joining' || participant.status === 'connected' || participant.status === 'reconnecting');

export const participantOf = (state: RoomState, personId: string): Participant | undefined =>
  exists(state) && Object.hasOwn(state.people, personId) ? state.people[personId] : undefined;

/** Runs the room: a host, or somebody alone in their own room. */
export const isHost = ({ role }: Pick<Participant, 'role'>): boolean => role === 'host' || role === 'solo';

/**
 * What a person may do in this room as it is now, by the stream alone: their role's defaults, the room's exceptions for the role, their own.
 * Undefined for who has no part in the room (or was kicked). Whether they have a seat, and whether the room is active, are other questions.
 */
export function permissionsOf(state: RoomState, personId: string): Permissions | undefined {
  const participant = participantOf(state, personId);
  if (!exists(state) || !participant || participant.status === 'kicked') return undefined;
  return resolvePermissions(state.roles[participant.role], state.exceptions[participant.role], participant.exceptions);
}

/** Why nothing that this person does may change the board now; undefined: it may, as far as their permissions go. */
export type DrawingRefusal = 'roomNotFound' | 'roomEnded' | 'notInRoom' | 'roomNotStarted' | 'roomPaused' | 'drawingLocked';

/** Hosts draw from before the start to the end, others while the room is active and not locked; nobody in a room that has ended. */
export function whyNotDraw(state: RoomState, personId: string): DrawingRefusal | undefined {
  if (!exists(state)) return 'roomNotFound';
  if (isEnded(state)) return 'roomEnded';
  const participant = participantOf(state, personId);
  if (!isSeated(participant)) return 'notInRoom';
  if (isHost(participant)) return undefined;
  switch (state.status) {
    case 'scheduled': case 'waiting': return 'roomNotStarted';
    case 'paused': return 'roomPaused';
    default: return state.locked ? 'drawingLocked' : undefined;
  }
}

/** Whether a person's ops are let through to their permissions at all, as the room is now. */
export const mayDraw = (state: RoomState, personId: string): boolean => whyNotDraw(state, personId) === undefined;

/** Milliseconds from one instant to another, never negative. */
export const msBetween = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));

const seconds = (ms: number): number => Math.round(ms / 1_000);

/** Seconds that a person was connected, until `at`. */
export const secondsOf = (participant: Participant, at: string): number =>
  seconds(participant.connectedMs + (participant.status === 'connected' ? msBetween(participant.since, at) : 0));

/** Seconds from the start to the end (or `at`), and how many of them the room was paused. */
export function durationOf(room: Pick<Room, 'startedAt' | 'endedAt' | 'pausedAt' | 'pausedMs'>, at: string): { totalSeconds: number; pausedSeconds: number } {
  if (room.startedAt === null) return { totalSeconds: 0, pausedSeconds: 0 };
  const until = room.endedAt ?? at;
  return {
    totalSeconds: seconds(msBetween(room.startedAt, until)),
    pausedSeconds: seconds(room.pausedMs + (room.pausedAt === null ? 0 : msBetween(room.pausedAt, until))),
  };
}
