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
  /** Whether we send; false when the room has as many senders as a mesh carries. */
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

/** The call: one connection to each peer, negotiated through the room's socket. */
export function connectWebrtc(options: { surroundings: Surroundings; address(): Promise<string>; makePeerConnection: MakePeerConnection }): WebrtcConnection {
  const { surroundings, makePeerConnection } = options;
  const { on, emit } = createEmitter<WebrtcEvents>();
  const lines = new Map<string, Line>();
  let publisher = false;
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
    const { connection } = line;
    connection.onnegotiationneeded = connection.onicecandidate = connection.ontrack = connection.onconnectionstatechange = connection.oniceconnectionstatechange = null;
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
      negotiation: negotiate(connection, view.polite, {
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
    changed();
  };

  const received = (message: WebrtcFromServer): void => {
    switch (message.t) {
      case 'peers': return takePeers(message.d);
      case 'offer': return void lines.get(message.d.from)?.negotiation.offered(message.d.sdp);
      case 'answer': return void lines.get(message.d.from)?.negotiation.answered(message.d.sdp);
      case 'ice': return void lines.get(message.d.from)?.negotiation.candidate(message.d.candidate as Candidate | null);
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

  const make = (): Channel => createChannel({
    name: 'webrtc', surroundings, address: options.address,
    opened: () => void channel.send('join', { publish: own !== undefined, mediaState: media }),
    received: (message) => received(message as WebrtcFromServer),
    changed(state) {
      if (state.is !== 'open') { // a new socket is a new peer to everybody: the lines of the old one are void
        for (const peerId of [...lines.keys()]) hangUp(peerId);
        changed();
      }
      emit('connection', state);
    },
  });
  let channel = make();

  return {
    on,
    peers: shown,
    publisher: () => publisher,
    publish(stream, state) {
      own = stream;
      media = state;
      if (channel.send('join', { publish: stream !== undefined, mediaState: media })) for (const line of lines.values()) send(line);
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
