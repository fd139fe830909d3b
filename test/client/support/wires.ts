import type { SocketLike, Surroundings } from '../../../client/index.ts';

/** A socket as the test holds its other end. */
export type Wire = SocketLike & { url: string; sent: { t: string; d: never }[]; closedWith: number | undefined; opens(): void; says(t: string, d?: unknown): void; breaks(code: number): void };

/** Surroundings in which the test is the server of every socket, and time moves when it says so. */
export function createWires() {
  const wires: Wire[] = [];
  let now = 0;
  let timers: { at: number; run(): void }[] = [];
  const surroundings: Surroundings = {
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
    now: () => now,
    random: () => 0.5,
    later(ms, run) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => { timers = timers.filter((other) => other !== timer); };
    },
  };
  const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve(); };
  return {
    surroundings, settle,
    last: (): Wire => wires.at(-1)!,
    count: () => wires.length,
    waiting: () => timers.length,
    /** Everything that is due within so many milliseconds happens. */
    async pass(ms: number) {
      const until = now + ms;
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (!next || next.at > until) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = until;
    },
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
