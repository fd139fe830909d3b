import { connectBoard, connectSystem, connectWebrtc, type Op, type PeerConnection } from '../../client/index.ts';
import { createRoomToken } from '../../client/roomToken.ts';
import { Problem } from '../../client/http.ts';
import { createWires } from './support/wires.ts';

const address = (): Promise<string> => Promise.resolve('ws://room');
const welcome = (lastSeq: number, version = 0) => ({ version, lastSeq, you: { personId: 'anna', clientId: 'tab', connectionId: 'c', role: 'student' }, room: {}, serverTime: '', permissions: {}, limits: {} });
const add = (id: string): Op => ({ op: 'shape.add', shape: { id, type: 'line', page: 'page-1', layer: 'layer-1', x: 0, y: 0, rotation: 0, scale: 1, z: 'a1', locked: false, style: { color: '#112233', width: 1 }, to: { x: 1, y: 1 } } });

describe('the board\'s socket', () => {
  it('gives up a group that closes the socket each time it is sent, tells so, and sends what is behind it', async () => {
    const wires = createWires();
    const board = connectBoard({ surroundings: wires.surroundings, personId: 'anna', clientId: 'tab', address, fetchSnapshot: () => Promise.reject(new Error('none')) });
    const dropped: string[] = [];
    board.on('dropped', ({ code }) => dropped.push(code));
    board.apply([add('bad')]);
    board.apply([add('good')]);
    board.channel.open();
    for (let tries = 0; tries < 2; tries++) {
      const wire = await wires.opened();
      wire.says('welcome', welcome(0));
      expect(wire.sent.map(({ t }) => t)).toEqual(['hello', 'ops', 'ops']);
      wire.breaks(4400);
      await wires.pass(60_000);
    }
    const wire = await wires.opened();
    wire.says('welcome', welcome(0));
    expect(dropped).toEqual(['badMessage']);
    expect(wire.sent.slice(1)).toMatchObject([{ t: 'ops', d: { seq: 1, ops: [{ shape: { id: 'good' } }] } }]);
  });

  it('begins anew when the address makes no socket', async () => {
    const wires = createWires();
    let makes = false;
    const surroundings = { ...wires.surroundings, socket: (...given: Parameters<typeof wires.surroundings.socket>) => {
      if (!makes) throw new DOMException('not here', 'SecurityError');
      return wires.surroundings.socket(...given);
    } };
    const system = connectSystem({ surroundings, address });
    system.channel.open();
    await wires.settle();
    expect(system.channel.state().is).toBe('waiting');
    makes = true;
    await wires.pass(60_000);
    expect(wires.count()).toBe(1);
  });
});

describe('the system socket', () => {
  it('takes a line for dead that answers no ping, and leaves one alone on which anything is heard', async () => {
    const wires = createWires();
    const system = connectSystem({ surroundings: wires.surroundings, address });
    let silent = 0;
    system.on('silent', () => silent++);
    system.channel.open();
    const wire = await wires.opened();
    for (let i = 0; i < 10; i++) {
      await wires.pass(10_000);
      wire.says('notification', { code: 'x', text: 'still here' });
    }
    expect([silent, wires.count()]).toEqual([0, 1]);
    await wires.pass(31_000);
    expect([silent, wires.count()]).toEqual([1, 2]);
    expect(wire.closedWith).toBe(1000);
    system.channel.close();
    expect(wires.waiting()).toBe(0);
  });
});

/** What a connection was told to do; no more of WebRTC is needed here. */
function fakeCalls() {
  const made: (PeerConnection & { remote: string[]; servers: unknown; closed: boolean })[] = [];
  const makePeerConnection = ({ iceServers }: { iceServers: unknown }): PeerConnection => {
    const one = {
      remote: [] as string[], servers: iceServers, closed: false, signalingState: 'stable', connectionState: 'new', iceConnectionState: 'new', localDescription: null as { type: string; sdp: string } | null,
      async setLocalDescription() { one.localDescription = { type: 'answer', sdp: 'an answer' }; },
      async setRemoteDescription({ sdp }: { sdp: string }) { one.remote.push(sdp); },
      async addIceCandidate({ candidate }: { candidate?: string }) { one.remote.push(candidate ?? ''); },
      addTrack: () => ({ track: null, replaceTrack: () => Promise.resolve() }), removeTrack: () => undefined, restartIce: () => undefined,
      setConfiguration(next: { iceServers: unknown }) { one.servers = next.iceServers; },
      close() { one.closed = true; },
      onnegotiationneeded: null, onicecandidate: null, ontrack: null, onconnectionstatechange: null, oniceconnectionstatechange: null,
    };
    made.push(one as never);
    return one as never;
  };
  return { made, makePeerConnection };
}
const peer = (peerId: string) => ({ peerId, personId: peerId, name: peerId, publisher: true, polite: true, mediaState: { video: true, audio: true, screen: false } });
const peers = (list: string[], more: object = {}) => ({ you: 'me', publisher: false, peers: list.map(peer), maxPublishers: 6, ...more });

describe('the call', () => {
  it('answers an offer that comes before the list of peers: the others hear of us while our ICE servers are still fetched', async () => {
    const wires = createWires();
    const { made, makePeerConnection } = fakeCalls();
    const call = connectWebrtc({ surroundings: wires.surroundings, address, makePeerConnection });
    call.join();
    const wire = await wires.opened();
    wire.says('offer', { from: 'bohdan', sdp: 'his offer' });
    wire.says('ice', { from: 'bohdan', candidate: { candidate: 'his way' } });
    wire.says('offer', { from: 'nobody', sdp: 'of nobody' });
    wire.says('peers', peers(['bohdan']));
    await wires.settle();
    expect(made).toHaveLength(1);
    expect(made[0]!.remote).toEqual(['his offer', 'his way']);
    expect(wire.sent).toContainEqual({ t: 'answer', d: { to: 'bohdan', sdp: 'an answer' } });
  });

  it('leaves the first offer to a peer who came before and sends, and waits for it no longer than the call lasts', async () => {
    const wires = createWires();
    const { made, makePeerConnection } = fakeCalls();
    const call = connectWebrtc({ surroundings: wires.surroundings, address, makePeerConnection });
    call.join();
    const wire = await wires.opened();
    wire.says('peers', peers(['bohdan']));
    const waiting = wires.waiting();
    made[0]!.onnegotiationneeded!();
    await wires.settle();
    expect([wire.sent.map(({ t }) => t), wires.waiting()]).toEqual([['join'], waiting + 1]);
    wire.says('leave', { from: 'bohdan', reason: 'left' });
    expect(wires.waiting()).toBe(waiting);
  });

  it('says at once when there are as many senders as a call carries, and again on the next socket', async () => {
    const wires = createWires();
    const call = connectWebrtc({ surroundings: wires.surroundings, address, makePeerConnection: fakeCalls().makePeerConnection });
    const said: boolean[] = [];
    call.on('publisher', (sends) => said.push(sends));
    call.join();
    (await wires.opened()).says('peers', peers([]));
    wires.last().breaks(1006);
    await wires.pass(60_000);
    (await wires.opened()).says('peers', peers([]));
    expect(said).toEqual([false, false]);
  });

  it('asks for fresh ICE servers before the old ones run out, hands them to every connection, and forgets all of it on leaving', async () => {
    const wires = createWires();
    const { made, makePeerConnection } = fakeCalls();
    const call = connectWebrtc({ surroundings: wires.surroundings, address, makePeerConnection });
    call.join();
    const wire = await wires.opened();
    wire.says('peers', peers(['bohdan'], { iceServers: [{ urls: ['turn:old'] }] }));
    await wires.pass(9 * 60_000);
    expect(wire.sent.filter(({ t }) => t === 'join')).toHaveLength(2);
    wire.says('peers', peers(['bohdan'], { iceServers: [{ urls: ['turn:new'] }] }));
    expect(made[0]!.servers).toEqual([{ urls: ['turn:new'] }]);
    call.leave();
    expect(made[0]!.closed).toBe(true);
    expect(made[0]!.onicecandidate).toBeNull();
    expect(wires.waiting()).toBe(0);
  });
});

describe('the people of a room', () => {
  it('have names, also who waits at the door and has said theirs to nobody', async () => {
    const wires = createWires();
    const asks = [() => Promise.reject(new Error('away')), () => Promise.resolve(new Map([['b', 'Bohdan']]))];
    const system = connectSystem({ surroundings: wires.surroundings, address, names: () => asks.shift()!() });
    const told: string[] = [];
    system.on('people', (people) => told.push([...people.values()].map(({ name }) => name).join()));
    system.channel.open();
    const wire = await wires.opened();
    wire.says('participant', { personId: 'b', name: '', waiting: true });
    await wires.pass(5_000);
    expect(told).toEqual(['', 'Bohdan']);
    wire.says('participant', { personId: 'b', name: '', waiting: false });
    expect([told.at(-1), asks.length]).toEqual(['Bohdan', 0]);
  });
});

describe('the room\'s token', () => {
  const inTwoHours = (): string => new Date(Date.now() + 2 * 3_600_000).toISOString();

  it('is renewed half-way, again after a failure, and no more once the room is left', async () => {
    const wires = createWires();
    const answers: (() => Promise<{ token: string; expiresAt: string }>)[] = [
      () => Promise.reject(new Problem(0, 'noAnswer', 'away')), () => Promise.resolve({ token: 'second', expiresAt: inTwoHours() }),
    ];
    let asked = 0;
    const token = createRoomToken(wires.surroundings, () => answers[asked++]!());
    token.take('first', inTwoHours());
    await wires.pass(59 * 60_000);
    expect([asked, token.now()]).toEqual([0, 'first']);
    await wires.pass(2 * 60_000);
    expect([asked, token.now()]).toEqual([2, 'second']);
    token.close();
    expect(wires.waiting()).toBe(0);
  });
});
