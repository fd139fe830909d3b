import { negotiate, type Negotiation } from '../../client/webrtc/negotiation.ts';
import type { Description, PeerConnection } from '../../client/webrtc/peerConnection.ts';

/** As far as offers, answers and their rollback go: the state machine of the WebRTC specification, section 4.3.1. */
function fakeConnection(name: string): PeerConnection & { log: string[] } {
  let made = 0;
  const connection = {
    log: [] as string[], signalingState: 'stable', connectionState: 'new', iceConnectionState: 'new', localDescription: null as Description | null,
    async setLocalDescription() {
      await Promise.resolve();
      if (connection.signalingState === 'have-remote-offer') {
        connection.localDescription = { type: 'answer', sdp: `${name} answer ${++made}` };
        connection.signalingState = 'stable';
      } else {
        connection.localDescription = { type: 'offer', sdp: `${name} offer ${++made}` };
        connection.signalingState = 'have-local-offer';
      }
    },
    async setRemoteDescription(description: Description) {
      await Promise.resolve();
      if (description.type === 'offer') {
        if (connection.signalingState === 'have-local-offer') connection.log.push('rolled back');
        connection.signalingState = 'have-remote-offer';
      } else {
        if (connection.signalingState !== 'have-local-offer') throw new Error('an answer to nothing');
        connection.signalingState = 'stable';
      }
      connection.log.push(description.sdp);
    },
    async addIceCandidate(candidate: { candidate?: string }) {
      await Promise.resolve();
      connection.log.push(`ice ${candidate.candidate}`);
    },
    close: () => undefined, restartIce: () => undefined, setConfiguration: () => undefined, addTrack: () => undefined, removeTrack: () => undefined,
    onnegotiationneeded: null, onicecandidate: null, ontrack: null, onconnectionstatechange: null, oniceconnectionstatechange: null,
  };
  return connection as unknown as PeerConnection & { log: string[] };
}

const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };

function pair() {
  const [polite, impolite] = [fakeConnection('polite'), fakeConnection('impolite')];
  const wire: (() => void)[] = [];
  const ends: { polite?: Negotiation; impolite?: Negotiation } = {};
  const to = (end: 'polite' | 'impolite') => ({
    offer: (sdp: string) => void wire.push(() => void ends[end]!.offered(sdp)),
    answer: (sdp: string) => void wire.push(() => void ends[end]!.answered(sdp)),
    ice: (candidate: { candidate?: string } | null) => void wire.push(() => void ends[end]!.candidate(candidate)),
  });
  ends.polite = negotiate(polite, true, to('impolite'));
  ends.impolite = negotiate(impolite, false, to('polite'));
  return {
    polite, impolite, wire,
    async deliver() {
      await settle();
      for (let next = wire.shift(); next; next = wire.shift()) {
        next();
        await settle();
      }
    },
  };
}

describe('two peers', () => {
  it('agree when one offers', async () => {
    const { polite, impolite, deliver } = pair();
    polite.onnegotiationneeded!();
    await deliver();
    expect([polite.signalingState, impolite.signalingState]).toEqual(['stable', 'stable']);
    expect(impolite.log).toEqual(['polite offer 1']);
    expect(polite.log).toEqual(['impolite answer 1']);
  });

  it('agree when their offers cross: the polite one takes its own back', async () => {
    const { polite, impolite, deliver } = pair();
    polite.onnegotiationneeded!();
    impolite.onnegotiationneeded!();
    await deliver();
    expect([polite.signalingState, impolite.signalingState]).toEqual(['stable', 'stable']);
    expect(polite.log).toEqual(['rolled back', 'impolite offer 1']);
    expect(impolite.log).toEqual(['polite answer 2']);
  });

  it('leave out the candidates of an offer that was not taken, and none other', async () => {
    const { polite, impolite, wire, deliver } = pair();
    polite.onnegotiationneeded!();
    impolite.onnegotiationneeded!();
    await settle();
    polite.onicecandidate!({ candidate: { toJSON: () => ({ candidate: 'of the lost offer' }) } });
    expect(wire).toHaveLength(3);
    await deliver();
    polite.onicecandidate!({ candidate: { toJSON: () => ({ candidate: 'of the answer' }) } });
    await deliver();
    // Once the impolite one's own offer was answered, the next offer of the polite one counts again.
    polite.onnegotiationneeded!();
    await deliver();
    polite.onicecandidate!({ candidate: { toJSON: () => ({ candidate: 'later' }) } });
    await deliver();
    expect(impolite.log).not.toContain('ice of the lost offer');
    expect(impolite.log).toContain('ice of the answer');
    expect(impolite.log).toContain('ice later');
  });
});
