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
  /** Nothing is offered any more. */
  stop(): void;
};

export type Manners = {
  polite: boolean;
  /** The peer has something to send, and so offers by itself. */
  theySend(): boolean;
  /** @returns a function that takes it back */
  later(ms: number, run: () => void): () => void;
};

/** The polite one offers after so long, though it should have been offered to: another client may call itself a sender and have nothing yet. */
const offerAfterMs = 5_000;

/**
 * Perfect negotiation (W3C WebRTC 1.0, section 10.7): both sides may offer whenever they need to. When two offers cross, the polite side
 * takes its own back (setRemoteDescription rolls back by itself) and answers; the impolite side goes on as if it had heard nothing.
 * Messages of one peer are worked off one after the other: a candidate must not overtake the description that it belongs to.
 *
 * Two who both send would always cross at the beginning, and there Chromium is not to be trusted: an offer that is rolled back in the
 * moment it was set can leave it gathering for ever, without one candidate and deaf to restartIce. So the polite side leaves the first
 * offer to a peer that sends, and never rolls back what is still being set.
 */
export function negotiate(connection: PeerConnection, { polite, theySend, later }: Manners, signals: Signals): Negotiation {
  /** Our own offer, while the browser makes it. */
  let offering: Promise<void> | undefined;
  /** Somebody has offered. */
  let begun = false;
  /** Takes back the waiting for the peer's first offer, while that goes on. */
  let forgetWait: (() => void) | undefined;
  /** The peer's last offer was not taken: its candidates belong to nothing here. */
  let ignoring = false;
  let queue: Promise<void> = Promise.resolve();

  /** What fails here is a peer's nonsense, or a connection that was closed meanwhile: ICE tells soon enough when nothing comes of it. */
  const next = (run: () => Promise<void>): Promise<void> => (queue = queue.then(run).catch(() => undefined));
  const begin = (): void => {
    begun = true;
    forgetWait?.();
    forgetWait = undefined;
  };
  const offer = (): void => {
    begin();
    const mine = connection.setLocalDescription()
      .then(() => { if (connection.localDescription?.type === 'offer') signals.offer(connection.localDescription.sdp); })
      .catch(() => undefined)
      .finally(() => { if (offering === mine) offering = undefined; });
    offering = mine;
  };

  connection.onnegotiationneeded = () => {
    if (begun || !polite || !theySend()) return offer();
    forgetWait ??= later(offerAfterMs, () => void next(async () => { if (!begun) offer(); })); // one more track does not make it longer
  };
  connection.onicecandidate = ({ candidate }) => signals.ice(candidate?.toJSON() ?? null);

  return {
    offered: (sdp) => next(async () => {
      ignoring = !polite && (offering !== undefined || connection.signalingState !== 'stable');
      if (ignoring) return;
      if (offering) await offering;
      await connection.setRemoteDescription({ type: 'offer', sdp });
      begin(); // what we have to send goes with the answer; the browser asks again for what does not
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
    stop() {
      connection.onnegotiationneeded = null;
      begin();
    },
  };
}
