import { DomainError } from '../kernel/domainError.ts';
import { mustMay, notInRoom } from './allowed.ts';
import type { RoomCommand } from './commands.ts';
import type { RoomEvent } from './evolve.ts';
import type { RoomRole } from './permissions.ts';
import { hostBack } from './running.ts';
import { isHere, isHost, isSeated, participantOf, type Participant, type Room } from './state.ts';

type SeatCommand = Extract<RoomCommand, { type: 'invite' | 'join' | 'admit' | 'connect' | 'drop' | 'releaseSeat' | 'leave' | 'kick' }>;

/** Who a room knows, invited and former ones included: the state stays small. */
const mostPeople = 1_000;

/** Who comes, who goes, who keeps their seat. */
export function decideSeats(command: SeatCommand, room: Room): RoomEvent[] {
  const { roomId } = room;
  const { at } = command;
  if (command.type === 'invite') return invite(command, room);
  const { personId } = command;
  const one = participantOf(room, personId);
  switch (command.type) {
    case 'join':
      return join(command, room, one);
    case 'admit': {
      mustMay(room, command.by, 'admit');
      if (!one) throw notKnown(personId);
      if (!one.waiting) return [];
      mustHaveSeatFor(room, personId);
      return [{ type: 'ParticipantAdmitted', data: { roomId, at, by: command.by.personId, personId } }];
    }
    case 'connect':
      if (!one || one.waiting || !isHere(one)) return notToBeConnected(one);
      if (one.status === 'connected') return [];
      return [{ type: one.status === 'joining' ? 'ParticipantConnected' : 'ParticipantReconnected', data: { roomId, at, personId } }, ...(personId === room.hostId ? hostBack(room, at) : [])];
    case 'drop':
      return one?.status === 'connected' ? [{ type: 'ParticipantDropped', data: { roomId, at, personId } }] : [];
    case 'releaseSeat':
      return one?.status === 'joining' || one?.status === 'reconnecting' ? [{ type: 'SeatReleased', data: { roomId, at, personId } }] : [];
    case 'leave':
      if (command.by.authority !== 'system' && command.by.personId !== personId) throw new DomainError('forbidden', 'people leave by themselves; taking them out is a kick');
      return isHere(one) ? [{ type: 'ParticipantLeft', data: { roomId, at, personId } }] : [];
    case 'kick': {
      mustMay(room, command.by, 'kick');
      if (!one) throw notKnown(personId);
      if (personId === room.hostId) throw new DomainError('hostStays', 'the host cannot be taken out of their own room');
      if (personId === command.by.personId) throw new DomainError('forbidden', 'people leave by themselves; nobody takes themself out');
      return one.status === 'kicked' ? [] : [{ type: 'ParticipantKicked', data: { roomId, at, by: command.by.personId, personId, reason: command.reason } }];
    }
  }
}

function notToBeConnected(one: Participant | undefined): never[] {
  if (one?.waiting) return []; // their socket is how they will hear that they are admitted
  throw one?.status === 'kicked' ? kickedOut() : notInRoom();
}

function invite({ by, at, personIds, role }: Extract<SeatCommand, { type: 'invite' }>, room: Room): RoomEvent[] {
  mustMay(room, by, 'invite');
  const inviter = participantOf(room, by.personId);
  if (role === 'host' && by.authority === 'room' && !(inviter && isHost(inviter))) throw new DomainError('forbidden', 'only a host makes others hosts', { needs: 'host' });
  if (room.type === 'solo' && role !== 'viewer') throw soloRoom();
  const invited = [...new Set(personIds)].filter((personId) => {
    const one = participantOf(room, personId);
    return !one || one.status === 'kicked' || (one.status === 'invited' && one.role !== role && personId !== room.hostId);
  });
  const strangers = invited.filter((personId) => !participantOf(room, personId)).length;
  if (Object.keys(room.people).length + strangers > mostPeople) throw full(room);
  return invited.map((personId) => ({ type: 'PersonInvited', data: { roomId: room.roomId, at, by: by.personId, personId, role } }));
}

function join({ by, at, personId, entitlement }: Extract<SeatCommand, { type: 'join' }>, room: Room, one: Participant | undefined): RoomEvent[] {
  if (by.authority !== 'system' && by.personId !== personId) throw new DomainError('forbidden', 'people join by themselves; others invite them');
  if (one?.status === 'kicked') throw kickedOut();
  if (isHere(one)) return [];
  const { role, via } = entry(room, personId, one, entitlement);
  const data = { roomId: room.roomId, at, personId, role };
  const waits = room.settings.waitingRoom && role !== 'host' && role !== 'solo' && via !== 'school' && (one === undefined || one.joinedAt === null);
  if (!one && Object.keys(room.people).length >= mostPeople) throw full(room);
  if (waits) return [{ type: 'AdmissionRequested', data }];
  mustHaveSeatFor(room, personId);
  return [{ type: 'ParticipantJoined', data: { ...data, via } }];
}

type Entry = { role: RoomRole; via: Extract<RoomEvent, { type: 'ParticipantJoined' }>['data']['via'] };

/** By what right somebody comes in, and as what. What the stream says of them goes before what they bring. */
function entry(room: Room, personId: string, one: Participant | undefined, entitlement: Extract<SeatCommand, { type: 'join' }>['entitlement']): Entry {
  if (personId === room.hostId) return { role: room.type === 'solo' ? 'solo' : 'host', via: 'host' };
  if (one) return { role: one.role, via: one.status === 'invited' ? 'invitation' : 'again' };
  switch (entitlement.kind) {
    case 'school':
      return { role: 'viewer', via: 'school' };
    case 'lesson':
      if (room.lessonId !== null) return { role: 'student', via: 'lesson' };
      break;
    case 'code':
      // The code was checked against the hash that the use case read; it may have been changed since.
      if (room.accessHash !== null && entitlement.accessHash === room.accessHash) return { role: room.type === 'solo' ? 'viewer' : 'student', via: 'code' };
      throw new DomainError('wrongAccessCode', 'this is not the access code of this room');
    case 'none':
  }
  if (room.accessHash !== null) throw new DomainError('accessCodeNeeded', 'who is not invited needs the access code of this room');
  throw new DomainError('notInvited', 'you are not invited to this room');
}

/** One seat is the primary host's, also while it is empty: a full room must not keep its teacher out. @throws DomainError `roomFull` */
export function mustHaveSeatFor(room: Room, personId: string): void {
  if (!hasSeatFor(room, personId)) throw full(room);
}

export function hasSeatFor(room: Room, personId: string): boolean {
  const kept = personId === room.hostId || isSeated(participantOf(room, room.hostId)) ? 0 : 1;
  return room.seats + kept + 1 <= room.maxParticipants;
}

const full = ({ maxParticipants }: Room) => new DomainError('roomFull', 'every seat of this room is taken', { maxParticipants });
const kickedOut = () => new DomainError('kickedOut', 'you were taken out of this room, and were not invited again');
export const soloRoom = () => new DomainError('soloRoom', 'this is a room for one');
export const notKnown = (personId: string) => new DomainError('participantNotFound', 'there is no such person in this room', { personId });
