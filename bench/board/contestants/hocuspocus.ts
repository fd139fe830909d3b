import path from 'node:path';
import { WebSocket } from 'ws';
import type { BoardClient, ConnectOptions, Contestant } from '../contestant.ts';
import { startPeer } from './peerServer.ts';
import { countTraffic } from './traffic.ts';
import { awareness, loadYjs, type Encoder } from './yjs.ts';

/** Types of Hocuspocus' messages, and of the sync messages of Yjs inside type 0. Source: both packages' documentation. */
const message = { sync: 0, awareness: 1, auth: 2, syncStatus: 8 };
const sync = { step1: 0, step2: 1, update: 2 };

/** Hocuspocus as shipped: stored 2 to 10 s after the first change that is not. */
export const hocuspocus: Contestant = {
  name: 'Hocuspocus',
  durability: 'acknowledged in memory, stored 2 to 10 s later',
  acknowledges: true,
  async start(folder) {
    const yjs = await loadYjs();
    return startPeer('hocuspocus.mjs', path.join(folder, 'documents.sqlite'), (port, options) => connect(yjs, port, options));
  },
};

function connect({ encoding, emptyVector, writer }: Awaited<ReturnType<typeof loadYjs>>, port: number, { room, heard, padding = 0 }: ConnectOptions): Promise<BoardClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const traffic = countTraffic(socket, heard);
  const board = writer('x'.repeat(padding));
  const unanswered: number[][] = [];
  const nameLength = 1 + Buffer.byteLength(room);
  let clock = 0;
  let isThere = false;
  const frame = (type: number, write: (encoder: Encoder) => void) => {
    const encoder = encoding.createEncoder();
    encoding.writeVarString(encoder, room);
    encoding.writeVarUint(encoder, type);
    write(encoder);
    return encoding.toUint8Array(encoder);
  };
  socket.on('open', () => {
    socket.send(frame(message.auth, (encoder) => {
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarString(encoder, 'anybody');
    }));
    socket.send(frame(message.sync, (encoder) => {
      encoding.writeVarUint(encoder, sync.step1);
      encoding.writeVarUint8Array(encoder, emptyVector());
    }));
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the server closed the connection with ${code}`)));
    socket.on('message', (bytes: Buffer) => {
      const type = bytes[nameLength];
      if (type === message.syncStatus) heard.acked(unanswered.shift() ?? []);
      else if (type === message.sync && bytes[nameLength + 1] !== sync.step1) {
        const initial = bytes[nameLength + 1] === sync.step2 && !isThere;
        isThere ||= initial;
        heard.data(bytes.toString('latin1'), initial);
        if (initial) resolve(client);
      }
    });
    const client: BoardClient = {
      ...traffic,
      send(ops) {
        unanswered.push(ops.map(({ id }) => id));
        socket.send(frame(message.sync, (encoder) => {
          encoding.writeVarUint(encoder, sync.update);
          encoding.writeVarUint8Array(encoder, board.update(ops));
        }));
      },
      point: (x, y) => socket.send(frame(message.awareness, (encoder) => encoding.writeVarUint8Array(encoder, awareness(encoding, board.clientId, (clock += 1), { pointer: { x, y } })))),
    };
  });
}
