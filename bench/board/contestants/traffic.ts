import type { WebSocket } from 'ws';
import type { BoardClient, Heard } from '../contestant.ts';

/** What all dialects have in common of a client: counting what comes in, stopping to read, leaving. */
export function countTraffic(socket: WebSocket, heard: Heard): Pick<BoardClient, 'bytesIn' | 'messagesIn' | 'stall' | 'close'> & { add(bytes: number): void } {
  let bytes = 0;
  let messages = 0;
  let isLeaving = false;
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
    messages += 1;
  });
  socket.on('close', (code, reason) => {
    if (!isLeaving) heard.closed?.(code, reason.toString());
  });
  return {
    bytesIn: () => bytes,
    messagesIn: () => messages,
    add: (more) => void (bytes += more),
    stall: () => socket.pause(),
    close() {
      isLeaving = true;
      socket.terminate();
    },
  };
}
