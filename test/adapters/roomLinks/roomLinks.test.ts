import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createEdgeEnd, type EdgeEndTimes } from '../../../src/adapters/roomLinks/edgeEnd.ts';
import { createHandshake, nodeSecretFrom } from '../../../src/adapters/roomLinks/handshake.ts';
import { createOwnerEnd } from '../../../src/adapters/roomLinks/ownerEnd.ts';
import type { Broadcast, EdgeSide, OwnerSide, RoomDoor } from '../../../src/commands/rooms/roomLink.ts';
import { DomainError } from '../../../src/domain/kernel/domainError.ts';
import { EventStoreError } from '../../../src/ports/eventStore.ts';
import { eventually } from '../../support/eventually.ts';

const secret = nodeSecretFrom('a master key of the tests');
/** RFC 6455, section 1.3. */
const accept = (key: string) => createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
const log = { warn: () => undefined };
const context = { commandId: 'c', correlationId: 'c', causationId: 'c', actor: { id: 'p', role: 'teacher' } };
const connection = (connectionId: string) => ({ connectionId, channel: 'board' as const, personId: 'p', name: 'P', deviceId: 'd' });

/** An owner that writes down what it is told and says what the test wants said. */
function recordingDoor() {
  const heard: unknown[] = [];
  const edges: EdgeSide[] = [];
  const script = { refuseOpen: undefined as Error | undefined, onAttach: (_edge: EdgeSide): void => undefined, decided: Promise.resolve(), execute: (): Promise<never> => Promise.reject(new DomainError('forbidden', 'not you', { needs: 'host' })) };
  const door: RoomDoor = {
    open(roomId, edge) {
      if (script.refuseOpen) return Promise.reject(script.refuseOpen);
      edges.push(edge);
      const side: OwnerSide = {
        async attach(one, hello) {
          heard.push(['attach', roomId, one.connectionId, hello]);
          script.onAttach(edge);
          await script.decided;
          return one.personId === 'stranger' ? { ok: false, code: 4403 } : { ok: true, version: 7, frames: ['{"t":"welcome"}'] };
        },
        receive: (connectionId, message, bytes) => void heard.push(['receive', connectionId, message, bytes]),
        detach: (connectionId) => void heard.push(['detach', connectionId]),
        close: () => void heard.push(['close']),
      };
      return Promise.resolve(side);
    },
    execute: (roomId, command, ctx, options) => {
      heard.push(['execute', roomId, command, ctx, options]);
      return script.execute();
    },
  };
  return { door, heard, edges, script };
}

function recordingEdge() {
  const heard: unknown[] = [];
  const side: EdgeSide = {
    toOne: (...all) => void heard.push(['toOne', ...all]), toAll: (broadcast: Broadcast) => void heard.push(['toAll', broadcast]), close: (...all) => void heard.push(['close', ...all]),
    holdReading: (hold) => void heard.push(['hold', hold]), lost: () => void heard.push(['lost']),
  };
  return { side, heard };
}

describe('the link between two nodes', () => {
  let server: Server;
  let url: string;
  let owner: ReturnType<typeof recordingDoor>;
  let ownerEnd: ReturnType<typeof createOwnerEnd>;
  let wires: Duplex[];
  const ends: { close(): void }[] = [];
  const edgeEnd = (times: Partial<EdgeEndTimes> = {}) => {
    const end = createEdgeEnd({ secret, log, times });
    ends.push(end);
    return end;
  };
  beforeEach(async () => {
    owner = recordingDoor();
    wires = [];
    ownerEnd = createOwnerEnd({ door: owner.door, secret, log });
    server = createServer();
    server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => {
      wires.push(wire);
      if (!ownerEnd.upgrade(request, wire, head)) wire.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end.close();
    await ownerEnd.drain();
    await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
  });

  it('carries everything both ways, as it is and in order', async () => {
    const edge = recordingEdge();
    const side = await edgeEnd().open(url, 'room-1', edge.side);
    expect(await side.attach(connection('k-1'), { clientId: 'c-1', lastVersion: 3, ackedSeq: 1 })).toEqual({ ok: true, version: 7, frames: ['{"t":"welcome"}'] });
    expect(await side.attach({ ...connection('k-2'), personId: 'stranger' })).toEqual({ ok: false, code: 4403 });
    side.receive('k-1', { t: 'undo', d: { seq: 1 } }, 31);
    side.detach('k-1');
    await eventually(() => owner.heard.length === 4);
    expect(owner.heard).toEqual([
      ['attach', 'room-1', 'k-1', { clientId: 'c-1', lastVersion: 3, ackedSeq: 1 }], ['attach', 'room-1', 'k-2', undefined], ['receive', 'k-1', { t: 'undo', d: { seq: 1 } }, 31], ['detach', 'k-1'],
    ]);
    const broadcast: Broadcast = { channel: 'board', lane: 'ops', frame: '{"t":"ops","d":"Привіт"}', versions: { from: 7, to: 9 }, inShort: [{ connectionId: 'k-1', from: 14, to: 22, text: '"Ї"' }], without: ['k-2'] };
    const [told] = owner.edges;
    told!.toOne('k-1', 'a', 'control');
    told!.toAll(broadcast);
    told!.holdReading(true);
    told!.close('k-1', 4100, 'out');
    told!.close('k-1', 4410);
    told!.lost();
    await eventually(() => edge.heard.length === 6);
    expect(edge.heard).toEqual([['toOne', 'k-1', 'a', 'control'], ['toAll', broadcast], ['hold', true], ['close', 'k-1', 4100, 'out'], ['close', 'k-1', 4410, undefined], ['lost']]);
  });

  it('lets whoever was attached go on before what was said right behind the answer', async () => {
    const edge = recordingEdge();
    const side = await edgeEnd().open(url, 'room-1', edge.side);
    owner.script.onAttach = (told) => setImmediate(() => { for (let n = 0; n < 3; n++) told.toOne('k-1', String(n), 'control'); });
    let heardBefore = -1;
    await side.attach(connection('k-1')).then(() => { heardBefore = edge.heard.length; });
    await eventually(() => edge.heard.length === 3);
    expect(heardBefore).toBe(0);
  });

  it('holds no connection of somebody who was challenged and does not go', async () => {
    const lingering = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true });
    const closed = once(lingering, 'close');
    lingering.on('error', () => undefined).write('GET /ws/nodes HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const [answer] = (await once(lingering, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 .*Lectern-Challenge: /s);
    await eventually(() => wires.every((wire) => wire.destroyed));
    lingering.destroy();
    await closed;
  });

  it('carries several rooms over one link, and forgets a room that was closed', async () => {
    const end = edgeEnd();
    const [one, two] = [recordingEdge(), recordingEdge()];
    const [first] = await Promise.all([end.open(url, 'room-1', one.side), end.open(url, 'room-2', two.side)]);
    expect(wires).toHaveLength(2); // one that was challenged, one that answered
    first.close();
    await eventually(() => owner.heard.length === 1);
    owner.edges[0]!.toOne('k', 'late', 'control');
    owner.edges[1]!.toOne('k', 'x', 'control');
    await eventually(() => two.heard.length === 1);
    expect(one.heard).toEqual([]);
  });

  it('carries refusals with their code and details, and what is none as what it is', async () => {
    const end = edgeEnd();
    await expect(end.execute(url, 'room-1', { name: 'decide', input: { type: 'start' } }, context, { ifMatch: 4 })).rejects.toEqual(new DomainError('forbidden', 'not you', { needs: 'host' }));
    expect(owner.heard).toEqual([['execute', 'room-1', { name: 'decide', input: { type: 'start' } }, context, { ifMatch: 4 }]]);
    owner.script.execute = () => Promise.reject(new EventStoreError('unavailable', 'away'));
    await expect(end.execute(url, 'room-1', { name: 'save', input: {} }, context)).rejects.toMatchObject({ name: 'EventStoreError', code: 'unavailable' });
    owner.script.execute = () => Promise.reject(new TypeError('oops'));
    await expect(end.execute(url, 'room-1', { name: 'save', input: {} }, context)).rejects.toThrow('oops');
    owner.script.refuseOpen = new DomainError('notOwner', 'not mine');
    await expect(end.open(url, 'room-1', recordingEdge().side)).rejects.toMatchObject({ code: 'notOwner' });
  });

  it('says that a node cannot be reached, and tries anew next time', async () => {
    const end = edgeEnd();
    await expect(end.open('http://127.0.0.1:9', 'room-1', recordingEdge().side)).rejects.toMatchObject({ name: 'DomainError', code: 'roomUnavailable' });
    await expect(end.execute('http://127.0.0.1:9', 'room-1', { name: 'save', input: {} }, context)).rejects.toMatchObject({ name: 'DomainError', code: 'roomUnavailable' });
    await end.open(url, 'room-1', recordingEdge().side);
  });

  it('loses its rooms when it is cut, on both ends; of a command under way the outcome is unknown', async () => {
    const end = edgeEnd();
    const edge = recordingEdge();
    const side = await end.open(url, 'room-1', edge.side);
    await side.attach(connection('k-1'));
    owner.script.execute = () => new Promise(() => undefined);
    const running = end.execute(url, 'room-1', { name: 'save', input: {} }, context);
    const refused = expect(running).rejects.toMatchObject({ name: 'EventStoreError', code: 'unknownOutcome' });
    await eventually(() => owner.heard.length === 2);
    for (const wire of wires) wire.destroy();
    await refused;
    await eventually(() => edge.heard.length === 1);
    expect(edge.heard).toEqual([['lost']]);
    await eventually(() => owner.heard.length === 4);
    expect(owner.heard.slice(2)).toEqual([['detach', 'k-1'], ['close']]);
    const again = await end.open(url, 'room-1', recordingEdge().side);
    await again.attach(connection('k-2'));
  });

  it('does not wait for ever for an owner who hangs: of the command the outcome is unknown, the rest goes on', async () => {
    const end = edgeEnd({ answerWithinMs: 400 });
    const edge = recordingEdge();
    const side = await end.open(url, 'room-1', edge.side);
    let answer: (error: Error) => void = () => undefined;
    owner.script.execute = () => new Promise((_resolve, reject) => { answer = reject; });
    await expect(end.execute(url, 'room-1', { name: 'decide', input: {} }, context)).rejects.toMatchObject({ name: 'EventStoreError', code: 'unknownOutcome' });
    const first = answer;
    const again = end.execute(url, 'room-1', { name: 'decide', input: {} }, { ...context, mayBeRepeat: true });
    const refused = expect(again).rejects.toMatchObject({ code: 'forbidden' });
    await eventually(() => owner.heard.length === 2);
    first(new DomainError('tooLate', 'nobody waits for this')); // is not taken for the answer to the second
    answer(new DomainError('forbidden', 'not you'));
    await refused;
    expect(await side.attach(connection('k-1'))).toMatchObject({ ok: true });
    expect(edge.heard).toEqual([]);
  });

  it('waits longer for commands about a whole board', async () => {
    const end = edgeEnd({ answerWithinMs: 50, wholeBoardWithinMs: 1_000 });
    owner.script.execute = async () => {
      await new Promise((resolve) => { setTimeout(resolve, 150); });
      throw new DomainError('forbidden', 'after a while');
    };
    for (const name of ['save', 'restore', 'importBoard']) await expect(end.execute(url, 'room-1', { name, input: {} }, context)).rejects.toMatchObject({ code: 'forbidden' });
    owner.script.execute = () => new Promise(() => undefined);
    await expect(end.execute(url, 'room-1', { name: 'save', input: {} }, context)).rejects.toMatchObject({ code: 'unknownOutcome' });
  });

  it.each<[string, (side: OwnerSide) => void, unknown[]]>([
    ['it is detached', (side) => side.detach('k-1'), [['detach', 'k-1']]],
    ['the edge closes the room', (side) => side.close(), [['detach', 'k-1'], ['close']]],
    ['the link is lost', () => { for (const wire of wires) wire.destroy(); }, [['detach', 'k-1'], ['close']]],
  ])('leaves no socket behind in the room when %s before the owner has taken it in', async (_what, ends, heard) => {
    let decide: () => void = () => undefined;
    owner.script.decided = new Promise((resolve) => { decide = resolve; });
    const side = await edgeEnd().open(url, 'room-1', recordingEdge().side);
    const attaching = side.attach(connection('k-1')).catch(() => undefined);
    await eventually(() => owner.heard.length === 1);
    ends(side);
    await eventually(() => owner.heard.length === 1 + heard.length);
    expect(owner.heard.slice(1)).toEqual(heard);
    decide();
    // Only now is there something to detach: what was said before came to a room that did not know the socket.
    await eventually(() => owner.heard.length === 2 + heard.length);
    expect(owner.heard.at(-1)).toEqual(['detach', 'k-1']);
    await attaching;
  });

  it('answers who attaches to a room that was just let go', async () => {
    const side = await edgeEnd().open(url, 'room-1', recordingEdge().side);
    owner.edges[0]!.lost();
    await expect(side.attach(connection('k-1'))).rejects.toMatchObject({ code: 'roomUnavailable' });
  });
});

describe('whoever wants to link', () => {
  const owner = recordingDoor();
  const ownerEnd = createOwnerEnd({ door: owner.door, secret, log });
  const server = createServer();
  let port: number;
  beforeAll(async () => {
    server.on('upgrade', (request: IncomingMessage, wire: Duplex, head: Buffer) => void ownerEnd.upgrade(request, wire, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => { await ownerEnd.drain(); await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }); });

  const upgrade = (headers: Record<string, string> = {}) => new Promise<IncomingMessage>((resolve, reject) => {
    const asked = httpRequest({ port, path: '/ws/nodes', headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': Buffer.alloc(16).toString('base64'), 'sec-websocket-protocol': 'lectern.nodes.v1', ...headers } });
    asked.once('response', (response) => { response.resume(); resolve(response); });
    asked.once('upgrade', (response, socket) => { socket.destroy(); resolve(response); });
    asked.once('error', reject);
    asked.end();
  });
  const challenge = async () => String((await upgrade()).headers['lectern-challenge']);

  it('gets no socket without the secret', async () => {
    expect((await upgrade()).statusCode).toBe(401);
    const stranger = createHandshake('another secret');
    expect((await upgrade({ 'lectern-answer': stranger.answer(await challenge()).header })).statusCode).toBe(401);
    await expect(createEdgeEnd({ secret: 'another secret', log }).open(`http://127.0.0.1:${port}`, 'room-1', recordingEdge().side)).rejects.toMatchObject({ code: 'roomUnavailable' });
    expect(owner.edges).toEqual([]);
  });

  it('gets none by an answer that was seen, to a challenge that nobody gave, or too late', async () => {
    const mine = createHandshake(secret);
    const { header, expects } = mine.answer(await challenge());
    const first = await upgrade({ 'lectern-answer': header });
    expect([first.statusCode, first.headers['lectern-proof']]).toEqual([101, expects]);
    expect((await upgrade({ 'lectern-answer': header })).statusCode).toBe(401);
    expect((await upgrade({ 'lectern-answer': mine.answer('made-up').header })).statusCode).toBe(401);
    let time = 0;
    const slow = createHandshake(secret, () => time);
    const late = slow.answer(slow.challenge()).header;
    time = 10_001;
    expect(slow.prove(late)).toBeUndefined();
  });

  it('crowds no node out, however many ask and never answer, from the address of the node itself', async () => {
    const mine = createHandshake(secret);
    const { header, expects } = mine.answer(await challenge());
    for (let asked = 0; asked < 1_100; asked += 50) await Promise.all(Array.from({ length: 50 }, () => challenge()));
    const proven = await upgrade({ 'lectern-answer': header });
    expect([proven.statusCode, proven.headers['lectern-proof']]).toEqual([101, expects]);
    expect((await upgrade({ 'lectern-answer': header })).statusCode).toBe(401); // and still only once
  });

  it('gets none by a challenge whose end it has moved, nor by one of another process', async () => {
    const mine = createHandshake(secret);
    const given = await challenge();
    expect(given.length).toBeLessThanOrEqual(100); // what a node takes
    const [nonce, until, signature] = given.split('~');
    const later = [nonce, Number(until) + 60_000, signature].join('~');
    for (const made of [later, mine.challenge()]) expect((await upgrade({ 'lectern-answer': mine.answer(made).header })).statusCode).toBe(401);
    expect((await upgrade({ 'lectern-answer': mine.answer(given).header })).statusCode).toBe(101);
  });

  it('does not talk to a node that cannot prove the secret', async () => {
    const impostor = createServer();
    impostor.on('upgrade', (request: IncomingMessage, wire: Duplex) => {
      if (request.headers['lectern-answer'] === undefined) return void wire.end('HTTP/1.1 401 Unauthorized\r\nLectern-Challenge: abc\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      wire.on('error', () => undefined).on('end', () => wire.end()).resume();
      const [, nonce] = String(request.headers['lectern-answer']).split('.');
      wire.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(String(request.headers['sec-websocket-key']))}\r\nSec-WebSocket-Protocol: lectern.nodes.v1\r\nLectern-Proof: ${nonce}\r\n\r\n`);
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    await expect(createEdgeEnd({ secret, log }).open(`http://127.0.0.1:${(impostor.address() as AddressInfo).port}`, 'room-1', recordingEdge().side)).rejects.toMatchObject({ code: 'roomUnavailable', message: expect.stringContaining('does not know') as string });
    await new Promise((resolve) => { impostor.close(resolve); impostor.closeAllConnections(); });
  });
});
