import { aGroup, startEdgeServer, type EdgeServer } from './support/edgeServer.ts';
import { eventually } from '../../support/eventually.ts';
import type { RoomSocket } from './support/roomClient.ts';

const undo = (seq: number) => ({ t: 'undo', d: { seq } });
const pointer = (x: number) => ({ t: 'pointer', d: { page: 'page-1', x, y: 0 } });

describe('what a client may send', () => {
  let edge: EdgeServer;
  const start = async (limits: Parameters<typeof startEdgeServer>[0] = {}) => { edge = await startEdgeServer(limits); };
  afterEach(() => edge.stop());

  it.each<[string, 'board' | 'system' | 'webrtc', string | Buffer]>([
    ['no JSON', 'board', '{'],
    ['no envelope', 'board', '[]'],
    ['no t', 'board', '{"d":{}}'],
    ['a t that is no text', 'system', '{"t":{"a":1}}'],
    ['bytes', 'board', Buffer.from('{"t":"undo","d":{"seq":1}}')],
    ['a known message with a field of the wrong type', 'board', '{"t":"undo","d":{"seq":"1"}}'],
    ['a known message without its content', 'webrtc', '{"t":"offer"}'],
    ['a NUL in a text', 'system', '{"t":"chat","d":{"text":"a\\u0000b"}}'],
    ['half a surrogate pair', 'system', '{"t":"chat","d":{"text":"\\ud83d"}}'],
  ])('closes with 4400 for %s', async (_what, channel, message) => {
    await start();
    const client = channel === 'board' ? await edge.board() : await edge.enter(channel);
    await client.opened;
    client.send(message);
    expect((await client.closed).code).toBe(4400);
    expect(edge.script.received).toEqual([]);
  });

  it('closes with 4400 for text that is no UTF-8', async () => {
    await start();
    const client = await edge.enter('system');
    await client.opened;
    client.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
    expect((await client.closed).code).toBe(4400);
  });

  it('answers a message that it does not know, and goes on', async () => {
    await start();
    const client = await edge.board();
    client.send({ t: 'teleport', id: 'm-7', d: { anything: [1] } });
    expect((await client.next('error')).d).toMatchObject({ code: 'unknownMessage', retryable: false, ref: 'm-7' });
    client.send({ t: 'chat', id: 'm-8', d: { text: 'of another channel' } });
    await eventually(() => client.all('error').length === 2);
    client.send({ t: 'hello', id: 'm-9', d: { clientId: 'c-2', lastVersion: 0 } });
    await eventually(() => client.all('error').length === 3);
    expect(client.all('error').map(({ d }) => [d['code'], d['ref']])).toEqual([['unknownMessage', 'm-7'], ['unknownMessage', 'm-8'], ['alreadyGreeted', 'm-9']]);
    client.send(undo(1));
    await eventually(() => edge.script.received.length === 1);
  });

  it('takes from a message only what the protocol has: who sends is not theirs to say', async () => {
    await start();
    const client = await edge.board('student-1');
    client.send({ t: 'undo', from: 'teacher-1', personId: 'teacher-1', d: { seq: 1, personId: 'teacher-1', from: 'teacher-1', ['__proto__']: { admin: true } } });
    client.send('{"t":"undo","d":{"seq":2,"__proto__":{"admin":true}}}');
    await eventually(() => edge.script.received.length === 2);
    expect(edge.script.received.map(({ message }) => message)).toEqual([undo(1), undo(2)]);
    expect(edge.script.attached[0]).toMatchObject({ personId: 'student-1' });
  });

  it('closes with 1009 for a frame over 256 KB on board, over 64 KB elsewhere; takes one of 200 KB', async () => {
    await start();
    const big = (bytes: number) => ({ t: 'undo', d: { seq: 1 }, pad: 'x'.repeat(bytes) });
    const board = await edge.board();
    board.send(big(200 * 1024));
    await eventually(() => edge.script.received.length === 1);
    board.send(big(257 * 1024));
    expect((await board.closed).code).toBe(1009);
    const system = await edge.enter('system');
    await system.opened;
    system.send({ t: 'ping', d: {}, pad: 'x'.repeat(65 * 1024) });
    expect((await system.closed).code).toBe(1009);
  });

  it('slows a flood of ops to its rate after the burst, loses none, and keeps their order', async () => {
    await start({ limits: { opsPerSecond: 100, opsBurst: 50 } });
    const client = await edge.board();
    const began = performance.now();
    for (let seq = 1; seq <= 150; seq++) client.send(undo(seq));
    await eventually(() => edge.script.received.length >= 50);
    expect(edge.script.received.length).toBeLessThan(80);
    await eventually(() => edge.script.received.length === 150);
    expect(performance.now() - began).toBeGreaterThan(850);
    expect(edge.script.received.map(({ message }) => (message.d as { seq: number }).seq)).toEqual(Array.from({ length: 150 }, (_, i) => i + 1));
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('closes with 4429 whoever keeps up the excess', async () => {
    await start({ limits: { opsPerSecond: 100, opsBurst: 20, excessMs: 300 } });
    const client = await edge.board();
    for (let seq = 1; seq <= 200; seq++) client.send(undo(seq));
    expect(await client.closed).toEqual({ code: 4429, reason: 'tooFast' });
    expect(edge.script.received.length).toBeLessThan(80);
  });

  it('drops pointers over their rate, and lets ops pass beside them', async () => {
    await start({ limits: { pointersPerSecond: 30, pointersBurst: 10, framesPerSecond: 10_000, framesBurst: 10_000 } });
    const client = await edge.board();
    for (let x = 0; x < 200; x++) client.send(pointer(x));
    client.send(undo(1));
    await eventually(() => edge.script.received.some(({ message }) => message.t === 'undo'));
    expect(edge.script.received.filter(({ message }) => message.t === 'pointer').length).toBeLessThan(25);
    const [, dropped] = /lectern_socket_drops_total\{why="tooFast"\} (\d+)/.exec(await edge.metrics.text()) ?? [];
    expect(Number(dropped)).toBeGreaterThan(174);
  });

  it('holds back whoever floods with pointers alone, and closes with 4429 in the end', async () => {
    await start({ limits: { framesPerSecond: 100, framesBurst: 50, excessMs: 300 } });
    const client = await edge.board();
    for (let x = 0; x < 500; x++) client.send(pointer(x));
    expect((await client.closed).code).toBe(4429);
  });

  it('caps the sockets of a person and of a room with 4429', async () => {
    await start({ limits: { socketsPerPerson: 2, socketsPerRoom: 3 } });
    await edge.board('a');
    await (await edge.enter('system', 'a')).next('status');
    expect((await edge.enter('system', 'a').then((socket) => socket.closed)).code).toBe(4429);
    await edge.board('b');
    expect((await edge.enter('system', 'c').then((socket) => socket.closed)).code).toBe(4429);
  });

  it('answers ping by itself', async () => {
    await start();
    const client = await edge.enter('system');
    await client.next('status');
    client.send({ t: 'ping', d: { at: 12 } });
    expect((await client.next('pong')).d).toMatchObject({ at: 12, serverTime: expect.any(String) as string });
    expect(edge.script.received).toEqual([]);
  });

  it('asks for a new room token long before the old one ends', async () => {
    await start({ limits: { tokenRefreshMs: 100, sweepMs: 20 } });
    const client = await edge.enter('system');
    const { d } = await client.next('tokenRefresh');
    expect(Date.parse(d['expiresAt'] as string)).toBeGreaterThan(Date.now() - 1_000);
  });

  it('closes with 4408 who answers no ping, and keeps who does', async () => {
    await start({ limits: { pingEveryMs: 100, sweepMs: 20 } });
    const silent = await edge.enter('system', 'silent', { autoPong: false });
    const alive = await edge.enter('system', 'alive');
    await alive.next('status');
    const began = performance.now();
    expect(await silent.closed).toEqual({ code: 4408, reason: 'idle: silent' });
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('does not read the board\'s sockets while the owner says so, and loses nothing', async () => {
    await start();
    const clients: RoomSocket[] = [await edge.board('a'), await edge.board('b')];
    const system = await edge.enter('system', 'a');
    await system.next('status');
    edge.script.edge().holdReading(true);
    for (const client of clients) for (let seq = 1; seq <= 10; seq++) client.send(undo(seq));
    const late = await edge.board('c'); // it may come in, and is not read either
    late.send(undo(1));
    system.send({ t: 'raiseHand', d: { raised: true } });
    await eventually(() => edge.script.received.length > 0);
    expect(edge.script.received.map(({ message }) => message.t)).toEqual(['raiseHand']);
    edge.script.edge().holdReading(false);
    await eventually(() => edge.script.received.length === 22);
  });

  it('closes with 1012 when its owner is lost, and opens a new door for who comes then', async () => {
    await start();
    const client = await edge.board();
    edge.script.edge().lost();
    expect(await client.closed).toEqual({ code: 1012, reason: 'restarting' });
    edge.log.push(aGroup(1));
    edge.script.version = 1;
    const again = await edge.board('student-1', { lastVersion: 0 });
    await again.next('ops');
    expect(edge.script.edges).toHaveLength(2);
  });

  it('closes one socket with any code when the owner says so', async () => {
    await start();
    for (const code of [4100, 4409, 4410, 4403, 1013] as const) {
      const client = await edge.board();
      edge.script.edge().toOne(edge.script.attached.at(-1)!.connectionId, JSON.stringify({ t: 'saving', d: { saving: true } }), 'control');
      edge.script.edge().close(edge.script.attached.at(-1)!.connectionId, code);
      expect((await client.closed).code).toBe(code);
      expect(client.all('saving')).toHaveLength(1); // what was said before the close arrives before it
    }
  });

  it('tells everybody and closes with 1012 when the server stops, also over a client that never answers the close', async () => {
    await start({ limits: { closeWithinMs: 200, sweepMs: 50 } });
    const board = await edge.board();
    const system = await edge.enter('system');
    await system.next('status');
    const deaf = await edge.board('deaf');
    deaf.socket.pause();
    await edge.server.drain({ withinMs: 2_000 });
    expect((await board.closed).code).toBe(1012);
    expect((await system.closed).code).toBe(1012);
    expect(system.all('goingAway')).toHaveLength(1);
    expect(edge.script.detached).toHaveLength(3);
  });
});
