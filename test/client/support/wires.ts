import type { SocketLike, Surroundings } from '../../../client/index.ts';
import { createSimulatedTime } from './simulatedTime.ts';

/** A socket as the test holds its other end. */
export type Wire = SocketLike & { url: string; sent: { t: string; d: never }[]; closedWith: number | undefined; opens(): void; says(t: string, d?: unknown): void; breaks(code: number): void };

/** Surroundings in which the test is the server of every socket, and time moves when it says so. */
export function createWires() {
  const wires: Wire[] = [];
  const time = createSimulatedTime();
  const surroundings: Surroundings = {
    ...time.clockwork,
    fetch: () => Promise.reject(new Error('nothing is fetched here')),
    socket(url) {
      const wire: Wire = {
        url, sent: [], closedWith: undefined, bufferedAmount: 0, onopen: null, onmessage: null, onclose: null, onerror: null,
        send: (text) => void wire.sent.push(JSON.parse(text) as never),
        close: (code) => { wire.closedWith = code ?? 1005; },
        opens: () => wire.onopen?.(undefined as never),
        says: (t, d) => wire.onmessage?.({ data: JSON.stringify({ t, d }) }),
        breaks: (code) => wire.onclose?.({ code, reason: '' }),
      };
      wires.push(wire);
      return wire;
    },
  };
  const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };
  return {
    surroundings, settle, waiting: time.waiting,
    last: (): Wire => wires.at(-1)!,
    count: () => wires.length,
    /** Everything that is due within so many milliseconds happens. */
    pass: (ms: number) => time.pass(ms, settle),
    /** The next socket is asked for and opened. */
    async opened(): Promise<Wire> {
      await settle();
      const wire = wires.at(-1)!;
      wire.opens();
      await settle();
      return wire;
    },
  };
}
