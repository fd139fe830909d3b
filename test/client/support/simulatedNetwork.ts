import { gunzipSync } from 'node:zlib';
import type { SocketLike, Surroundings } from '../../../client/index.ts';
import type { SimulatedRoom } from './simulatedRoom.ts';
import { createSimulatedTime } from './simulatedTime.ts';

/** Sockets whose frames wait in each direction until the test lets them through, and a clock that only the test moves. */
export type SimulatedNetwork = {
  surroundings: Surroundings;
  /** One frame on its way to the server, or to the client. @returns whether there was one */
  up(): boolean;
  down(): boolean;
  /** The line breaks: what is on its way is lost, in both directions. */
  cut(): void;
  /** Runs what is due next. @returns whether there was anything */
  tick(): boolean;
};

type Open = { up: string[]; down: (() => void)[]; socket: SocketLike; receive(message: { t: string; d: never }): void; gone(): void; state: 'connecting' | 'open' | 'closed' };

export function createSimulatedNetwork(room: SimulatedRoom, personId: string): SimulatedNetwork {
  let open: Open | undefined;
  const time = createSimulatedTime();

  const connect = (): SocketLike => {
    const own: Open = { up: [], down: [], state: 'connecting', receive: () => undefined, gone: () => undefined, socket: undefined as never };
    const socket: SocketLike = {
      bufferedAmount: 0, onopen: null, onmessage: null, onclose: null, onerror: null,
      send: (text) => void own.up.push(text),
      close: () => finish(own),
    };
    own.socket = socket;
    own.down.push(() => {
      own.state = 'open';
      const line = room.connect(personId, {
        send: (frame) => void own.down.push(() => socket.onmessage?.({ data: JSON.stringify(frame) })),
        close: (code) => void own.down.push(() => {
          finish(own);
          socket.onclose?.({ code, reason: '' });
        }),
      });
      own.receive = line.receive;
      own.gone = line.gone;
      socket.onopen?.(undefined as never);
    });
    open = own;
    return socket;
  };
  const finish = (own: Open): void => {
    if (own.state === 'closed') return;
    own.state = 'closed';
    own.gone();
    if (open === own) open = undefined;
  };

  return {
    surroundings: {
      ...time.clockwork,
      fetch: ((url: string) => Promise.resolve(new Response(gunzipSync(room.snapshotBody(Number(/\d+$/.exec(url)?.[0])))))) as typeof fetch,
      socket: connect,
    },
    up() {
      const frame = open?.state === 'open' ? open.up.shift() : undefined;
      if (frame === undefined) return false;
      open?.receive(JSON.parse(frame) as { t: string; d: never });
      return true;
    },
    down() {
      const frame = open?.down.shift();
      frame?.();
      return frame !== undefined;
    },
    cut() {
      const broken = open;
      if (!broken) return;
      finish(broken);
      broken.socket.onclose?.({ code: 1006, reason: '' });
    },
    tick: () => time.tick(),
  };
}

/** Lets promises, streams and the breath between two lines of a snapshot go by. */
export async function settle(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
