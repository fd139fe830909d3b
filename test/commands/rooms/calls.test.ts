import type { IceServers } from '../../../src/ports/iceServers.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { openProcess, type RoomProcess } from './support/rooms.ts';
import { openEdge } from './support/sockets.ts';

/** Gives everybody credentials of their own, and notes which are taken back. `hold`: they come when it says so. */
function relay() {
  const revoked: string[] = [];
  const given: string[] = [];
  let gate: Promise<void> | undefined;
  const ice: IceServers = {
    async forPerson(_roomId, personId) {
      const handle = `${personId}-${given.length + 1}`;
      given.push(handle);
      await gate;
      return { iceServers: [{ urls: ['turn:t.example'], username: handle, credential: 'c' }], expiresAt: new Date(Date.now() + 600_000), revokeHandle: handle };
    },
    revoke: (handle) => (revoked.push(handle), Promise.resolve('revoked')),
  };
  return {
    ice, revoked, given,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => { gate = undefined; resolve(); };
    },
  };
}

describe('the call of a room', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  let turn: ReturnType<typeof relay>;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => {
    turn = relay();
    here = openProcess({ url: database.url, ice: turn.ice });
  });
  afterEach(() => here.stop());
  afterAll(() => database.drop());

  const opened = async (...people: string[]) => {
    const roomId = await here.room({ people });
    return { roomId, edge: await openEdge(here.rooms.door, roomId) };
  };
  type Edge = Awaited<ReturnType<typeof opened>>['edge'];
  /** In the call, with credentials. */
  const inCall = async (edge: Edge, personId: string) => {
    const socket = await edge.socket(personId, 'webrtc');
    socket.send({ t: 'join', d: { publish: true } });
    await socket.next('peers', ({ iceServers }) => iceServers !== undefined);
    return socket;
  };
  const username = (frame: { d: Record<string, unknown> }) => (frame.d['iceServers'] as { username: string }[])[0]?.username;

  it('gives who joins again the credentials that they have, and nobody else\'s', async () => {
    const { edge } = await opened('a', 'b');
    const [one, other] = [await inCall(edge, 'a'), await inCall(edge, 'b')];
    for (let i = 0; i < 3; i += 1) one.send({ t: 'join', d: { publish: true } });
    await eventually(() => one.frames.filter(({ t, d }) => t === 'peers' && d['iceServers'] !== undefined).length === 4);
    const names = (socket: typeof one) => new Set(socket.frames.filter(({ t, d }) => t === 'peers' && d['iceServers'] !== undefined).map(username));
    expect([names(one), names(other)]).toEqual([new Set(['a-1']), new Set(['b-2'])]);
    expect(turn.given).toEqual(['a-1', 'b-2']);
  });

  it('has six senders; one more is told so, watches, and sends when one of them goes', async () => {
    const people = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { edge } = await opened(...people);
    const senders = [];
    for (const one of people.slice(0, 6)) senders.push(await inCall(edge, one));
    expect(senders.map(({ frames }) => frames.some(({ t }) => t === 'error'))).toEqual(Array(6).fill(false));
    const seventh = await edge.socket('g', 'webrtc');
    seventh.send({ t: 'join', id: 'j1', d: { publish: true, mediaState: { video: true, audio: false, screen: false } } });
    expect((await seventh.next('error')).d).toMatchObject({ code: 'publisherLimit', retryable: true, ref: 'j1' });
    expect((await seventh.next('peers')).d).toMatchObject({ publisher: false, maxPublishers: 6 });
    expect((await senders[0]!.next('peers', ({ peers }) => (peers as object[]).length === 6)).d['peers']).toContainEqual(
      expect.objectContaining({ personId: 'g', publisher: false, mediaState: { video: false, audio: false, screen: false } }),
    );
    seventh.send({ t: 'mediaState', id: 'm1', d: { video: false, audio: true, screen: false } });
    expect((await seventh.next('error', ({ ref }) => ref === 'm1')).d).toMatchObject({ code: 'publisherLimit' });
    expect(senders[0]!.frames.some(({ t }) => t === 'mediaState')).toBe(false);

    senders[5]!.send({ t: 'leave' });
    seventh.send({ t: 'join', d: { publish: true } });
    await seventh.next('peers', ({ publisher }) => publisher === true);
  });

  it('takes TURN credentials back from who leaves the call or the room, and leaves them to who only lost the line', async () => {
    const { roomId, edge } = await opened('ann', 'bob', 'cyd');
    const [ann, bob, cyd] = [await inCall(edge, 'ann'), await inCall(edge, 'bob'), await inCall(edge, 'cyd')];
    expect(turn.given).toEqual(['ann-1', 'bob-2', 'cyd-3']);
    ann.send({ t: 'leave' });
    expect(turn.revoked).toEqual(['ann-1']);
    await here.command(roomId, 'bob', { type: 'leave', personId: 'bob' });
    expect([bob.closed, turn.revoked]).toEqual([4403, ['ann-1', 'bob-2']]);
    cyd.detach();
    expect(turn.revoked).toEqual(['ann-1', 'bob-2']);
    expect(username(await (await inCall(edge, 'cyd')).next('peers', ({ iceServers }) => iceServers !== undefined))).toBe('cyd-4');
  });

  it('takes all of them back from who is kicked: of sockets before, and those that come only now', async () => {
    const { roomId, edge } = await opened('ann');
    for (let i = 0; i < 2; i += 1) (await inCall(edge, 'ann')).detach();
    const ann = await edge.socket('ann', 'webrtc');
    const release = turn.hold();
    ann.send({ t: 'join', d: { publish: false } });
    await eventually(() => turn.given.length === 3);
    await here.command(roomId, 'host', { type: 'kick', personId: 'ann', reason: '' });
    expect([ann.closed, turn.revoked]).toEqual([4100, ['ann-1', 'ann-2']]);
    release();
    await eventually(() => turn.revoked.length === 3);
    expect(turn.revoked).toEqual(turn.given);
    expect(ann.frames.filter(({ t, d }) => t === 'peers' && d['iceServers'] !== undefined)).toEqual([]);
  });

  it('takes them back from who is kicked while their line is down', async () => {
    const { roomId, edge } = await opened('ann');
    (await inCall(edge, 'ann')).detach();
    await here.command(roomId, 'host', { type: 'kick', personId: 'ann', reason: '' });
    expect(turn.revoked).toEqual(['ann-1']);
  });

  it('asks one or all to mute, by the host\'s word alone', async () => {
    const { edge } = await opened('ann', 'bob', 'gone');
    const [host, ann, bob] = [await edge.socket('host', 'system'), await edge.socket('ann', 'system'), await edge.socket('bob', 'system')];
    const asked = (one: typeof host) => one.frames.flatMap(({ t, d }) => (t === 'muteRequest' ? [d] : []));
    host.send({ t: 'muteRequest', d: { personId: 'ann', kind: 'video' } });
    await ann.next('muteRequest');
    host.send({ t: 'muteRequest', d: { kind: 'audio' } });
    await bob.next('muteRequest');
    expect([asked(host), asked(ann), asked(bob)]).toEqual([[], [{ from: 'host', kind: 'video' }, { from: 'host', kind: 'audio' }], [{ from: 'host', kind: 'audio' }]]);
    ann.send({ t: 'muteRequest', id: 'm1', d: { kind: 'audio' } });
    expect((await ann.next('error')).d).toMatchObject({ code: 'forbidden', retryable: false, ref: 'm1' });
    host.send({ t: 'muteRequest', id: 'm2', d: { personId: 'nobody', kind: 'audio' } });
    expect((await host.next('error')).d).toMatchObject({ code: 'participantNotHere', ref: 'm2' });
    expect([asked(host).length, asked(ann).length, asked(bob).length]).toEqual([0, 2, 1]);
  });
});
