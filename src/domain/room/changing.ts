import { DomainError } from '../kernel/domainError.ts';
import { mustMay, notInRoom } from './allowed.ts';
import { checkMost, checkTitle, invalid } from './checks.ts';
import type { RoomCommand } from './commands.ts';
import { evolveRoom, type RoomEvent } from './evolve.ts';
import { has, type Need, needs, type PermissionChanges, type PermissionExceptions, type PermissionName } from './permissions.ts';
import { hasSeatFor, notKnown, soloRoom } from './seats.ts';
import { exists, isSeated, participantOf, type Media, type Participant, permissionsOf, type Room, type RoomState } from './state.ts';

type Change = Extract<RoomCommand, { type: 'setHost' | 'changeRole' | 'transferHost' | 'updatePermissions' | 'updateSettings' | 'updateMedia' | 'say' | 'adoptRoleDefaults' }>;

const longestChat = 2_000;

/** Who may what, how the room is set, what its people say and show. The room has not ended. */
export function decideChange(command: Change, room: Room): RoomEvent[] {
  switch (command.type) {
    case 'updateMedia':
      return updateMedia(command, room);
    case 'say':
      return say(command, room);
    case 'updateSettings':
      return updateSettings(command, room);
    default:
      return silencing(room, rights(command, room));
  }
}

function rights(command: Exclude<Change, { type: 'updateMedia' | 'say' | 'updateSettings' }>, room: Room): RoomEvent[] {
  const { at, by } = command;
  const data = { roomId: room.roomId, at, by: by.personId };
  switch (command.type) {
    case 'setHost': {
      const { hostId } = command;
      return hostId === room.assignedHostId ? [] : [{ type: 'RoomHostChanged', data: { ...data, hostId, previousHostId: room.hostId, reason: 'reassigned' } }];
    }
    case 'transferHost': {
      const { hostId } = command;
      mustMay(room, by, 'transferHost');
      if (room.type === 'solo') throw soloRoom();
      if (hostId === room.hostId) return [];
      if (!isSeated(participantOf(room, hostId))) throw new DomainError('participantNotHere', 'only somebody who is in the room can take it over', { personId: hostId });
      return [{ type: 'RoomHostChanged', data: { ...data, hostId, previousHostId: room.hostId, reason: 'transferred' } }];
    }
    case 'changeRole': {
      const { personId, role } = command;
      mustMay(room, by, 'changeRole');
      if (room.type === 'solo') throw soloRoom();
      const one = known(room, personId);
      if (one.role === role) return [];
      mustNotBeHost(room, personId);
      return [{ type: 'ParticipantRoleChanged', data: { ...data, personId, role, previousRole: one.role } }];
    }
    case 'updatePermissions': {
      const { of, changes } = command;
      mustMay(room, by, 'updatePermissions');
      if ('role' in of) return changesAny(room.exceptions[of.role], changes) ? [{ type: 'RoomPermissionsChanged', data: { ...data, role: of.role, changes } }] : [];
      const one = known(room, of.personId);
      mustNotBeHost(room, of.personId);
      return changesAny(one.exceptions, changes) ? [{ type: 'ParticipantPermissionsChanged', data: { ...data, personId: of.personId, changes } }] : [];
    }
    case 'adoptRoleDefaults': {
      const { roles, rolesRevision } = command;
      return rolesRevision <= room.rolesRevision ? [] : [{ type: 'RoleDefaultsAdopted', data: { ...data, roles, rolesRevision } }];
    }
  }
}

/** Somebody whom the room knows, and has not thrown out. */
function known(room: Room, personId: string): Participant {
  const one = participantOf(room, personId);
  if (!one || one.status === 'kicked') throw notKnown(personId);
  return one;
}

function mustNotBeHost(room: Room, personId: string): void {
  if (personId === room.hostId) throw new DomainError('hostStays', 'the primary host keeps their role and rights: hand the room over first');
}

function changesAny(before: PermissionExceptions | undefined, changes: PermissionChanges): boolean {
  return Object.entries(changes).some(([name, value]) => value !== undefined && (before?.[name as PermissionName] ?? null) !== value);
}

const mediaNeeds = { video: 'media.video', audio: 'media.audio', screen: 'media.screen' } as const satisfies Readonly<Record<keyof Media, Need>>;
const mediaNames = ['video', 'audio', 'screen'] as const;

/** Who may no longer send picture or sound is off in the same breath. */
function silencing(room: Room, events: RoomEvent[]): RoomEvent[] {
  if (events.length === 0) return events;
  const after: RoomState = events.reduce<RoomState>(evolveRoom, room);
  if (!exists(after)) return events;
  const at = events[0]?.data.at ?? '';
  const silenced: RoomEvent[] = [];
  for (const { personId, media } of Object.values(after.people)) {
    const held = permissionsOf(after, personId);
    const off = mediaNames.filter((name) => media[name] && !(held && has(held, needs[mediaNeeds[name]])));
    if (off.length > 0) silenced.push({ type: 'ParticipantMediaChanged', data: { roomId: room.roomId, at, personId, ...Object.fromEntries(off.map((name) => [name, false])) } });
  }
  return [...events, ...silenced];
}

function updateMedia({ by, at, personId, quality, peerId, ...asked }: Extract<Change, { type: 'updateMedia' }>, room: Room): RoomEvent[] {
  if (by.authority !== 'system' && by.personId !== personId) throw new DomainError('forbidden', 'people mute themselves; others ask them to');
  const one = participantOf(room, personId);
  if (!isSeated(one)) throw notInRoom();
  const changed: Partial<Media> = {};
  for (const name of mediaNames) {
    const value = asked[name];
    if (value === undefined || value === one.media[name]) continue;
    // Off is always allowed.
    if (value) mustMay(room, { personId, authority: 'room' }, mediaNeeds[name]);
    changed[name] = value;
  }
  const data = {
    ...changed,
    ...(quality !== undefined && quality !== one.quality && { quality }),
    ...(peerId !== undefined && peerId !== one.peerId && { peerId }),
  };
  return Object.keys(data).length > 0 ? [{ type: 'ParticipantMediaChanged', data: { roomId: room.roomId, at, personId, ...data } }] : [];
}

function say({ by, at, personId, messageId, text }: Extract<Change, { type: 'say' }>, room: Room): RoomEvent[] {
  if (by.authority !== 'system' && by.personId !== personId) throw new DomainError('forbidden', 'people speak for themselves');
  mustMay(room, { personId, authority: 'room' }, 'say');
  if (!room.settings.chat) throw new DomainError('chatOff', 'there is no chat in this room');
  if (text.length < 1 || text.length > longestChat) throw invalid(`what is said has 1 to ${longestChat} characters`, 'text');
  return [{ type: 'ChatSaid', data: { roomId: room.roomId, at, personId, messageId, text } }];
}

/** Without a waiting room nobody waits: who does has a seat, as long as there are any. */
function updateSettings({ by, at, settings, title, accessHash, maxParticipants, recorded }: Extract<Change, { type: 'updateSettings' }>, room: Room): RoomEvent[] {
  mustMay(room, by, 'updateSettings');
  if (title !== undefined) {
    checkTitle(title);
    if (room.lessonId !== null && by.authority !== 'system' && title !== room.title) throw invalid('the title of this room is its lesson\'s', 'title');
  }
  if (maxParticipants !== undefined) {
    checkMost(maxParticipants);
    if (maxParticipants < room.seats) throw invalid(`${room.seats} are in the room`, 'maxParticipants');
  }
  const changedSettings = Object.fromEntries(Object.entries(settings ?? {}).filter(([name, value]) => value !== undefined && value !== room.settings[name as keyof Room['settings']]));
  const changes = {
    ...(Object.keys(changedSettings).length > 0 && { settings: changedSettings }),
    ...(title !== undefined && title !== room.title && { title }),
    ...(accessHash !== undefined && accessHash !== room.accessHash && { accessHash }),
    ...(maxParticipants !== undefined && maxParticipants !== room.maxParticipants && { maxParticipants }),
    ...(recorded !== undefined && recorded !== room.recorded && { recorded }),
  };
  if (Object.keys(changes).length === 0) return [];
  const events: RoomEvent[] = [{ type: 'RoomSettingsChanged', data: { roomId: room.roomId, at, by: by.personId, ...changes } }];
  let after: RoomState = events.reduce<RoomState>(evolveRoom, room);
  if (!exists(after) || after.settings.waitingRoom) return events;
  for (const { personId, waiting } of Object.values(room.people)) {
    if (!waiting || !exists(after) || !hasSeatFor(after, personId)) continue;
    const admitted: RoomEvent = { type: 'ParticipantAdmitted', data: { roomId: room.roomId, at, by: by.personId, personId } };
    events.push(admitted);
    after = evolveRoom(after, admitted);
  }
  return events;
}
