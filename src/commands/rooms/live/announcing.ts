import { exists, isEnded, isHere, isSeated, participantOf, type RoomEvent, type RoomState } from '../../../domain/room/index.ts';
import { channels } from '../protocol/envelope.ts';
import type { Connections } from './connections.ts';
import { frame } from './frames.ts';
import type { Signalling } from './signalling.ts';
import type { Views } from './views.ts';

export type Announcing = {
  /** What the room's events mean to those who are connected. Called once they are in the log and hold for whatever is decided next. */
  tell(events: readonly RoomEvent[], room: RoomState, revision: number): void;
};

/** Changes what somebody may do, maybe everybody. */
const aboutPermissions = new Set<RoomEvent['type']>(['ParticipantRoleChanged', 'RoomPermissionsChanged', 'ParticipantPermissionsChanged', 'RoleDefaultsAdopted', 'RoomHostChanged']);
/** Nobody is told of these as they happen. */
const quiet = new Set<RoomEvent['type']>(['SnapshotTaken', 'SnapshotsRemoved', 'ChatSaid', 'BoardCleared', 'BoardRestored', 'PersonInvited']);

export function createAnnouncing({ connections, signalling, views }: { connections: Connections; signalling: Signalling; views: Views }): Announcing {
  const toSystem = (text: string, room?: RoomState): void => connections.toAll({ channel: 'system', lane: 'control', frame: text, ...(room && { without: atTheDoor(connections, room) }) });

  /** Takes somebody out: they and their peers are told why, and every socket of theirs is closed. */
  const putOut = (personId: string, code: 4100 | 4401 | 4403, why: 'kicked' | 'left', reason?: string): void => {
    views.raise(personId, false);
    if (why === 'kicked') connections.toPerson(personId, 'system', frame({ t: 'kicked', d: reason === undefined || reason === '' ? {} : { reason: reason.slice(0, 500) } }));
    for (const one of connections.of(personId)) {
      if (one.channel === 'webrtc') signalling.remove(one.connectionId, why);
      connections.close(one, code);
    }
    signalling.takeBack(personId);
  };

  const tellPermissions = (room: RoomState, revision: number, personId: string): void => {
    const text = views.permissions(room, revision, personId);
    if (text !== undefined) connections.toPerson(personId, 'system', text);
  };

  return {
    tell(events, room, revision) {
      const people = new Set<string>();
      let all = false;
      let permissions = false;
      for (const event of events) {
        if (aboutPermissions.has(event.type)) permissions = true;
        switch (event.type) {
          case 'ChatSaid': {
            const { messageId, personId, text, at } = event.data;
            const said = { id: messageId, personId, name: views.nameOf(personId), text, at };
            views.said(said);
            const clientRef = views.clientRefOf(messageId);
            toSystem(frame({ t: 'chat', d: { ...said, ...(clientRef !== undefined && { clientRef }) } }), room);
            break;
          }
          case 'ParticipantAdmitted':
            toSystem(frame({ t: 'admit', d: { personId: event.data.personId, name: views.nameOf(event.data.personId) } }), room);
            connections.toPerson(event.data.personId, 'system', views.status(room, revision, true)); // until now they knew no more than the door
            people.add(event.data.personId);
            permissions = true;
            break;
          case 'ParticipantKicked':
            putOut(event.data.personId, 4100, 'kicked', event.data.reason);
            people.add(event.data.personId);
            break;
          case 'ParticipantLeft':
            putOut(event.data.personId, 4403, 'left');
            people.add(event.data.personId);
            break;
          case 'SeatReleased':
            // A socket that came while this was being written is in a room without a seat: it joins again.
            putOut(event.data.personId, 4401, 'left');
            people.add(event.data.personId);
            break;
          case 'RoomHostChanged':
            people.add(event.data.hostId).add(event.data.previousHostId);
            all = true;
            break;
          default:
            if (quiet.has(event.type)) break;
            if ('personId' in event.data) people.add(event.data.personId);
            else all = true;
        }
      }
      for (const personId of people) {
        const one = participantOf(room, personId);
        if (one) toSystem(views.participant(one), room);
      }
      if (all) toSystem(views.status(room, revision, false));
      // Each gets their own, after the change holds: what they may do has changed for whatever is decided from now on.
      if (permissions) for (const personId of connections.people()) tellPermissions(room, revision, personId);
      if (isEnded(room)) for (const channel of channels) for (const one of connections.on(channel)) connections.close(one, 4410);
    },
  };
}

/** Who waits to be admitted sees the door and themself: no names, no words, nothing of what goes on inside. Their sockets on the system channel. */
export function atTheDoor(connections: Pick<Connections, 'on'>, room: RoomState): string[] {
  return connections.on('system').filter(({ personId }) => participantOf(room, personId)?.waiting).map(({ connectionId }) => connectionId);
}

/** May this person have a socket here? Waiting to be admitted, only the one on which they hear that they are. */
export function whyNotAttach(room: RoomState, personId: string, channel: (typeof channels)[number]): 4100 | 4401 | 4403 | 4404 | 4410 | undefined {
  if (!exists(room)) return 4404;
  if (isEnded(room)) return 4410;
  const one = participantOf(room, personId);
  if (one?.status === 'kicked') return 4100;
  if (isSeated(one)) return undefined;
  if (one && isHere(one)) return channel === 'system' ? undefined : 4401;
  // Whoever gave up the seat, or lost it by being silent, joins again first.
  return one && one.joinedAt !== null ? 4401 : 4403;
}
