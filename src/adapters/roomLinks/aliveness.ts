import type { WebSocket } from 'ws';

/** Nodes that do not answer are gone long before a lease runs out. Milliseconds. */
const beatEveryMs = 2_000;
const silentForMs = 8_000;
/** What may wait for the other node; more, and it is not keeping up: its clients come back and read the log instead. */
const mostWaiting = 64 * 1024 * 1024;

/** Cuts the link when the other side has gone silent or does not read. @returns how to stop watching */
export function watchLink(socket: WebSocket, now: () => number = () => performance.now()): () => void {
  let heardAt = now();
  const heard = (): void => { heardAt = now(); };
  socket.on('pong', heard);
  socket.on('ping', heard);
  socket.on('message', heard);
  const timer = setInterval(() => {
    if (now() - heardAt > silentForMs || socket.bufferedAmount > mostWaiting) return socket.terminate();
    if (socket.readyState === socket.OPEN) socket.ping();
  }, beatEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
