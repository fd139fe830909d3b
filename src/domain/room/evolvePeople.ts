import type { EventOf } from '../kernel/eventType.ts';
import type { roomEvents } from './events.ts';
import { changedExceptions, type RoomRole } from './permissions.ts';
import { isSeated, msBetween, participantOf, type Participant, type ParticipantStatus, type Room } from './state.ts';

const aboutPeople = [
  'PersonInvited', 'AdmissionRequested', 'ParticipantAdmitted', 'ParticipantJoined', 'ParticipantConnected', 'ParticipantDropped', 'ParticipantReconnected', 'SeatReleased',
  'ParticipantLeft', 'ParticipantKicked', 'ParticipantRoleChanged', 'ParticipantPermissionsChanged', 'ParticipantMediaChanged',
] as const;
type PeopleEvent = Extract<EventOf<typeof roomEvents>, { type: (typeof aboutPeople)[number] }>;

const names: ReadonlySet<string> = new Set(aboutPeople);
export const isAboutPeople = (event: EventOf<typeof roomEvents>): event is PeopleEvent => names.has(event.type);

const noMedia = { video: false, audio: false, screen: false };

/** Invited, and nothing else yet. */
export const freshParticipant = (personId: string, role: RoomRole, at: string): Participant => ({
  personId, role, status: 'invited', waiting: false, joinedAt: null, leftAt: null, since: at, connectedMs: 0, reconnects: 0, peerId: null, quality: null, media: noMedia,
  exceptions: undefined,
});

/** Puts a person into the room as they are now, and counts seats. */
export function withPerson(room: Room, person: Participant): Room {
  const seats = room.seats + (isSeated(person) ? 1 : 0) - (isSeated(participantOf(room, person.personId)) ? 1 : 0);
  const emptySince = seats > 0 ? null : room.seats > 0 ? person.since : room.emptySince;
  return { ...room, people: { ...room.people, [person.personId]: person }, seats, emptySince };
}

/** Without a seat, for whatever reason: their time stops, their media are off. */
export const released = (one: Participant, status: ParticipantStatus, at: string): Participant => ({
  ...stopped(one, at), status, since: at, waiting: false, leftAt: isSeated(one) ? at : one.leftAt, media: noMedia, peerId: null, quality: null,
});

const stopped = (one: Participant, at: string): Participant =>
  one.status === 'connected' ? { ...one, connectedMs: one.connectedMs + msBetween(one.since, at) } : one;

export function evolvePeople(room: Room, event: PeopleEvent): Room {
  const { personId, at } = event.data;
  const known = participantOf(room, personId);
  if (event.type === 'PersonInvited') {
    return withPerson(room, { ...(known ?? freshParticipant(personId, event.data.role, at)), role: event.data.role, status: 'invited', since: at, waiting: false });
  }
  if (event.type === 'AdmissionRequested' || event.type === 'ParticipantJoined') {
    const { role } = event.data;
    const waiting = event.type === 'AdmissionRequested';
    const one: Participant = {
      ...(known ?? freshParticipant(personId, role, at)), role, status: 'joining', waiting, since: at,
      ...(!waiting && { leftAt: null, joinedAt: known?.joinedAt ?? at }),
    };
    return withPerson(room.status === 'scheduled' ? { ...room, status: 'waiting' } : room, one);
  }
  return known ? withPerson(room, evolvePerson(known, event)) : room;
}

function evolvePerson(one: Participant, event: Exclude<PeopleEvent, { type: 'PersonInvited' | 'AdmissionRequested' | 'ParticipantJoined' }>): Participant {
  const { at } = event.data;
  switch (event.type) {
    case 'ParticipantAdmitted':
      return { ...one, waiting: false, since: at, joinedAt: one.joinedAt ?? at, leftAt: null };
    case 'ParticipantConnected':
      return { ...one, status: 'connected', since: at };
    case 'ParticipantReconnected':
      return { ...one, status: 'connected', since: at, reconnects: one.reconnects + 1 };
    case 'ParticipantDropped':
      return { ...stopped(one, at), status: 'reconnecting', since: at };
    case 'SeatReleased':
      return released(one, 'disconnected', at);
    case 'ParticipantLeft':
      return released(one, 'left', at);
    case 'ParticipantKicked':
      return released(one, 'kicked', at);
    case 'ParticipantRoleChanged':
      return { ...one, role: event.data.role };
    case 'ParticipantPermissionsChanged':
      return { ...one, exceptions: changedExceptions(one.exceptions, event.data.changes) };
    case 'ParticipantMediaChanged': {
      const { video = one.media.video, audio = one.media.audio, screen = one.media.screen, quality = one.quality, peerId } = event.data;
      return { ...one, media: { video, audio, screen }, quality, peerId: peerId === undefined ? one.peerId : peerId };
    }
  }
}
