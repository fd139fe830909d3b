import path from 'node:path';
import { WebSocket } from 'ws';
import type { BoardClient, ConnectOptions, Contestant } from '../contestant.ts';
import { markOf } from '../marks.ts';
import { startPeer } from './peerServer.ts';
import { countTraffic } from './traffic.ts';

/** No product, but what ws and one INSERT a batch can do on this machine, in the same run. */
export const limit: Contestant = {
  name: 'ws and INSERT alone',
  durability: 'acknowledged after the commit (PostgreSQL, fsync on)',
  acknowledges: true,
  start: (folder) => startPeer(path.resolve(import.meta.dirname, '../limitServer.ts'), path.join(folder, 'limit'), connect),
};

function connect(port: number, { room, heard, padding = 0 }: ConnectOptions): Promise<BoardClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${room}`, { perMessageDeflate: false });
  const traffic = countTraffic(socket, heard);
  const pad = 'x'.repeat(padding);
  const unanswered: number[][] = [];
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the server closed the connection with ${code}`)));
    socket.on('message', (raw: Buffer) => {
      const text = raw.toString('latin1');
      if (text === 'welcome') {
        heard.data('', true);
        resolve(client);
      } else if (text.startsWith('ack ')) heard.acked(unanswered.shift() ?? []);
      else heard.data(text, false);
    });
    const client: BoardClient = {
      ...traffic,
      send(ops) {
        unanswered.push(ops.map(({ id }) => id));
        socket.send(JSON.stringify({ ops: ops.map(({ id, shape }) => ({ id: shape, x: 1, y: 2, w: 120, h: 80, text: `${markOf(id)}${pad}` })) }));
      },
      point: () => undefined,
    };
  });
}
