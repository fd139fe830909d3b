import type { EventOf } from '../kernel/eventType.ts';
import { evolvePeople, freshParticipant, isAboutPeople, released, withPerson } from './evolvePeople.ts';
import type { roomEvents } from './events.ts';
import { changedExceptions } from './permissions.ts';
import { exists, isHere, msBetween, participantOf, type Participant, type Room, type RoomState, type RoomStatus } from './state.ts';

export type RoomEvent = EventOf<typeof roomEvents>;

export function evolveRoom(state: RoomState, event: RoomEvent): RoomState {
  if (event.type === 'RoomCreated') return created(event.data);
  if (!exists(state)) return state;
  return isAboutPeople(event) ? evolvePeople(state, event) : evolveExisting(state, event);
}

function created(data: Extract<RoomEvent, { type: 'RoomCreated' }>['data']): Room {
  const { roomId, type, title, lessonId, hostId, scheduledStart, scheduledEnd, settings, accessHash, maxParticipants, recorded, roles, rolesRevision, at } = data;
  return {
    status: 'scheduled', roomId, type, title, lessonId, hostId, assignedHostId: hostId, scheduledStart, scheduledEnd, startedAt: null, endedAt: null, pausedAt: null, pausedMs: 0,
    settings, accessHash, maxParticipants, recorded, forkedFrom: data.forkedFrom ?? null, roles, rolesRevision, exceptions: {},
    people: { [hostId]: freshParticipant(hostId, type === 'solo' ? 'solo' : 'host', at) }, seats: 0, emptySince: null,
    hostAbsence: null, locked: false, snapshots: [],
  };
}

type Other = Exclude<RoomEvent, { type: 'RoomCreated' } | Parameters<typeof evolvePeople>[1]>;

function evolveExisting(room: Room, event: Other): Room {
  switch (event.type) {
    case 'RoomRescheduled':
      return { ...room, scheduledStart: event.data.scheduledStart, scheduledEnd: event.data.scheduledEnd };
    case 'RoomHostChanged':
      return hostChanged(room, event.data);
    case 'RoomSettingsChanged': {
      const { settings, title = room.title, accessHash, maxParticipants = room.maxParticipants, recorded = room.recorded } = event.data;
      const { waitingRoom = room.settings.waitingRoom, hostAbsence = room.settings.hostAbsence, chat = room.settings.chat } = settings ?? {};
      return { ...room, settings: { waitingRoom, hostAbsence, chat }, title, accessHash: accessHash === undefined ? room.accessHash : accessHash, maxParticipants, recorded };
    }
    case 'RoomPermissionsChanged': {
      const { role, changes } = event.data;
      const { [role]: before, ...others } = room.exceptions;
      const after = changedExceptions(before, changes);
      return { ...room, exceptions: after ? { ...others, [role]: after } : others };
    }
    case 'RoleDefaultsAdopted':
      return { ...room, roles: event.data.roles, rolesRevision: event.data.rolesRevision };
    case 'RoomStarted':
      return { ...room, status: 'active', startedAt: event.data.at };
    case 'RoomPaused':
      return { ...room, status: 'paused', pausedAt: event.data.at };
    case 'RoomResumed':
      return { ...goingOn(room, event.data.at), locked: false, hostAbsence: room.hostAbsence && { ...room.hostAbsence, undone: true } };
    case 'RoomCompleted':
      return ended(room, 'completed', event.data.at);
    case 'RoomTerminated':
      return ended(room, 'terminated', event.data.at);
    case 'RoomExpired':
      return ended(room, 'expired', event.data.at);
    case 'HostAbsent': {
      const { at, effect } = event.data;
      const hostAbsence = { at, effect, undone: false };
      if (effect === 'pause') return { ...room, hostAbsence, status: 'paused', pausedAt: at };
      return { ...room, hostAbsence, locked: effect === 'lock' || room.locked };
    }
    case 'HostReturned': {
      const { hostAbsence } = room;
      const back = { ...room, hostAbsence: null };
      if (!event.data.inTime || hostAbsence === null || hostAbsence.undone) return back;
      if (hostAbsence.effect === 'pause') return goingOn(back, event.data.at);
      return hostAbsence.effect === 'lock' ? { ...back, locked: false } : back;
    }
    case 'SnapshotTaken': {
      const { snapshotId, version, type } = event.data;
      return { ...room, snapshots: [...room.snapshots, { snapshotId, version, type }] };
    }
    case 'SnapshotsRemoved': {
      const gone = new Set(event.data.snapshotIds);
      return { ...room, snapshots: room.snapshots.filter(({ snapshotId }) => !gone.has(snapshotId)) };
    }
    case 'ChatSaid': case 'BoardCleared': case 'BoardRestored':
      return room; // they are the timeline's, no decision rests on them
  }
}

const goingOn = (room: Room, at: string): Room =>
  room.status === 'paused' ? { ...room, status: 'active', pausedAt: null, pausedMs: room.pausedMs + (room.pausedAt === null ? 0 : msBetween(room.pausedAt, at)) } : room;

/** Everybody's time ends with the room's. */
function ended(room: Room, status: RoomStatus, at: string): Room {
  const pausedMs = room.pausedMs + (room.pausedAt === null ? 0 : msBetween(room.pausedAt, at));
  const people = Object.fromEntries(Object.entries(room.people).map(([id, one]) => [id, isHere(one) ? released(one, 'left', at) : one]));
  return { ...room, status, endedAt: at, pausedAt: null, pausedMs, people, seats: 0, emptySince: room.emptySince ?? at, hostAbsence: null, locked: false };
}

/** A former host who hands over stays a host beside the new one; one whose lesson was given to another looks on, if they ever came. */
function hostChanged(room: Room, { hostId, previousHostId, reason, at }: Extract<RoomEvent, { type: 'RoomHostChanged' }>['data']): Room {
  const before = participantOf(room, previousHostId);
  const host = participantOf(room, hostId) ?? freshParticipant(hostId, 'host', at);
  const newHost: Participant = { ...host, role: 'host', exceptions: undefined, ...(host.status === 'kicked' && { status: 'invited', since: at }) };
  let next = withPerson({ ...room, hostId, assignedHostId: reason === 'reassigned' ? hostId : room.assignedHostId, hostAbsence: null }, newHost);
  if (reason === 'reassigned' && before && previousHostId !== hostId) {
    if (before.status === 'invited') {
      const { [previousHostId]: _, ...people } = next.people;
      next = { ...next, people };
    } else next = withPerson(next, { ...before, role: 'viewer' });
  }
  return next;
}
