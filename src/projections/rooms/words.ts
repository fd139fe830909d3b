import type { RoomEvent } from '../../domain/room/index.ts';
import type { Recorded } from '../../eventLog/recorded.ts';

type Name = (personId: string) => string;
const via = { host: '', lesson: ', from the lesson’s group', invitation: ', invited', code: ', with the access code', school: ', from outside', again: ' again' } as const;
const effect = { pause: 'the room is paused', lock: 'the others’ drawing is locked', carryOn: 'the room carries on' } as const;

/** `draw off, edit all, kick as the role has it` */
const changed = (changes: Readonly<Record<string, unknown>>): string =>
  Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [value === null ? `${name} as the role has it` : `${name} ${value === true ? 'on' : value === false ? 'off' : String(value)}`])).join(', ');

/** A room's event in a sentence; undefined for what its timeline leaves out: single sockets, what people said and showed. `sees` reasons that may be about a person. */
export function inWordsOfRoom(event: Recorded<RoomEvent>, name: Name, sees: { reasons: boolean }): string | undefined {
  switch (event.type) {
    case 'RoomCreated': {
      const { data } = event;
      const from = data.forkedFrom ? `, from version ${data.forkedFrom.version} of another board` : '';
      return `Created “${data.title}”, hosted by ${name(data.hostId)}${from}`;
    }
    case 'RoomRescheduled': return `Moved to ${moment(event.data.scheduledStart)} to ${moment(event.data.scheduledEnd)}`;
    case 'RoomHostChanged': return event.data.reason === 'reassigned' ? `The lesson went to ${name(event.data.hostId)}, who hosts now` : `${name(event.data.previousHostId)} handed the room over to ${name(event.data.hostId)}`;
    case 'RoomExpired': return `Expired: ${event.data.reason}`;
    case 'RoomSettingsChanged': return `Settings changed by ${name(event.data.by)}: ${settingsInWords(event.data)}`;
    case 'RoomStarted': return `Started by ${name(event.data.by)}`;
    case 'RoomPaused': return `Paused by ${name(event.data.by)}`;
    case 'RoomResumed': return `Resumed by ${name(event.data.by)}`;
    case 'RoomCompleted': return `Completed by ${name(event.data.by)}`;
    case 'RoomTerminated': return `Terminated by ${name(event.data.by)}: ${event.data.reason}`;
    case 'HostAbsent': return `${name(event.data.hostId)}, the host, has gone silent: ${effect[event.data.effect]}`;
    case 'HostReturned': return `${name(event.data.hostId)}, the host, is back${event.data.inTime ? '' : ', too late for the room to go on by itself'}`;
    case 'PersonInvited': return `${name(event.data.personId)} was invited by ${name(event.data.by)} as ${event.data.role}`;
    case 'AdmissionRequested': return `${name(event.data.personId)} waits to be admitted`;
    case 'ParticipantAdmitted': return `${name(event.data.personId)} was admitted by ${name(event.data.by)}`;
    case 'ParticipantJoined': return `${name(event.data.personId)} joined${via[event.data.via]} as ${event.data.role}`;
    case 'SeatReleased': return `${name(event.data.personId)} was away too long, their seat is free`;
    case 'ParticipantLeft': return `${name(event.data.personId)} left`;
    case 'ParticipantKicked': return `${name(event.data.personId)} was taken out by ${name(event.data.by)}${sees.reasons && event.data.reason !== '' ? `: ${event.data.reason}` : ''}`;
    case 'ParticipantRoleChanged': return `${name(event.data.personId)} became ${event.data.role} (was ${event.data.previousRole}), by ${name(event.data.by)}`;
    case 'RoomPermissionsChanged': return `Every ${event.data.role} here: ${changed(event.data.changes)}, by ${name(event.data.by)}`;
    case 'ParticipantPermissionsChanged': return `${name(event.data.personId)}: ${changed(event.data.changes)}, by ${name(event.data.by)}`;
    case 'RoleDefaultsAdopted': return 'Took over what the school’s roles may do now';
    case 'SnapshotTaken': return event.data.type === 'manual' ? `Saved by ${name(event.data.authorId)} at version ${event.data.version}` : undefined;
    case 'BoardCleared': return `${event.data.layerId !== undefined ? `Layer ${event.data.layerId}` : event.data.pageId !== undefined ? `Page ${event.data.pageId}` : 'The board'} was cleared by ${name(event.data.by)} (version ${event.data.version})`;
    case 'BoardRestored': return `The board of version ${event.data.toVersion} was restored by ${name(event.data.by)} (version ${event.data.version})`;
    case 'ParticipantConnected': case 'ParticipantDropped': case 'ParticipantReconnected': case 'ParticipantMediaChanged': case 'ChatSaid': case 'SnapshotsRemoved':
      return undefined;
  }
}

const moment = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;

function settingsInWords({ settings, title, accessHash, maxParticipants, recorded }: Extract<RoomEvent, { type: 'RoomSettingsChanged' }>['data']): string {
  return [
    ...(title === undefined ? [] : [`title “${title}”`]),
    ...(accessHash === undefined ? [] : [accessHash === null ? 'no access code' : 'a new access code']),
    ...(maxParticipants === undefined ? [] : [`${maxParticipants} seats`]),
    ...(recorded === undefined ? [] : [recorded ? 'recorded' : 'not recorded']),
    ...(settings?.waitingRoom === undefined ? [] : [settings.waitingRoom ? 'a waiting room' : 'no waiting room']),
    ...(settings?.chat === undefined ? [] : [settings.chat ? 'chat on' : 'chat off']),
    ...(settings?.hostAbsence === undefined ? [] : [`when the host is silent: ${effect[settings.hostAbsence]}`]),
  ].join(', ');
}

/** Whose names a sentence about this event has. */
export function peopleIn({ data }: Recorded<RoomEvent>): string[] {
  const ids = data as Readonly<Record<string, unknown>>;
  return ['by', 'personId', 'hostId', 'previousHostId', 'authorId'].flatMap((field) => (typeof ids[field] === 'string' && ids[field] !== '' ? [ids[field]] : []));
}
