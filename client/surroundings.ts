/** The little of a WebSocket that is used: the browser's, Node's own and ws's all fit. */
export type SocketLike = {
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
};

/** What the client takes from where it runs. Tests bring their own. */
export type Surroundings = {
  fetch: typeof fetch;
  socket(url: string, protocols: string[]): SocketLike;
  /** Milliseconds; only differences are looked at. */
  now(): number;
  /** @returns a function that takes it back */
  later(ms: number, run: () => void): () => void;
  /** In [0, 1). */
  random(): number;
};

export const ownSurroundings = (): Surroundings => ({
  fetch: (...ask) => fetch(...ask),
  socket: (url, protocols) => new WebSocket(url, protocols) as unknown as SocketLike,
  now: () => performance.now(),
  later(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
});

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A fresh id as shapes, gestures and tabs have it: 21 letters of 64, as unlikely to meet as two UUIDs. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(21));
  return Array.from(bytes, (byte) => letters[byte & 63]).join('');
}
