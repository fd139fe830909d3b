import type { By, NewRoom, RoomCommand, RoomEvent } from '../../../src/domain/room/index.ts';
import { roleDefaults } from '../../../src/domain/room/permissions.ts';

/** n minutes (and s seconds) after the lesson's start. */
export const at = (minutes: number, seconds = 0): string => new Date(Date.parse('2026-03-02T17:00:00.000Z') + minutes * 60_000 + seconds * 1_000).toISOString();

export const newRoom: NewRoom = {
  roomId: 'r', title: 'Optics', lessonId: 'l', hostId: 'ada', scheduledStart: at(0), scheduledEnd: at(60), settings: { waitingRoom: false, hostAbsence: 'pause', chat: true },
  accessHash: null, maxParticipants: 4, recorded: false, roles: roleDefaults, rolesRevision: -1,
};

export const room = (changes: Partial<NewRoom> = {}): RoomEvent => ({ type: 'RoomCreated', data: { ...newRoom, ...changes, type: 'lesson', at: at(-60), by: 'boss' } });

export const asks = (personId: string): By => ({ personId, authority: 'room' });
export const admin: By = { personId: 'boss', authority: 'school' };
export const system: By = { personId: 'owner', authority: 'system' };

type Data<Type extends RoomEvent['type']> = Extract<RoomEvent, { type: Type }>['data'];
/** An event of room r at that minute; `by` is ada unless said otherwise. */
export const event = <Type extends RoomEvent['type']>(type: Type, minute: number, data: Omit<Data<Type>, 'roomId' | 'at' | 'by'> & { by?: string }): RoomEvent =>
  ({ type, data: { roomId: 'r', at: at(minute), by: 'ada', ...data } }) as RoomEvent;

export const invited = (personId: string, role: 'student' | 'viewer' | 'host' = 'student') => event('PersonInvited', -30, { personId, role });
export const joined = (personId: string, role: 'student' | 'viewer' | 'host' = 'student', minute = 0) =>
  event('ParticipantJoined', minute, { personId, role, via: personId === 'ada' ? 'host' : 'lesson' });
export const connected = (personId: string, minute = 0) => event('ParticipantConnected', minute, { personId });
export const started = event('RoomStarted', 0, {});
export const paused = event('RoomPaused', 10, {});
export const completed = event('RoomCompleted', 60, {});
/** Ada teaches, bob listens, both are there, and it has begun. */
export const running = [room(), joined('ada', 'host'), connected('ada'), joined('bob'), connected('bob'), started];

type Of<Type extends RoomCommand['type']> = Extract<RoomCommand, { type: Type }>;
/** A command at minute 20. */
export const command = <Type extends RoomCommand['type']>(type: Type, by: By, more: Omit<Of<Type>, 'type' | 'by' | 'at'> & { at?: string }): RoomCommand =>
  ({ type, by, at: at(20), ...more }) as unknown as RoomCommand;
