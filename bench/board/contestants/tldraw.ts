import { WebSocket } from 'ws';
import type { BoardClient, ConnectOptions, Contestant } from '../contestant.ts';
import { markOf } from '../marks.ts';
import { importPeer, startPeer } from './peerServer.ts';
import { countTraffic } from './traffic.ts';

type Schema = {
  createTLSchema(): { serialize(): object };
  InstancePresenceRecordType: { create(record: object): Record<string, unknown> };
};
type Pushed = { data: { type: string; clientClock: number; action: unknown }[] };

/** tldraw's sync rooms on SQLite at full sync. It sends at most every 16.7 ms, by a timer. */
export const tldraw: Contestant = {
  name: 'tldraw',
  durability: 'acknowledged after the commit (SQLite, synchronous=full)',
  acknowledges: true,
  async start(folder) {
    const schema = await importPeer<Schema>('@tldraw/tlschema/dist-esm/index.mjs');
    const serialized = schema.createTLSchema().serialize();
    return startPeer('tldraw.mjs', folder, (port, options) => connect(schema, serialized, port, options));
  },
};

function connect(schema: Schema, serialized: object, port: number, { room, client: nth, heard, padding = 0 }: ConnectOptions): Promise<BoardClient> {
  const session = `c${nth}-${crypto.randomUUID().slice(0, 8)}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${room}?session=${session}`, { perMessageDeflate: false });
  const traffic = countTraffic(socket, heard);
  const pad = 'x'.repeat(padding);
  const unanswered = new Map<number, number[]>();
  let clock = 0;
  let pieces = '';
  const cursor = { type: 'default', rotation: 0 };
  const presence = schema.InstancePresenceRecordType.create({ id: `instance_presence:${session}`, currentPageId: 'page:page', userId: `user:${session}`, userName: session, cursor: { ...cursor, x: 0, y: 0 } });
  const send = (value: object) => socket.send(JSON.stringify(value));
  const alive = setInterval(() => socket.readyState === WebSocket.OPEN && send({ type: 'ping' }), 5_000);
  socket.on('close', () => clearInterval(alive));
  socket.on('open', () => send({ type: 'connect', connectRequestId: session, lastServerClock: -1, protocolVersion: 8, schema: serialized }));

  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the server closed the connection with ${code}`)));
    socket.on('message', (raw: Buffer) => {
      let text = raw.toString('latin1');
      // A long message comes in pieces, numbered down to 0.
      const piece = /^(\d+)_/.exec(text.slice(0, 12));
      if (piece) {
        pieces += text.slice(piece[0].length);
        if (piece[1] !== '0') return;
        text = pieces;
        pieces = '';
      }
      if (text.startsWith('{"type":"connect"')) {
        heard.data(text, true);
        resolve(client);
      } else if (text.startsWith('{"type":"data"')) {
        if (text.includes('"push_result"')) answer(JSON.parse(text) as Pushed);
        heard.data(text, false);
      }
    });
    const answer = ({ data }: Pushed) => {
      for (const { type, clientClock, action } of data) {
        if (type !== 'push_result') continue;
        const ids = unanswered.get(clientClock) ?? [];
        unanswered.delete(clientClock);
        // A put of a shape that is there is taken as the difference between the two.
        if (ids.length > 0 && action === 'discard') throw new Error(`tldraw did not take the push of op ${ids.join(', ')}`);
        heard.acked(ids);
      }
    };
    const client: BoardClient = {
      ...traffic,
      send(ops) {
        const diff = Object.fromEntries(ops.map(({ id, shape }) => [`shape:${shape}`, ['put', {
          id: `shape:${shape}`, typeName: 'shape', type: 'frame', x: 1, y: 2, rotation: 0, index: 'a1', parentId: 'page:page', isLocked: false, opacity: 1,
          props: { w: 120, h: 80, name: `${markOf(id)}${pad}`, color: 'black' }, meta: {},
        }]]));
        unanswered.set(clock, ops.map(({ id }) => id));
        send({ type: 'push', clientClock: clock, diff });
        clock += 1;
      },
      point(x, y) {
        send({ type: 'push', clientClock: clock, presence: ['put', { ...presence, cursor: { ...cursor, x, y } }] });
        clock += 1;
      },
    };
  });
}
