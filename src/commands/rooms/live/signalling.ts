import type { z } from 'zod';
import type { MediaState, peer as peerSchema, WebrtcFromClient } from '../protocol/webrtc.ts';
import { errorFrame, frame } from './frames.ts';
import type { IceGrant, IceServer, IceServers } from '../../../ports/iceServers.ts';
import type { Connection, Connections } from './connections.ts';

type Peer = { peerId: string; personId: string; name: string; publisher: boolean; mediaState: MediaState; order: number };
type PeerView = z.output<typeof peerSchema>;

/** A mesh carries about this many senders: each uploads once per peer. */
export const maxPublishers = 6;
const silent: MediaState = { video: false, audio: false, screen: false };

export type Signalling = {
  receive(from: Connection, message: WebrtcFromClient): void;
  /** The socket is gone, or its person may not be here any more. Who is only gone comes back: their TURN credentials stay theirs. */
  remove(peerId: string, reason: 'left' | 'kicked' | 'gone'): void;
  /** Ends the TURN credentials of somebody who has no place in the room any more, also those of a socket that is gone. */
  takeBack(personId: string): void;
};

/**
 * Who is in the call, and the notes they pass to each other. A peer is one webrtc socket that said `join`; the id is the socket's.
 * Offers, answers and candidates are relayed as they are, stamped with the sender, only between two that are both in the call, and never
 * kept. Of two peers the one that came later is the polite one.
 */
export function createSignalling({ roomId, connections, ice, mayShow }: {
  roomId: string; connections: Pick<Connections, 'toOne'>; ice: IceServers | undefined;
  /** What a person may send, by their permissions now. */
  mayShow(personId: string): MediaState;
}): Signalling {
  const peers = new Map<string, Peer>();
  /** TURN credentials that may still live, by person: handle → when they end (milliseconds since 1970). */
  const relays = new Map<string, Map<string, number>>();
  /** What a peer was given last: whoever says `join` again and again gets the same, not a new one from the vendor each time. */
  const grants = new Map<string, { grant: IceGrant; until: number }>();
  let order = 0;

  const view = (other: Peer, me: Peer): PeerView => ({
    peerId: other.peerId, personId: other.personId, name: other.name, publisher: other.publisher, polite: me.order > other.order, mediaState: other.mediaState,
  });
  const tellPeers = (me: Peer, iceServers?: IceServer[]): void =>
    connections.toOne(me.peerId, frame({
      t: 'peers',
      d: { you: me.peerId, publisher: me.publisher, peers: [...peers.values()].filter((other) => other !== me).map((other) => view(other, me)), ...(iceServers && { iceServers }), maxPublishers },
    }), 'control');
  const tellOthers = (me: Peer, text: string): void => {
    for (const other of peers.values()) if (other !== me) connections.toOne(other.peerId, text, 'control');
  };
  const refuse = (to: Connection, code: string, message: WebrtcFromClient, retryable = false): void => connections.toOne(to.connectionId, errorFrame(code, retryable, { ref: message.id }), 'control');
  const isAllowed = (personId: string, media: MediaState): boolean => {
    const may = mayShow(personId);
    return (!media.video || may.video) && (!media.audio || may.audio) && (!media.screen || may.screen);
  };

  async function join(connection: Connection, message: Extract<WebrtcFromClient, { t: 'join' }>): Promise<void> {
    const { connectionId: peerId, personId, name } = connection;
    const before = peers.get(peerId);
    const may = mayShow(personId);
    const wants = message.d.publish && (may.video || may.audio || may.screen);
    const publishers = [...peers.values()].filter((one) => one.publisher && one.peerId !== peerId).length;
    const publisher = wants && publishers < maxPublishers;
    if (message.d.publish && !wants) refuse(connection, 'forbidden', message);
    else if (wants && !publisher) refuse(connection, 'publisherLimit', message, true);
    const asked = message.d.mediaState ?? silent;
    const me: Peer = { peerId, personId, name, publisher, mediaState: publisher && isAllowed(personId, asked) ? asked : silent, order: before?.order ?? (order += 1) };
    peers.set(peerId, me);
    for (const other of peers.values()) if (other !== me) tellPeers(other);
    const given = grants.get(peerId);
    if (given && Date.now() < given.until) return tellPeers(me, given.grant.iceServers);
    const grant = ice && (await ice.forPerson(roomId, personId));
    const isStillWanted = peers.get(peerId) === me;
    const handle = grant?.revokeHandle;
    if (grant?.expiresAt && isStillWanted) grants.set(peerId, { grant, until: (Date.now() + grant.expiresAt.getTime()) / 2 });
    if (typeof handle === 'string') {
      if (isStillWanted) remember(personId, handle, grant?.expiresAt?.getTime() ?? Infinity);
      else void ice?.revoke(handle); // nobody was told of them
    }
    if (isStillWanted) tellPeers(me, grant?.iceServers);
  }

  function remember(personId: string, handle: string, until: number): void {
    const theirs = relays.get(personId) ?? new Map<string, number>();
    for (const [other, ends] of theirs) if (ends <= Date.now()) theirs.delete(other);
    relays.set(personId, theirs.set(handle, until));
  }

  function takeBack(personId: string): void {
    for (const handle of relays.get(personId)?.keys() ?? []) void ice?.revoke(handle);
    relays.delete(personId);
  }

  return {
    receive(connection, message) {
      if (message.t === 'join') return void join(connection, message);
      const me = peers.get(connection.connectionId);
      if (!me) return refuse(connection, 'notInCall', message);
      switch (message.t) {
        case 'offer': case 'answer': case 'ice': {
          const other = peers.get(message.d.to);
          if (!other || other === me) return refuse(connection, 'noSuchPeer', message);
          const from = me.peerId;
          const relayed = message.t === 'ice' ? frame({ t: 'ice', d: { from, candidate: message.d.candidate } }) : frame({ t: message.t, d: { from, sdp: message.d.sdp } });
          return connections.toOne(other.peerId, relayed, 'control');
        }
        case 'mediaState':
          if (!me.publisher || !isAllowed(me.personId, message.d)) return refuse(connection, me.publisher ? 'forbidden' : 'publisherLimit', message);
          me.mediaState = message.d;
          return tellOthers(me, frame({ t: 'mediaState', d: { from: me.peerId, ...message.d } }));
        case 'leave':
          return remove(me.peerId, 'left');
      }
    },
    remove, takeBack,
  };

  function remove(peerId: string, reason: 'left' | 'kicked' | 'gone'): void {
    const me = peers.get(peerId);
    if (!me) return;
    peers.delete(peerId);
    grants.delete(peerId);
    tellOthers(me, frame({ t: 'leave', d: { from: peerId, reason } }));
    if (reason !== 'gone') takeBack(me.personId);
  }
}
