import { randomUUID } from 'node:crypto';
import type { Channel } from '../../../../src/commands/rooms/protocol/envelope.ts';
import { boardFromServer } from '../../../../src/commands/rooms/protocol/board.ts';
import { systemFromServer } from '../../../../src/commands/rooms/protocol/system.ts';
import { webrtcFromServer } from '../../../../src/commands/rooms/protocol/webrtc.ts';
import type { Attached, EdgeSide, FromClient, Hello, OwnerSide, Refused, RoomDoor } from '../../../../src/commands/rooms/roomLink.ts';
import { eventually } from '../../../support/eventually.ts';

export type Frame = { t: string; d: Record<string, unknown> };
const schemas = { board: boardFromServer, system: systemFromServer, webrtc: webrtcFromServer };

export type TestSocket = {
  connectionId: string; channel: Channel; personId: string; clientId: string;
  answer: Attached | Refused;
  frames: Frame[];
  closed: number | undefined;
  send(message: FromClient): void;
  detach(): void;
  /** The first frame that fits, also one that came before. */
  next(t: string, fits?: (d: Record<string, unknown>) => boolean): Promise<Frame>;
};

/** An edge in this process: sockets without a network. Every frame is checked against the protocol. */
export async function openEdge(door: RoomDoor, roomId: string) {
  const sockets = new Map<string, TestSocket>();
  let isLost = false;
  const held: boolean[] = [];
  const arrived = (socket: TestSocket, text: string) => {
    const message: unknown = JSON.parse(text);
    schemas[socket.channel].parse(message);
    socket.frames.push(message as Frame);
  };
  const side: EdgeSide = {
    toOne(connectionId, frame) {
      const socket = sockets.get(connectionId);
      if (socket) arrived(socket, frame);
    },
    toAll({ channel, frame, inShort = [], without = [] }) {
      for (const socket of sockets.values()) {
        if (socket.channel !== channel || without.includes(socket.connectionId)) continue;
        const own = inShort.filter(({ connectionId }) => connectionId === socket.connectionId);
        arrived(socket, own.reduceRight((text, { from, to, text: short }) => text.slice(0, from) + short + text.slice(to), frame));
      }
    },
    close(connectionId, code) {
      const socket = sockets.get(connectionId);
      if (socket) socket.closed = code;
      sockets.delete(connectionId);
    },
    holdReading: (hold) => void held.push(hold),
    lost() {
      isLost = true;
      for (const socket of sockets.values()) socket.closed ??= 1012;
      sockets.clear();
    },
  };
  const owner: OwnerSide = await door.open(roomId, side);
  return {
    owner, sockets, held,
    isLost: () => isLost,
    async socket(personId: string, channel: Channel = 'board', { clientId = `tab-${personId}`, deviceId = `device-${personId}`, lastVersion = 0, ackedSeq = 0 }: Partial<Hello> & { deviceId?: string } = {}): Promise<TestSocket> {
      const connectionId = randomUUID();
      const socket: TestSocket = {
        connectionId, channel, personId, clientId, answer: { ok: false, code: 1012 }, frames: [], closed: undefined,
        send: (message) => owner.receive(connectionId, message, JSON.stringify(message).length),
        detach() {
          sockets.delete(connectionId);
          owner.detach(connectionId);
        },
        next: (t, fits = () => true) => eventually(() => socket.frames.find((frame) => frame.t === t && fits(frame.d)), { timeoutMs: 5_000, everyMs: 2 }),
      };
      sockets.set(connectionId, socket);
      socket.answer = await owner.attach({ connectionId, channel, personId, name: personId, deviceId }, channel === 'board' ? { clientId, lastVersion, ackedSeq } : undefined);
      if (socket.answer.ok) socket.frames.unshift(...socket.answer.frames.map((text) => JSON.parse(text) as Frame));
      else sockets.delete(connectionId);
      return socket;
    },
  };
}

export const rectangle = (id: string, more: object = {}) => ({
  id, type: 'rectangle' as const, page: 'page-1', layer: 'layer-1', x: 1, y: 2, rotation: 0, scale: 1, z: 'a0', style: { color: '#112233', width: 2 }, locked: false, width: 10, height: 10, ...more,
});
export const add = (seq: number, id: string, more: object = {}): FromClient => ({ t: 'ops', d: { seq, gestureId: `g-${id}`, ops: [{ op: 'shape.add', shape: rectangle(id, more) }] } });
