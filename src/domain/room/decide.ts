import { DomainError } from '../kernel/domainError.ts';
import { decideChange } from './changing.ts';
import { checkNewRoom } from './checks.ts';
import type { RoomCommand } from './commands.ts';
import type { RoomEvent } from './evolve.ts';
import { decideRunning } from './running.ts';
import { decideSeats } from './seats.ts';
import { exists, isEnded, type Room, type RoomState } from './state.ts';

/** What is about something that happened already, or about nobody's seat any more: an ended room takes it, or has nothing to do. */
const afterTheEnd = new Set<RoomCommand['type']>(['recordSnapshot', 'removeSnapshots', 'recordBoardCleared', 'recordBoardRestored']);
const pointlessAfterTheEnd = new Set<RoomCommand['type']>(['connect', 'drop', 'releaseSeat', 'leave', 'hostAbsent', 'hostReturned', 'expire', 'adoptRoleDefaults']);
/** Nobody's to command: the school's clockwork (reactors, jobs, the room's owner) tells what has happened. */
const ours = new Set<RoomCommand['type']>([
  'setHost', 'expire', 'connect', 'drop', 'releaseSeat', 'hostAbsent', 'hostReturned', 'recordSnapshot', 'removeSnapshots', 'recordBoardCleared', 'recordBoardRestored', 'adoptRoleDefaults',
]);

/**
 * Every command is checked against the stream alone. Answers [] when there is nothing to do.
 * @throws DomainError `roomNotFound`, `roomEnded`, `forbidden`, `notInRoom`, `notInvited`, `accessCodeNeeded`, `wrongAccessCode`, `kickedOut`, `roomFull`, `roomNotStarted`,
 * `roomStarted`, `roomPaused`, `participantNotFound`, `participantNotHere`, `hostStays`, `soloRoom`, `chatOff`, `invalidRoom`
 */
export function decideRoom(command: RoomCommand, state: RoomState): RoomEvent[] {
  if (command.type === 'create' || command.type === 'createSolo') return create(command, state);
  if (!exists(state)) throw new DomainError('roomNotFound', 'there is no such room');
  if (ours.has(command.type) && command.by.authority !== 'system') throw new DomainError('forbidden', `nobody commands ${command.type}`);
  if (isEnded(state) && !afterTheEnd.has(command.type)) return afterEnd(command, state);
  switch (command.type) {
    case 'invite': case 'join': case 'admit': case 'connect': case 'drop': case 'releaseSeat': case 'leave': case 'kick':
      return decideSeats(command, state);
    case 'start': case 'pause': case 'resume': case 'complete': case 'terminate': case 'expire': case 'reschedule': case 'hostAbsent': case 'hostReturned':
      return decideRunning(command, state);
    case 'recordSnapshot': {
      const { snapshot, at } = command;
      return state.snapshots.some(({ snapshotId }) => snapshotId === snapshot.snapshotId) ? [] : [{ type: 'SnapshotTaken', data: { roomId: state.roomId, at, ...snapshot } }];
    }
    case 'removeSnapshots': {
      const asked = new Set(command.snapshotIds);
      const snapshotIds = state.snapshots.map(({ snapshotId }) => snapshotId).filter((one) => asked.has(one));
      return snapshotIds.length > 0 ? [{ type: 'SnapshotsRemoved', data: { roomId: state.roomId, at: command.at, snapshotIds } }] : [];
    }
    case 'recordBoardCleared': {
      const { at, by, version, pageId, layerId } = command;
      return [{ type: 'BoardCleared', data: { roomId: state.roomId, at, by: by.personId, version, ...(pageId !== undefined && { pageId }), ...(layerId !== undefined && { layerId }) } }];
    }
    case 'recordBoardRestored':
      return [{ type: 'BoardRestored', data: { roomId: state.roomId, at: command.at, by: command.by.personId, version: command.version, toVersion: command.toVersion } }];
    default:
      return decideChange(command, state);
  }
}

function create({ by, at, room, ...command }: Extract<RoomCommand, { type: 'create' | 'createSolo' }>, state: RoomState): RoomEvent[] {
  if (exists(state)) return []; // its id derives from the command or the lesson: this is the same room
  checkNewRoom(room);
  const { roomId, hostId } = room;
  const created: RoomEvent = { type: 'RoomCreated', data: { ...room, type: command.type === 'create' ? command.roomType : 'solo', at, by: by.personId } };
  if (command.type === 'create') return [created];
  return [
    created,
    { type: 'ParticipantJoined', data: { roomId, at, personId: hostId, role: 'solo', via: 'host' } },
    { type: 'RoomStarted', data: { roomId, at, by: by.personId } },
  ];
}

/** The end is final. What says the same again, or undoes what the end undid already, has nothing to do. */
function afterEnd({ type }: RoomCommand, room: Room): RoomEvent[] {
  const isSame = (type === 'complete' && room.status === 'completed') || (type === 'terminate' && room.status === 'terminated');
  if (isSame || pointlessAfterTheEnd.has(type)) return [];
  throw new DomainError('roomEnded', `this room is ${room.status}`, { status: room.status });
}
