import { WebSocket, type ClientOptions } from 'ws';
import { checkFrame } from './checkFrames.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Channel } from '../../../../src/commands/rooms/protocol/envelope.ts';

export type Frame = { t: string; d: Record<string, unknown> };
export type Closed = { code: number; reason: string };

/** A bare socket of a room, as any program would open it: nothing is retried, nothing is interpreted. */
export function openRoomSocket(url: string, roomId: string, channel: Channel, ticket: string | undefined, options: ClientOptions & { protocols?: string[] } = {}) {
  const { protocols = ['lectern.room.v1'], ...rest } = options;
  const query = ticket === undefined ? '' : `?ticket=${encodeURIComponent(ticket)}`;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/classroom/${roomId}/${channel}${query}`, protocols, { perMessageDeflate: false, ...rest });
  const frames: Frame[] = [];
  const texts: string[] = [];
  socket.on('message', (data: Buffer) => {
    // What the server says is what the published document says; a frame that is not fails the test.
    checkFrame(channel, 'server', data.toString());
    texts.push(data.toString());
    frames.push(JSON.parse(data.toString()) as Frame);
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  opened.catch(() => undefined);
  socket.on('error', () => undefined);
  const closed = new Promise<Closed>((resolve) => socket.once('close', (code, reason: Buffer) => resolve({ code, reason: reason.toString() })));
  return {
    socket, frames, texts, opened, closed, channel,
    send: (message: unknown): void => socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message), { binary: Buffer.isBuffer(message) }),
    next: (t: string, from = 0): Promise<Frame> => eventually(() => frames.slice(from).find((frame) => frame.t === t)),
    all: (t: string): Frame[] => frames.filter((frame) => frame.t === t),
  };
}
export type RoomSocket = ReturnType<typeof openRoomSocket>;
