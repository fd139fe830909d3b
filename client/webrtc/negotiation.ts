import type { Candidate, PeerConnection } from './peerConnection.ts';

export type Signals = {
  offer(sdp: string): void;
  answer(sdp: string): void;
  ice(candidate: Candidate | null): void;
};

export type Negotiation = {
  offered(sdp: string): Promise<void>;
  answered(sdp: string): Promise<void>;
  candidate(candidate: Candidate | null): Promise<void>;
};

/**
 * Perfect negotiation (W3C WebRTC 1.0, section 10.7): both sides may offer whenever they need to. When two offers cross, the polite side
 * takes its own back (setRemoteDescription rolls back by itself) and answers; the impolite side goes on as if it had heard nothing.
 * Messages of one peer are worked off one after the other: a candidate must not overtake the description that it belongs to.
 */
export function negotiate(connection: PeerConnection, polite: boolean, signals: Signals): Negotiation {
  let makingOffer = false;
  /** The peer's last offer was not taken: its candidates belong to nothing here. */
  let ignoring = false;
  let queue: Promise<void> = Promise.resolve();

  /** What fails here is a peer's nonsense, or a connection that was closed meanwhile: ICE tells soon enough when nothing comes of it. */
  const next = (run: () => Promise<void>): Promise<void> => (queue = queue.then(run).catch(() => undefined));

  connection.onnegotiationneeded = () => {
    makingOffer = true;
    connection.setLocalDescription()
      .then(() => { if (connection.localDescription?.type === 'offer') signals.offer(connection.localDescription.sdp); }, () => undefined)
      .finally(() => { makingOffer = false; });
  };
  connection.onicecandidate = ({ candidate }) => signals.ice(candidate?.toJSON() ?? null);

  return {
    offered: (sdp) => next(async () => {
      ignoring = !polite && (makingOffer || connection.signalingState !== 'stable');
      if (ignoring) return;
      await connection.setRemoteDescription({ type: 'offer', sdp });
      await connection.setLocalDescription();
      if (connection.localDescription) signals.answer(connection.localDescription.sdp);
    }),
    answered: (sdp) => next(async () => {
      if (connection.signalingState !== 'have-local-offer') return; // to an offer that was taken back
      ignoring = false; // what comes now belongs to this answer, also where an offer was passed over before
      await connection.setRemoteDescription({ type: 'answer', sdp });
    }),
    candidate: (candidate) => next(async () => {
      if (ignoring) return; // of the offer that was not taken
      await connection.addIceCandidate(candidate ?? { candidate: '' });
    }),
  };
}
