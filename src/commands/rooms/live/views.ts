import { exists, isHere, permissionsOf, type Participant, type RoomState } from '../../../domain/room/index.ts';
import type { EventLog } from '../../../eventLog/eventLog.ts';
import type { ParticipantView, SystemFromServer } from '../protocol/system.ts';
import { frame } from './frames.ts';

type Chat = Extract<SystemFromServer, { t: 'chat' }>['d'];
type StatusData = Extract<SystemFromServer, { t: 'status' }>['d'];
/** Newcomers see this much of what was said. */
const chatShown = 100;

/** How the room is shown to clients: beside what the stream says, the names of people, raised hands, and the last of the chat. */
export type Views = {
  nameOf(personId: string): string;
  /** From a socket, or the directory. */
  learn(personId: string, name: string): void;
  raise(personId: string, raised: boolean): void;
  said(message: Chat): void;
  /** The client's own name for a message that it is about to say here; it is told back, so that it knows its own. */
  sayingAs(messageId: string, clientRef: string | undefined): void;
  clientRefOf(messageId: string): string | undefined;
  /** For somebody who comes (`whole`), or when it changed. */
  status(room: RoomState, revision: number, whole: boolean): string;
  participant(one: Participant): string;
  /** Undefined: no part in the room. */
  permissions(room: RoomState, revision: number, personId: string): string | undefined;
};

export function createViews(roomId: string): Views {
  const names = new Map<string, string>();
  const raised = new Set<string>();
  const refs = new Map<string, string>();
  let chat: Chat[] = [];

  const view = (one: Participant): ParticipantView => ({
    personId: one.personId, name: names.get(one.personId) ?? '', role: one.role, status: one.status, handRaised: raised.has(one.personId),
    video: one.media.video, audio: one.media.audio, screen: one.media.screen, joinedAt: one.joinedAt, waiting: one.waiting,
  });

  return {
    nameOf: (personId) => names.get(personId) ?? '',
    learn: (personId, name) => void names.set(personId, name),
    raise: (personId, up) => void (up ? raised.add(personId) : raised.delete(personId)),
    sayingAs: (messageId, clientRef) => void (clientRef === undefined ? refs.delete(messageId) : refs.set(messageId, clientRef)),
    clientRefOf: (messageId) => refs.get(messageId),
    said(message) {
      chat.push(message);
      if (chat.length > 2 * chatShown) chat = chat.slice(-chatShown);
    },
    status(room, revision, whole) {
      const people = exists(room) ? Object.values(room.people).filter((one) => isHere(one) || one.joinedAt !== null || one.personId === room.hostId) : [];
      const data: StatusData = {
        roomId, status: room.status, revision, hostId: exists(room) ? room.hostId : null, hostAbsent: exists(room) && room.hostAbsence !== null, locked: exists(room) && room.locked,
        startedAt: exists(room) ? room.startedAt : null,
        ...(exists(room) && { title: room.title, type: room.type, settings: room.settings }),
        ...(whole && { people: people.map(view), chat: chat.slice(-chatShown) }),
      };
      return frame({ t: 'status', d: data });
    },
    participant: (one) => frame({ t: 'participant', d: view(one) }),
    permissions(room, revision, personId) {
      const held = permissionsOf(room, personId);
      if (!held || !exists(room)) return undefined;
      return frame({ t: 'permissions', d: { role: room.people[personId]?.role ?? '', permissions: { ...held }, revision } });
    },
  };
}

/** The last of what was said in a room, oldest first. @throws EventStoreError when the log is away */
export async function recentChat(log: Pick<EventLog, 'readStream'>, roomId: string): Promise<Omit<Chat, 'name'>[]> {
  const page = await log.readStream(`room-${roomId}`, { direction: 'backwards', limit: 5 * chatShown });
  return page.flatMap((decoded) => (decoded.ok && decoded.event.type === 'ChatSaid' ? [decoded.event.data] : []))
    .slice(0, chatShown).reverse()
    .map(({ messageId, personId, text, at }) => ({ id: messageId, personId, text, at }));
}
