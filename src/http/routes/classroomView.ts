import { z } from 'zod';
import { connectionQuality, hostAbsence, roomRole, roomType, snapshotType } from '../../domain/room/events.ts';
import { durationOf, isSeated, secondsOf, type Participant } from '../../domain/room/index.ts';
import { permissionNames, permissions as heldPermissions } from '../../domain/room/permissions.ts';
import type { RoomRow, SnapshotView } from '../../projections/rooms/queries.ts';
import { idField, reasonField } from './fields.ts';

const text = (max: number) => z.string().max(max);
const id = text(200);
const instant = z.iso.datetime().describe('RFC 3339, UTC.');
export const named = z.strictObject({ id, name: text(1000).describe('Empty when the directory does not know it.') });

export const roomStatus = z.enum(['scheduled', 'waiting', 'active', 'paused', 'completed', 'terminated', 'expired']);
export const participantStatus = z.enum(['invited', 'joining', 'connected', 'reconnecting', 'disconnected', 'left', 'kicked']);
/** What others may be made: `solo` is only ever whose room it is. */
export const givenRole = z.enum(['host', 'student', 'viewer']);
export const permissionsView = z.strictObject(heldPermissions.shape);
export const changesField = z.strictObject(Object.fromEntries(permissionNames.map((name) => [name, heldPermissions.shape[name].nullable().optional()])) as Record<string, z.ZodType>)
  .refine((changes) => Object.keys(changes).length > 0, 'name a permission')
  .describe('true, false (`edit`: none, own, all), or null to go back to what the role has.');

const settingsView = z.strictObject({ waitingRoom: z.boolean(), hostAbsence, chat: z.boolean() });
export const settingsField = z.strictObject({
  waitingRoom: z.boolean().optional().describe('Who comes waits to be admitted; hosts and admins do not.'),
  hostAbsence: hostAbsence.optional().describe('What happens when the host has been silent for 30 s.'),
  chat: z.boolean().optional(),
});
export const accessCodeField = z.string().trim().min(4).max(64);
export const seatsField = z.int().min(1).max(200);
export const titleField = z.string().trim().min(1).max(200);

export const roomView = z.strictObject({
  id, revision: z.int().min(0).describe('For If-Match.'), title: text(200), type: roomType, status: roomStatus, lessonId: id.nullable(), hostId: id, hostName: text(1000),
  scheduledStart: instant, scheduledEnd: instant, startedAt: instant.nullable(), endedAt: instant.nullable(), pausedAt: instant.nullable(),
  totalSeconds: z.int().min(0).describe('From the start to the end, or until now.'), pausedSeconds: z.int().min(0),
  settings: settingsView, hasAccessCode: z.boolean(), maxParticipants: z.int(), seatsTaken: z.int(), recorded: z.boolean(), hostAbsent: z.boolean(), drawingLocked: z.boolean(),
  forkedFrom: z.strictObject({ roomId: id, version: z.int() }).nullable(), createdBy: id, createdAt: instant,
});
export type RoomView = z.output<typeof roomView>;

const media = z.strictObject({ video: z.boolean(), audio: z.boolean(), screen: z.boolean() });
export const participantView = z.strictObject({
  personId: id, name: text(1000), role: roomRole, status: participantStatus, waiting: z.boolean().describe('To be admitted first.'), primaryHost: z.boolean(),
  joinedAt: instant.nullable(), leftAt: instant.nullable(), seconds: z.int().min(0).describe('Connected so far.'), reconnects: z.int().min(0),
  media, quality: connectionQuality.nullable(), peerId: text(64).nullable(),
});
export const snapshotView = z.strictObject({
  snapshotId: id, version: z.int().min(0), type: snapshotType, schemaVersion: z.int(), sha256: text(64), bytes: z.int(), shapes: z.int(), participants: z.int(), author: named.nullable(), takenAt: instant,
});
export const roomAnswer = z.strictObject({ id, revision: z.int(), position: text(200) });
export const personBody = z.strictObject({ personId: idField });
export const kickReason = reasonField.optional().describe('Kept with the person\'s own key.');
/** Where a command has nothing to say: an empty object, or no body at all. */
export const nothing = z.strictObject({}).default({});

export type NamesOf = ReadonlyMap<string, string>;

export function viewOfRoom({ roomId, revision, createdBy, createdAt, room }: RoomRow, names: NamesOf, now: string): RoomView {
  return {
    id: roomId, revision, title: room.title, type: room.type, status: room.status, lessonId: room.lessonId, hostId: room.hostId, hostName: names.get(room.hostId) ?? '',
    scheduledStart: room.scheduledStart, scheduledEnd: room.scheduledEnd, startedAt: room.startedAt, endedAt: room.endedAt, pausedAt: room.pausedAt, ...durationOf(room, now),
    settings: room.settings, hasAccessCode: room.accessHash !== null, maxParticipants: room.maxParticipants, seatsTaken: room.seats, recorded: room.recorded,
    hostAbsent: room.hostAbsence !== null, drawingLocked: room.locked, forkedFrom: room.forkedFrom, createdBy, createdAt,
  };
}

export function viewOfParticipant(one: Participant, hostId: string, names: NamesOf, now: string): z.output<typeof participantView> {
  const { personId, role, status, waiting, joinedAt, leftAt, reconnects, media: shows, quality, peerId } = one;
  return {
    personId, name: names.get(personId) ?? '', role, status, waiting, primaryHost: personId === hostId, joinedAt, leftAt, seconds: secondsOf(one, now), reconnects,
    media: shows, quality, peerId: isSeated(one) ? peerId : null,
  };
}

export function viewOfSnapshot({ authorId, ...row }: SnapshotView, names: NamesOf): z.output<typeof snapshotView> {
  return { ...row, author: authorId === '' ? null : { id: authorId, name: names.get(authorId) ?? '' } };
}
