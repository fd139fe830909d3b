import type { ParticipantView, SystemFromClient, SystemFromServer } from '../src/commands/rooms/protocol/system.ts';
import { createChannel, type Channel, type ChannelState } from './channel.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import type { Surroundings } from './surroundings.ts';

type Of<T extends SystemFromServer['t']> = Extract<SystemFromServer, { t: T }>['d'];
type Sent<T extends SystemFromClient['t']> = Extract<SystemFromClient, { t: T }>['d'];
export type RoomStatus = Of<'status'>;
export type Said = Of<'chat'>;
export type Rights = Of<'permissions'>;
export type View = NonNullable<Of<'follow'>['view']>;
export type { ParticipantView };

export type SystemEvents = {
  status: RoomStatus;
  people: ReadonlyMap<string, ParticipantView>;
  /** One more line; after a reconnect all that are kept (see `chat()`). */
  chat: readonly Said[];
  permissions: Rights;
  notification: Of<'notification'>;
  kicked: Of<'kicked'>;
  muteRequest: Of<'muteRequest'>;
  follow: Of<'follow'>;
  admit: Of<'admit'>;
  /** Renew the room token before then. */
  tokenRefresh: Of<'tokenRefresh'>;
  goingAway: Of<'goingAway'>;
  /** Nothing was heard for two pings: the line is dead, though nobody closed it (a browser learns that only after minutes). This channel begins anew. */
  silent: undefined;
  connection: ChannelState;
  problem: { code: string; detail?: string };
};

export type SystemConnection = Pick<Emitter<SystemEvents>, 'on'> & {
  status(): RoomStatus | undefined;
  people(): ReadonlyMap<string, ParticipantView>;
  chat(): readonly Said[];
  rights(): Rights | undefined;
  /** The round trip of the last ping, in milliseconds. */
  roundTripMs(): number | undefined;
  raiseHand(raised: boolean): void;
  say(text: string, clientRef?: string): boolean;
  muteRequest(kind: 'audio' | 'video', personId?: string): void;
  follow(view: View | null): void;
  admit(personId: string): void;
  channel: Pick<Channel, 'state' | 'nudge' | 'open' | 'close'>;
};

/** Older lines are in the room's timeline. */
const mostLines = 500;
const pingEveryMs = 10_000;
const pingsMissed = 2;
/** Who just came is told of before their name is known; it mostly follows with their socket. Whoever waits at the door is asked for. */
const askNamesAfterMs = 700;
const mostAsksForNames = 5;

/**
 * People, chat, hands, the room's state.
 * @param options `names`: of the people in this room, by id; asked when somebody is told of without a name
 */
export function connectSystem(options: { surroundings: Surroundings; address(): Promise<string>; names?(): Promise<ReadonlyMap<string, string>> }): SystemConnection {
  const { surroundings } = options;
  const { on, emit } = createEmitter<SystemEvents>();
  const people = new Map<string, ParticipantView>();
  let status: RoomStatus | undefined;
  let rights: Rights | undefined;
  let lines: Said[] = [];
  let roundTripMs: number | undefined;
  let forgetPing: () => void = () => undefined;

  let unanswered = 0;
  const ping = (): void => {
    if (unanswered >= pingsMissed) {
      channel.again();
      return emit('silent', undefined);
    }
    unanswered++;
    channel.send('ping', { at: surroundings.now() });
    forgetPing = surroundings.later(pingEveryMs, ping);
  };
  let forgetNames: (() => void) | undefined;
  const nameless = (): ParticipantView[] => [...people.values()].filter(({ name }) => name === '');
  const learnNames = (asks = 0): void => {
    const { names } = options;
    if (!names || nameless().length === 0 || (asks === 0 && forgetNames)) return;
    forgetNames = surroundings.later(askNamesAfterMs * (1 + surroundings.random()), () => {
      forgetNames = undefined;
      if (nameless().length === 0) return;
      names().catch(() => new Map<string, string>()).then((known) => {
        const before = nameless();
        for (const one of before) people.set(one.personId, { ...one, name: known.get(one.personId) ?? '' });
        if (nameless().length < before.length) emit('people', people);
        if (asks + 1 < mostAsksForNames && channel.state().is === 'open') learnNames(asks + 1);
      }, () => undefined);
    });
  };
  const takeStatus = (next: RoomStatus): void => {
    status = next;
    channel.settled();
    if (next.people) {
      people.clear();
      for (const one of next.people) people.set(one.personId, one);
      emit('people', people);
      learnNames();
    }
    if (next.chat) {
      lines = next.chat.slice(-mostLines);
      emit('chat', lines);
    }
    emit('status', next);
  };

  const received = (message: SystemFromServer): void => {
    switch (message.t) {
      case 'status': return takeStatus(message.d);
      case 'participant':
        people.set(message.d.personId, { ...message.d, name: message.d.name || (people.get(message.d.personId)?.name ?? '') });
        emit('people', people);
        return learnNames();
      case 'chat':
        if (lines.some(({ id }) => id === message.d.id)) return;
        lines = [...lines, message.d].slice(-mostLines);
        return emit('chat', lines);
      case 'permissions':
        rights = message.d;
        return emit('permissions', message.d);
      case 'pong':
        if (message.d.at !== undefined) roundTripMs = surroundings.now() - message.d.at;
        return;
      case 'notification': return emit('notification', message.d);
      case 'kicked': return emit('kicked', message.d);
      case 'muteRequest': return emit('muteRequest', message.d);
      case 'follow': return emit('follow', message.d);
      case 'admit': return emit('admit', message.d);
      case 'tokenRefresh': return emit('tokenRefresh', message.d);
      case 'goingAway': return emit('goingAway', message.d);
      case 'error': return emit('problem', { code: message.d.code, ...(message.d.detail === undefined ? {} : { detail: message.d.detail }) });
      default: message satisfies never; // from a newer server
    }
  };

  const channel = createChannel({
    name: 'system', surroundings, address: options.address,
    opened() {
      unanswered = 0;
      ping();
    },
    received(message) {
      unanswered = 0;
      received(message as SystemFromServer);
    },
    changed(next) {
      if (next.is !== 'open') {
        forgetPing();
        forgetNames?.();
        forgetNames = undefined;
      }
      emit('connection', next);
    },
  });
  const send = <T extends SystemFromClient['t']>(t: T, d: Sent<T>): boolean => channel.send(t, d);

  return {
    on, channel,
    status: () => status,
    people: () => people,
    chat: () => lines,
    rights: () => rights,
    roundTripMs: () => roundTripMs,
    raiseHand: (raised) => void send('raiseHand', { raised }),
    say: (text, clientRef) => send('chat', { text, ...(clientRef === undefined ? {} : { clientRef }) }),
    muteRequest: (kind, personId) => void send('muteRequest', { kind, ...(personId === undefined ? {} : { personId }) }),
    follow: (view) => void send('follow', view),
    admit: (personId) => void send('admit', { personId }),
  };
}
