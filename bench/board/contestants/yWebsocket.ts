import path from 'node:path';
import { WebSocket } from 'ws';
import type { BoardClient, ConnectOptions, Contestant } from '../contestant.ts';
import { startPeer } from './peerServer.ts';
import { countTraffic } from './traffic.ts';
import { awareness, loadYjs, type Encoder } from './yjs.ts';

const message = { sync: 0, awareness: 1 };
const sync = { step1: 0, step2: 1, update: 2 };

/** y-websocket 2.1, the last with a server: writes to LevelDB without waiting for it, and acknowledges nothing. */
export const yWebsocket: Contestant = {
  name: 'y-websocket',
  durability: 'written, not awaited, never acknowledged',
  acknowledges: false,
  async start(folder) {
    const yjs = await loadYjs();
    return startPeer('yWebsocket.mjs', path.join(folder, 'leveldb'), (port, options) => connect(yjs, port, options));
  },
};

function connect({ encoding, emptyVector, writer }: Awaited<ReturnType<typeof loadYjs>>, port: number, { room, heard, padding = 0 }: ConnectOptions): Promise<BoardClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${room}`, { perMessageDeflate: false });
  const traffic = countTraffic(socket, heard);
  const board = writer('x'.repeat(padding));
  let clock = 0;
  let isThere = false;
  const frame = (write: (encoder: Encoder) => void) => {
    const encoder = encoding.createEncoder();
    write(encoder);
    return encoding.toUint8Array(encoder);
  };
  const syncFrame = (type: number, payload: Uint8Array) => frame((encoder) => {
    encoding.writeVarUint(encoder, message.sync);
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint8Array(encoder, payload);
  });
  socket.on('open', () => socket.send(syncFrame(sync.step1, emptyVector())));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code) => reject(new Error(`the server closed the connection with ${code}`)));
    socket.on('message', (bytes: Buffer) => {
      if (bytes[0] !== message.sync || bytes[1] === sync.step1) return;
      // The board that LevelDB has comes after the answer to step 1, as an update like any other.
      const initial = bytes[1] === sync.step2 && !isThere;
      isThere ||= initial;
      heard.data(bytes.toString('latin1'), initial);
      if (initial) resolve(client);
    });
    const client: BoardClient = {
      ...traffic,
      send: (ops) => socket.send(syncFrame(sync.update, board.update(ops))),
      point: (x, y) => socket.send(frame((encoder) => {
        encoding.writeVarUint(encoder, message.awareness);
        encoding.writeVarUint8Array(encoder, awareness(encoding, board.clientId, (clock += 1), { pointer: { x, y } }));
      })),
    };
  });
}
