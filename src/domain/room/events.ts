import { z } from 'zod';
import { eventType } from '../kernel/eventType.ts';
import { id, instant } from '../kernel/fields.ts';
import { permissionChanges, permissions, roomRoles } from './permissions.ts';

export const roomType = z.enum(['lesson', 'solo', 'group', 'demo']);
export const roomRole = z.enum(roomRoles);
export const roles = z.object({ host: permissions, student: permissions, viewer: permissions, solo: permissions });
export const snapshotType = z.enum(['auto', 'join', 'leave', 'terminate', 'manual']);

/** What happens when the host has been silent for 30 s: the room pauses, only the others' drawing is locked, or nothing. */
export const hostAbsence = z.enum(['pause', 'lock', 'carryOn']);
/** How well a connection is, as the client measures it. */
export const connectionQuality = z.enum(['good', 'fair', 'poor']);

export const settings = z.object({
  /** Who comes waits until somebody admits them; hosts and admins do not. */
  waitingRoom: z.boolean(),
  hostAbsence,
  chat: z.boolean(),
});

const inRoom = z.object({ roomId: id });
const timed = inRoom.extend({ at: instant });
/** By whom: a person, or what of ours (`reactor`, `job:…`, `owner`). */
const done = timed.extend({ by: id });
const ofPerson = timed.extend({ personId: id });

/** Stream `room-<roomId>`: the sitting, its people, and what became of its board in large. */
export const roomEvents = {
  RoomCreated: eventType(
    done.extend({
      type: roomType, title: z.string(), lessonId: id.nullable(), hostId: id, scheduledStart: instant, scheduledEnd: instant,
      settings, accessHash: z.string().nullable(), maxParticipants: z.int().positive(), recorded: z.boolean(),
      /** The school's role defaults, copied: every command is checked against this stream alone. `rolesRevision`: of `classroomRoles-school`, -1 for none. */
      roles, rolesRevision: z.int(),
      forkedFrom: z.object({ roomId: id, version: z.int().min(0) }).optional(),
    }),
  ),
  RoomRescheduled: eventType(done.extend({ scheduledStart: instant, scheduledEnd: instant })),
  /** `reassigned`: its lesson has another teacher. `transferred`: in the room, from one to another. */
  RoomHostChanged: eventType(done.extend({ hostId: id, previousHostId: id, reason: z.enum(['reassigned', 'transferred']) })),
  /** Never started in time, or its lesson was cancelled. */
  RoomExpired: eventType(done.extend({ reason: z.string() })),
  RoomSettingsChanged: eventType(
    done.extend({
      settings: settings.partial().optional(), title: z.string().optional(), accessHash: z.string().nullable().optional(), maxParticipants: z.int().positive().optional(), recorded: z.boolean().optional(),
    }),
  ),
  RoomStarted: eventType(done),
  RoomPaused: eventType(done),
  RoomResumed: eventType(done),
  RoomCompleted: eventType(done),
  RoomTerminated: eventType(done.extend({ reason: z.string() })),
  /** `effect`: of the settings then. */
  HostAbsent: eventType(timed.extend({ hostId: id, effect: hostAbsence })),
  /** `inTime`: within the grace, so the room is by itself as it was. */
  HostReturned: eventType(timed.extend({ hostId: id, inTime: z.boolean() })),

  PersonInvited: eventType(done.extend({ personId: id, role: roomRole })),
  /** Waits to be admitted: no seat yet. */
  AdmissionRequested: eventType(ofPerson.extend({ role: roomRole })),
  /** Let in: a seat, as ParticipantJoined. */
  ParticipantAdmitted: eventType(done.extend({ personId: id })),
  /** A seat is taken; the first socket makes it a presence. */
  ParticipantJoined: eventType(ofPerson.extend({ role: roomRole, via: z.enum(['host', 'lesson', 'invitation', 'code', 'school', 'again']) })),
  ParticipantConnected: eventType(ofPerson),
  /** The last socket is gone; the seat is kept for a while. */
  ParticipantDropped: eventType(ofPerson),
  ParticipantReconnected: eventType(ofPerson),
  /** Silent for too long: the seat is free. */
  SeatReleased: eventType(ofPerson),
  ParticipantLeft: eventType(ofPerson),
  /** `reason` may be about the person. */
  ParticipantKicked: eventType(done.extend({ personId: id, reason: z.string() }), { personal: { reason: 'personId' } }),
  ParticipantRoleChanged: eventType(done.extend({ personId: id, role: roomRole, previousRole: roomRole })),
  /** Exceptions of this room for a role. */
  RoomPermissionsChanged: eventType(done.extend({ role: roomRole, changes: permissionChanges })),
  /** Exceptions for one person. */
  ParticipantPermissionsChanged: eventType(done.extend({ personId: id, changes: permissionChanges })),
  /** What an admin has made of the school's role defaults. */
  RoleDefaultsAdopted: eventType(done.extend({ roles, rolesRevision: z.int() })),
  ParticipantMediaChanged: eventType(
    ofPerson.extend({
      video: z.boolean().optional(), audio: z.boolean().optional(), screen: z.boolean().optional(), quality: connectionQuality.optional(), peerId: z.string().max(64).nullable().optional(),
    }),
  ),
  ChatSaid: eventType(ofPerson.extend({ messageId: id, text: z.string() }), { personal: { text: 'personId' } }),

  /** The board as of `version` is kept; several rows may point to one blob. `authorId`: '' for what nobody asked for. */
  SnapshotTaken: eventType(
    timed.extend({
      snapshotId: id, version: z.int().min(0), type: snapshotType, schemaVersion: z.int(), sha256: z.string(), bytes: z.int(), shapes: z.int(), participants: z.int(), authorId: z.string(),
    }),
  ),
  SnapshotsRemoved: eventType(timed.extend({ snapshotIds: z.array(id) })),
  /** Told by the room's owner after the board's own event, so that the room's timeline has them. `version`: of the board after it. */
  BoardCleared: eventType(done.extend({ version: z.int(), pageId: z.string().optional(), layerId: z.string().optional() })),
  BoardRestored: eventType(done.extend({ version: z.int(), toVersion: z.int() })),
};
