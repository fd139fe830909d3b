import type { MediaState, WebrtcFromServer } from '../../src/commands/rooms/protocol/webrtc.ts';
import { createChannel, type Channel, type ChannelState } from '../channel.ts';
import { createEmitter, type Emitter } from '../emitter.ts';
import type { Surroundings } from '../surroundings.ts';
import { negotiate, type Negotiation } from './negotiation.ts';
import type { Candidate, IceServer, MakePeerConnection, MediaStreamLike, PeerConnection, Sender, Track } from './peerConnection.ts';

type Of<T extends WebrtcFromServer['t']> = Extract<WebrtcFromServer, { t: T }>['d'];
export type PeerView = Of<'peers'>['peers'][number];
export type { MediaState };

export type Peer = PeerView & { connection: PeerConnection; stream: MediaStreamLike | undefined; state: string };

export type WebrtcEvents = {
  /** Somebody came, left, sends something else, or a connection changed its state. */
  peers: ReadonlyMap<string, Peer>;
  /** Whether we send, told for each socket anew; false for who wants to when the room has as many senders as a mesh carries. */
  publisher: boolean;
  connection: ChannelState;
  problem: { code: string; detail?: string };
};

export type WebrtcConnection = Pick<Emitter<WebrtcEvents>, 'on'> & {
  peers(): ReadonlyMap<string, Peer>;
  publisher(): boolean;
  /** What we send from now on: at most one track of each kind. Nothing: we watch. */
  publish(stream: MediaStreamLike | undefined, state: MediaState): void;
  /** Muted, camera covered: the tracks stay. */
  mediaState(state: MediaState): void;
  /** Joins the call (opens the socket), or leaves it. */
  join(): void;
  leave(): void;
  channel: Pick<Channel, 'state' | 'nudge'>;
};

type Line = { view: PeerView; connection: PeerConnection; negotiation: Negotiation; senders: Map<string, Sender>; stream: MediaStreamLike | undefined; forgetRestart: () => void };

/** How long ICE may hang before it is begun anew; a changed network is often back by itself. */
const restartAfterMs = 4_000;
/** TURN credentials are good for 10 minutes at most: whoever comes later, and whoever's network changes, is met with fresh ones. */
const freshServersEveryMs = 8 * 60_000;
/** Offers and candidates of peers that we have not been told of yet. */
const mostEarly = 500;

type FromPeer = Extract<WebrtcFromServer, { t: 'offer' | 'answer' | 'ice' }>;

/** The call: one connection to each peer, negotiated through the room's socket. */
export function connectWebrtc(options: { surroundings: Surroundings; address(): Promise<string>; makePeerConnection: MakePeerConnection }): WebrtcConnection {
  const { surroundings, makePeerConnection } = options;
  const { on, emit } = createEmitter<WebrtcEvents>();
  const lines = new Map<string, Line>();
  /** Undefined until the server has said it for this socket. */
  let publisher: boolean | undefined;
  /** The others hear of us while the server still fetches our ICE servers: what they send then comes before our list of peers. */
  let early: FromPeer[] = [];
  let forgetRefresh: () => void = () => undefined;
  let iceServers: IceServer[] = [];
  let own: MediaStreamLike | undefined;
  let media: MediaState = { video: false, audio: false, screen: false };
  let joined = false;

  const shown = (): Map<string, Peer> =>
    new Map([...lines].map(([id, { view, connection, stream }]) => [id, { ...view, connection, stream, state: connection.connectionState }]));
  const changed = (): void => emit('peers', shown());
  const hangUp = (peerId: string): void => {
    const line = lines.get(peerId);
    if (!line) return;
    lines.delete(peerId);
    line.forgetRestart();
    line.negotiation.stop();
    const { connection } = line;
    connection.onicecandidate = connection.ontrack = connection.onconnectionstatechange = connection.oniceconnectionstatechange = null;
    connection.close();
  };
  const send = (line: Line): void => {
    const wanted = new Map<string, Track>(publisher && own ? own.getTracks().map((track) => [track.kind, track]) : []);
    for (const [kind, sender] of line.senders) {
      if (wanted.has(kind)) continue;
      line.connection.removeTrack(sender);
      line.senders.delete(kind);
    }
    for (const [kind, track] of wanted) {
      const sender = line.senders.get(kind);
      if (!sender) line.senders.set(kind, line.connection.addTrack(track, own as MediaStreamLike));
      else if (sender.track !== track) void sender.replaceTrack(track).catch(() => undefined);
    }
  };

  const call = (view: PeerView): void => {
    const connection = makePeerConnection({ iceServers });
    const to = view.peerId;
    const line: Line = {
      view, connection, senders: new Map(), stream: undefined, forgetRestart: () => undefined,
      negotiation: negotiate(connection, { polite: view.polite, theySend: () => line.view.publisher, later: surroundings.later }, {
        offer: (sdp) => void channel.send('offer', { to, sdp }),
        answer: (sdp) => void channel.send('answer', { to, sdp }),
        ice: (candidate) => void channel.send('ice', { to, candidate: candidate && { ...candidate, candidate: candidate.candidate ?? '' } }),
      }),
    };
    connection.ontrack = ({ streams }) => {
      line.stream = streams[0];
      changed();
    };
    connection.onconnectionstatechange = changed;
    connection.oniceconnectionstatechange = () => {
      line.forgetRestart();
      if (connection.iceConnectionState === 'failed') connection.restartIce();
      if (connection.iceConnectionState === 'disconnected') line.forgetRestart = surroundings.later(restartAfterMs, () => connection.restartIce());
    };
    lines.set(to, line);
    send(line);
  };

  const takePeers = (news: Of<'peers'>): void => {
    channel.settled();
    if (news.iceServers) {
      forgetRefresh();
      forgetRefresh = surroundings.later(freshServersEveryMs, () => void sayJoin());
      iceServers = news.iceServers;
      for (const { connection } of lines.values()) connection.setConfiguration({ iceServers });
    }
    if (publisher !== news.publisher) {
      publisher = news.publisher;
      emit('publisher', publisher);
    }
    const here = new Set(news.peers.map(({ peerId }) => peerId));
    for (const peerId of [...lines.keys()]) if (!here.has(peerId)) hangUp(peerId);
    for (const view of news.peers) {
      const line = lines.get(view.peerId);
      if (!line) call(view);
      else {
        line.view = { ...view, polite: line.view.polite };
        send(line);
      }
    }
    const waited = early;
    early = [];
    for (const message of waited) if (lines.has(message.d.from)) fromPeer(message);
    changed();
  };
  const fromPeer = (message: FromPeer): void => {
    const line = lines.get(message.d.from);
    if (!line) {
      if (publisher === undefined && early.length < mostEarly) early.push(message);
      return;
    }
    switch (message.t) {
      case 'offer': return void line.negotiation.offered(message.d.sdp);
      case 'answer': return void line.negotiation.answered(message.d.sdp);
      case 'ice': return void line.negotiation.candidate(message.d.candidate as Candidate | null);
    }
  };

  const received = (message: WebrtcFromServer): void => {
    switch (message.t) {
      case 'peers': return takePeers(message.d);
      case 'offer': case 'answer': case 'ice': return fromPeer(message);
      case 'mediaState': {
        const { from, ...state } = message.d;
        const line = lines.get(from);
        if (line) line.view = { ...line.view, mediaState: state };
        return changed();
      }
      case 'leave':
        hangUp(message.d.from);
        return changed();
      case 'error': return emit('problem', { code: message.d.code, ...(message.d.detail === undefined ? {} : { detail: message.d.detail }) });
      default: message satisfies never; // from a newer server
    }
  };

  const sayJoin = (): boolean => channel.send('join', { publish: own !== undefined, mediaState: media });
  const make = (): Channel => createChannel({
    name: 'webrtc', surroundings, address: options.address,
    opened: () => void sayJoin(),
    received: (message) => received(message as WebrtcFromServer),
    changed(state) {
      if (state.is !== 'open') { // a new socket is a new peer to everybody: the lines of the old one are void
        for (const peerId of [...lines.keys()]) hangUp(peerId);
        publisher = undefined;
        early = [];
        forgetRefresh();
        changed();
      }
      emit('connection', state);
    },
  });
  let channel = make();

  return {
    on,
    peers: shown,
    publisher: () => publisher === true,
    publish(stream, state) {
      own = stream;
      media = state;
      if (sayJoin()) for (const line of lines.values()) send(line);
    },
    mediaState(state) {
      media = state;
      channel.send('mediaState', state);
    },
    join() {
      if (joined) return;
      joined = true;
      if (channel.state().is === 'ended') channel = make();
      channel.open();
    },
    leave() {
      if (!joined) return;
      joined = false;
      channel.send('leave');
      channel.close();
    },
    channel: { state: () => channel.state(), nudge: () => channel.nudge() },
  };
}
