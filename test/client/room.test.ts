import { createHash } from 'node:crypto';
import { freshId, openRoom, ownSurroundings, zBetween, type OpenRoom, type Op, type Surroundings } from '../../client/index.ts';
import type { Channel } from '../../src/commands/rooms/protocol/envelope.ts';
import { docLines } from '../../src/domain/board/index.ts';
import { startLessonServer, type LessonServer, type Person } from '../browser/support/lessonServer.ts';
import { whyNotPublished } from '../http/ws/support/checkFrames.ts';
import { startCuttingProxy, type CuttingProxy } from '../support/cuttingProxy.ts';
import { eventually } from '../support/eventually.ts';

/** What crossed the sockets and is not in the published document. */
const unpublished: string[] = [];
let frames = 0;

/** The real ones, with every frame held against the AsyncAPI document. */
const watched = (): Surroundings => {
  const own = ownSurroundings();
  return {
    ...own,
    socket(url, protocols) {
      const channel = new URL(url).pathname.split('/').at(-1) as Channel;
      const socket = own.socket(url, protocols);
      const check = (by: 'client' | 'server', text: unknown): void => {
        frames++;
        const why = whyNotPublished(channel, by, String(text));
        if (why !== undefined) unpublished.push(`${channel} ${by}: ${why} in ${String(text).slice(0, 300)}`);
      };
      const send = socket.send.bind(socket);
      socket.send = (text) => {
        check('client', text);
        send(text);
      };
      (socket as unknown as WebSocket).addEventListener('message', ({ data }) => check('server', data));
      return socket;
    },
  };
};

const rectangle = (x: number): Op => ({ op: 'shape.add', shape: { id: freshId(), type: 'rectangle', page: 'page-1', layer: 'layer-1', x, y: 0, width: 10, height: 10, rotation: 0, scale: 1, z: zBetween(null, null), locked: false, style: { color: '#112233', width: 1 } } });
/** Of all that is on the board; in whose hands a shape was says in which order its fields are, so that is left out. */
function fingerprint({ board }: OpenRoom): string {
  const sorted = (_key: string, value: unknown): unknown => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value);
  const { doc, version } = board.confirmed();
  const lines = [...docLines(version, doc)].map((line) => JSON.stringify(JSON.parse(line), sorted));
  return `version ${version}, ${doc.shapes.size} shapes, ${createHash('sha256').update(lines.join()).digest('hex')}`;
}

describe('the client and a real server', () => {
  let server: LessonServer;
  let proxy: CuttingProxy;
  let olena: Person;
  let bohdan: Person;
  const open: OpenRoom[] = [];

  beforeAll(async () => {
    server = await startLessonServer();
    proxy = await startCuttingProxy(server.url);
    [olena, bohdan] = await Promise.all([server.person('Olena Koval', 'teacher'), server.person('Bohdan Shevchenko', 'student')]);
  }, 60_000);
  afterEach(() => {
    for (const room of open.splice(0)) room.close();
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.stop();
  });
  const enter = async (roomId: string, { token }: Person): Promise<OpenRoom> => {
    const room = await openRoom({ baseUrl: proxy.url, roomId, token, surroundings: watched() });
    open.push(room);
    await eventually(() => room.board.live());
    return room;
  };
  const saved = (...rooms: OpenRoom[]) => eventually(() => rooms.every(({ board }) => board.live() && board.unsaved() === 0), { timeoutMs: 25_000 });

  it('agree on every group, undo included, in frames that are published', async () => {
    const roomId = await server.room(olena, 'Together', [bohdan]);
    const [a, b] = [await enter(roomId, olena), await enter(roomId, bohdan)];
    for (let i = 0; i < 40; i++) {
      a.board.apply([rectangle(i)]);
      b.board.apply([rectangle(-i)]);
      if (i % 10 === 9) a.board.undo();
    }
    await saved(a, b);
    await eventually(() => a.board.confirmed().version === 84 && b.board.confirmed().version === 84);
    expect(a.board.view().shapes.size).toBe(76);
    expect(fingerprint(a)).toBe(fingerprint(b));

    b.system.raiseHand(true);
    await eventually(() => a.system.people().get(bohdan.id)?.handRaised);
    a.system.say('Well done!');
    await eventually(() => b.system.chat().some(({ text, name }) => text === 'Well done!' && name === 'Olena Koval'));
    b.board.pointer({ page: 'page-1', x: 3, y: 4 });
    await eventually(() => [...a.board.presence.people()].some(({ personId, pointer }) => personId === bohdan.id && pointer?.x === 3));
    expect([...b.board.presence.people()].every(({ personId }) => personId !== bohdan.id)).toBe(true);
    expect(unpublished).toEqual([]);
    expect(frames).toBeGreaterThan(90);
  });

  it('lose nothing and double nothing when lines break and the server is killed in the middle', async () => {
    const roomId = await server.room(olena, 'Rough', [bohdan]);
    const [a, b] = [await enter(roomId, olena), await enter(roomId, bohdan)];
    const dropped: string[] = [];
    for (const { board } of [a, b]) board.on('dropped', ({ code }) => dropped.push(code));
    for (let i = 0; i < 60; i++) {
      a.board.apply([rectangle(i)]);
      b.board.apply([rectangle(-i)]);
      if (i % 20 === 10) proxy.cut();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await saved(a, b);
    for (let i = 0; i < 30; i++) a.board.apply([rectangle(1_000 + i)]);
    await server.crash();
    for (let i = 0; i < 10; i++) b.board.apply([rectangle(2_000 + i)]);
    for (const room of [a, b]) room.nudge();
    await saved(a, b);
    expect(dropped).toEqual([]);
    // Beside what they drew there is the empty group by which a new owner makes the room its own.
    const { body: { groups } } = await server.ask(olena.token, 'GET', `/classroom/sessions/${roomId}/ops?from=0&limit=1000`) as { body: { groups: { personId: string; clientId: string; seq: number; ops: unknown[] }[] } };
    const drawn = groups.filter(({ ops }) => ops.length > 0).map(({ clientId, seq }) => `${clientId} ${seq}`);
    expect([drawn.length, new Set(drawn).size]).toEqual([160, 160]);
    await eventually(() => [a, b].every(({ board }) => board.confirmed().version === groups.length));
    expect(a.board.view().shapes.size).toBe(160);
    expect(fingerprint(a)).toBe(fingerprint(b));
    const late = await enter(roomId, olena); // a tab that was never here before
    expect(fingerprint(late)).toBe(fingerprint(a));
    expect(unpublished).toEqual([]);
  }, 60_000);

  it('are told why a viewer\'s group is refused, and that a kick is for good', async () => {
    const roomId = await server.room(olena, 'Kicked', [], [bohdan]);
    const room = await enter(roomId, bohdan);
    const codes: string[] = [];
    room.board.on('dropped', ({ code }) => codes.push(code));
    room.board.apply([rectangle(1)]);
    expect(room.board.view().shapes.size).toBe(1);
    await eventually(() => codes.length > 0);
    expect(codes).toEqual(['forbidden']);
    expect(room.board.view().shapes.size).toBe(0);
    await server.ask(olena.token, 'POST', `/classroom/sessions/${roomId}/kick/${bohdan.id}`, {});
    await eventually(() => room.board.channel.state().is === 'ended');
    expect(room.board.channel.state()).toMatchObject({ is: 'ended', reason: 'kicked' });
    await expect(openRoom({ baseUrl: server.url, roomId, token: bohdan.token })).rejects.toMatchObject({ status: 403, code: 'kickedOut' });
  });
});
