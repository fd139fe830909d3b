import type { Recorded } from '../../eventLog/recorded.ts';
import type { Report } from './findings.ts';

/**
 * `overfull`: more people than seats · `hostMismatch`: two primary hosts, or none · `badStatus`: a step that the room's status does not allow · `kickedBack`: a
 * kicked person in the room without a new invitation · `wrongRevision`: a group that was checked under another state of the room than the one it was
 * written in · `notAllowed`: what its author might not do · `badVersion`: a group out of turn, or a snapshot of a version that is not there · `badSequence`: a
 * sequence of a client that was there already · `unknownRoom` · `unreadable`
 */
export type RoomFindingKind =
  | 'overfull' | 'hostMismatch' | 'badStatus' | 'kickedBack' | 'wrongRevision' | 'notAllowed' | 'badVersion' | 'badSequence' | 'unknownRoom' | 'unreadable';

type Permissions = Record<string, boolean | string>;
type Person = { role: string; seat: boolean; kicked: boolean; own: Permissions };
export type AuditedRoom = {
  status: string; hostId: string; seats: number; most: number; revision: number; locked: boolean; forked: boolean; absence: string | undefined;
  people: Map<string, Person>; roles: Record<string, Permissions>; exceptions: Record<string, Permissions>;
};

const begun = ['active', 'paused'];
const unended = ['scheduled', 'waiting', ...begun];
const allowedIn: Readonly<Partial<Record<Recorded['type'], readonly string[]>>> = {
  RoomStarted: ['scheduled', 'waiting'], RoomPaused: ['active'], RoomResumed: begun, RoomCompleted: begun, RoomExpired: ['scheduled', 'waiting'], HostAbsent: ['active'],
};
/** What happened already, or is about the board alone: it may be told after the end. */
const afterwards = new Set<Recorded['type']>(['SnapshotTaken', 'SnapshotsRemoved', 'BoardCleared', 'BoardRestored']);

const change = (kept: Permissions, changes: Readonly<Record<string, unknown>>): void => {
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete kept[name];
    else if (value !== undefined) kept[name] = value as boolean | string;
  }
};

/** What somebody may do, as the room's events say; undefined: no part in it. */
export function heldBy(room: AuditedRoom, personId: string): Permissions | undefined {
  const one = room.people.get(personId);
  return one && !one.kicked ? { ...room.roles[one.role], ...room.exceptions[one.role], ...one.own } : undefined;
}

/** Rules of rooms, by a model of its own: who has a seat, who is host, what may happen when. */
export function createRoomRules(report: Report<RoomFindingKind>) {
  const rooms = new Map<string, AuditedRoom>();

  const seat = (event: Recorded, room: AuditedRoom, personId: string, given: boolean): void => {
    const one = room.people.get(personId);
    if (!one) return report('badStatus', event, `${event.type} of ${personId}, who has no part in the room`);
    if (given && one.kicked) report('kickedBack', event, `${personId} was kicked and not invited again`);
    if (one.seat !== given) room.seats += given ? 1 : -1;
    one.seat = given;
    if (room.seats > room.most) report('overfull', event, `${room.seats} people on ${room.most} seats`);
  };
  const personOf = (room: AuditedRoom, personId: string, role: string): Person => {
    let one = room.people.get(personId);
    if (!one) room.people.set(personId, (one = { role, seat: false, kicked: false, own: {} }));
    return one;
  };
  const inStatus = (event: Recorded, room: AuditedRoom, allowed: readonly string[]): void => {
    if (!allowed.includes(room.status)) report('badStatus', event, `${event.type} in a room that is ${room.status}`);
  };
  const ended = (room: AuditedRoom, status: string): void => {
    room.status = status;
    for (const one of room.people.values()) one.seat = false;
    room.seats = 0;
  };

  function apply(event: Recorded): void {
    if (event.type === 'RoomCreated') {
      const { data } = event;
      if (event.revision !== 0) report('badStatus', event, 'created twice');
      const room: AuditedRoom = {
        status: 'scheduled', hostId: data.hostId, seats: 0, most: data.maxParticipants, revision: 0, locked: false, forked: data.forkedFrom !== undefined, absence: undefined,
        people: new Map(), roles: { ...data.roles }, exceptions: {},
      };
      personOf(room, data.hostId, data.type === 'solo' ? 'solo' : 'host');
      rooms.set(data.roomId, room);
      return;
    }
    const roomId = event.stream.slice('room-'.length);
    const room = rooms.get(roomId);
    if (!room) return report('unknownRoom', event, `${event.type} in a room that was never created`);
    if (event.revision !== room.revision + 1) report('badVersion', event, `revision ${event.revision} after ${room.revision}`);
    room.revision = event.revision;
    if (!afterwards.has(event.type)) inStatus(event, room, allowedIn[event.type] ?? unended);
    running(event, room);
    if ('personId' in event.data) seating(event, room);
  }

  /** What the room itself is. */
  function running(event: Recorded, room: AuditedRoom): void {
    switch (event.type) {
      case 'RoomStarted': room.status = 'active'; return;
      case 'RoomPaused': room.status = 'paused'; return;
      case 'RoomResumed':
        room.status = 'active';
        room.locked = false;
        if (room.absence !== undefined) room.absence = 'undone'; // by a person: the host's return changes nothing any more
        return;
      case 'RoomCompleted': return ended(room, 'completed');
      case 'RoomTerminated': return ended(room, 'terminated');
      case 'RoomExpired': return ended(room, 'expired');
      case 'HostAbsent':
        if (event.data.hostId !== room.hostId) report('hostMismatch', event, `${event.data.hostId} is not the host`);
        if (event.data.effect === 'pause') room.status = 'paused';
        if (event.data.effect === 'lock') room.locked = true;
        room.absence = event.data.effect;
        return;
      case 'HostReturned':
        if (event.data.inTime && room.absence === 'pause' && room.status === 'paused') room.status = 'active';
        if (event.data.inTime && room.absence === 'lock') room.locked = false;
        room.absence = undefined;
        return;
      case 'RoomHostChanged': {
        const { hostId, previousHostId, reason } = event.data;
        if (previousHostId !== room.hostId) report('hostMismatch', event, `${previousHostId} hands over, but the host is ${room.hostId}`);
        Object.assign(personOf(room, hostId, 'host'), { role: 'host', own: {}, kicked: false });
        const before = room.people.get(previousHostId);
        if (reason === 'reassigned' && before) before.role = 'viewer';
        room.hostId = hostId;
        room.absence = undefined;
        return;
      }
      case 'RoomSettingsChanged':
        room.most = event.data.maxParticipants ?? room.most;
        if (room.seats > room.most) report('overfull', event, `${room.seats} people on ${room.most} seats`);
        return;
      case 'RoomPermissionsChanged': return change((room.exceptions[event.data.role] ??= {}), event.data.changes);
      case 'RoleDefaultsAdopted': room.roles = { ...event.data.roles }; return;
      default:
    }
  }

  /** Who is in it, and as what. */
  function seating(event: Recorded, room: AuditedRoom): void {
    switch (event.type) {
      case 'PersonInvited': Object.assign(personOf(room, event.data.personId, event.data.role), { role: event.data.role, kicked: false }); return;
      case 'AdmissionRequested':
        if (personOf(room, event.data.personId, event.data.role).kicked) report('kickedBack', event, `${event.data.personId} was kicked and not invited again`);
        if (room.status === 'scheduled') room.status = 'waiting';
        return;
      case 'ParticipantJoined':
        personOf(room, event.data.personId, event.data.role).role = event.data.role;
        if (room.status === 'scheduled') room.status = 'waiting';
        return seat(event, room, event.data.personId, true);
      case 'ParticipantAdmitted': return seat(event, room, event.data.personId, true);
      case 'SeatReleased': case 'ParticipantLeft': return seat(event, room, event.data.personId, false);
      case 'ParticipantKicked':
        if (event.data.personId === room.hostId) report('hostMismatch', event, 'the host was taken out');
        seat(event, room, event.data.personId, false);
        personOf(room, event.data.personId, 'viewer').kicked = true;
        return;
      case 'ParticipantRoleChanged': personOf(room, event.data.personId, event.data.role).role = event.data.role; return;
      case 'ParticipantPermissionsChanged': return change(personOf(room, event.data.personId, 'viewer').own, event.data.changes);
      default:
    }
  }
  return { rooms, apply };
}
