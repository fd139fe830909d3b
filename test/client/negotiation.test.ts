import { negotiate, type Negotiation } from '../../client/webrtc/negotiation.ts';
import type { Description, PeerConnection } from '../../client/webrtc/peerConnection.ts';
import { createSimulatedTime } from './support/simulatedTime.ts';

/**
 * As far as offers, answers and their rollback go: the state machine of the WebRTC specification, section 4.3.1. And as Chromium (153) is: an
 * offer that is rolled back in the moment it was set mostly gathers nothing any more.
 */
function fakeConnection(name: string): PeerConnection & { log: string[] } {
  let made = 0;
  let setting = false;
  const connection = {
    log: [] as string[], signalingState: 'stable', connectionState: 'new', iceConnectionState: 'new', localDescription: null as Description | null,
    async setLocalDescription() {
      setting = true;
      await Promise.resolve();
      await Promise.resolve();
      setting = false;
      if (connection.signalingState === 'have-remote-offer') {
        connection.localDescription = { type: 'answer', sdp: `${name} answer ${++made}` };
        connection.signalingState = 'stable';
      } else {
        connection.localDescription = { type: 'offer', sdp: `${name} offer ${++made}` };
        connection.signalingState = 'have-local-offer';
      }
    },
    async setRemoteDescription(description: Description) {
      if (setting) connection.log.push('stuck');
      while (setting) await Promise.resolve();
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

/** `sends`: those that have something to send, and so offer by themselves. */
function pair(...sends: ('polite' | 'impolite')[]) {
  const time = createSimulatedTime();
  const [polite, impolite] = [fakeConnection('polite'), fakeConnection('impolite')];
  const wire: (() => void)[] = [];
  const ends: { polite?: Negotiation; impolite?: Negotiation } = {};
  const to = (end: 'polite' | 'impolite') => ({
    offer: (sdp: string) => void wire.push(() => void ends[end]!.offered(sdp)),
    answer: (sdp: string) => void wire.push(() => void ends[end]!.answered(sdp)),
    ice: (candidate: { candidate?: string } | null) => void wire.push(() => void ends[end]!.candidate(candidate)),
  });
  ends.polite = negotiate(polite, { polite: true, theySend: () => sends.includes('impolite'), later: time.clockwork.later }, to('impolite'));
  ends.impolite = negotiate(impolite, { polite: false, theySend: () => sends.includes('polite'), later: time.clockwork.later }, to('polite'));
  return {
    polite, impolite, wire, time, ends,
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

  it('do not let their first offers cross when both send: the polite one waits to be offered to', async () => {
    const { polite, impolite, time, deliver } = pair('polite', 'impolite');
    polite.onnegotiationneeded!();
    impolite.onnegotiationneeded!();
    await deliver();
    expect(polite.log).toEqual(['impolite offer 1']);
    expect(impolite.log).toEqual(['polite answer 1']);
    expect(time.waiting()).toBe(0);
    polite.onnegotiationneeded!(); // later on neither waits for the other
    impolite.onnegotiationneeded!();
    expect(time.waiting()).toBe(0);
    await deliver();
    expect(polite.log).toEqual(['impolite offer 1', 'rolled back', 'impolite offer 2']);
    expect(impolite.log).toEqual(['polite answer 1', 'polite answer 3']);
  });

  it('come together also when the one who sends offers nothing, and when it is over meanwhile nothing is offered', async () => {
    const { polite, impolite, time, deliver } = pair('polite', 'impolite');
    polite.onnegotiationneeded!();
    await deliver();
    await time.pass(3_000, settle);
    polite.onnegotiationneeded!(); // a second track: the time goes on
    await deliver();
    expect(impolite.log).toEqual([]);
    await time.pass(2_000, settle);
    await deliver();
    expect(impolite.log).toEqual(['polite offer 1']);
    const left = pair('polite', 'impolite');
    left.polite.onnegotiationneeded!();
    left.ends.polite!.stop();
    left.polite.onnegotiationneeded?.(); // the browser may still ask
    await settle();
    await left.time.pass(60_000, settle);
    expect([left.wire, left.time.waiting()]).toEqual([[], 0]);
  });

  it('roll back no offer that is still being set', async () => {
    const { polite, impolite, deliver, wire } = pair();
    impolite.onnegotiationneeded!();
    await settle();
    polite.onnegotiationneeded!();
    wire.shift()!(); // his offer comes while ours is being set
    await deliver();
    expect(polite.log).toEqual(['rolled back', 'impolite offer 1']);
    expect(impolite.log).toEqual(['polite answer 2']);
    expect([polite.signalingState, impolite.signalingState]).toEqual(['stable', 'stable']);
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
