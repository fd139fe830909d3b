import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { EdgeSide, OwnerSide, RoomDoor } from '../../commands/rooms/roomLink.ts';
import { DomainError } from '../../domain/kernel/domainError.ts';
import { watchLink } from './aliveness.ts';
import { createHandshake, nodePath, nodeProtocol } from './handshake.ts';
import { errorToSend, type FromEdge, type FromOwner } from './messages.ts';

/** The owner's end of all links: for a server's `upgrade` event. */
export type OwnerEnd = {
  /** False: not this path. */
  upgrade(request: IncomingMessage, wire: Duplex, head: Buffer): boolean;
  /** Cuts all links: the edges close those rooms' sockets with 1012. */
  drain(): Promise<void>;
};

export type OwnerEndDeps = {
  /** This process's own rooms only: it refuses `notOwner` and never asks a third. */
  door: RoomDoor;
  secret: string;
  log: { warn(facts: object, message: string): void };
};

const mostInOneMessage = 32 * 1024 * 1024;

export function createOwnerEnd({ door, secret, log }: OwnerEndDeps): OwnerEnd {
  const handshake = createHandshake(secret);
  const server = new WebSocketServer({ noServer: true, clientTracking: true, perMessageDeflate: false, maxPayload: mostInOneMessage, handleProtocols: () => nodeProtocol });
  const proofs = new WeakMap<IncomingMessage, string>();
  server.on('headers', (headers, request) => void headers.push(`Lectern-Proof: ${proofs.get(request) ?? ''}`));

  return {
    upgrade(request, wire, head) {
      if (request.url !== nodePath) return false;
      const answer = request.headers['lectern-answer'];
      const proof = handshake.prove(typeof answer === 'string' ? answer : undefined);
      if (proof === undefined) {
        wire.on('error', () => undefined);
        wire.once('finish', () => wire.destroy()); // also when the other side keeps its half open
        wire.end(`HTTP/1.1 401 Unauthorized\r\nLectern-Challenge: ${handshake.challenge()}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return true;
      }
      proofs.set(request, proof);
      server.handleUpgrade(request, wire, head, (socket) => serve(socket, door, log));
      return true;
    },
    async drain() {
      const gone = [...server.clients].map((socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())));
      for (const socket of server.clients) socket.terminate();
      await Promise.all(gone);
    },
  };
}

type OpenRoom = { side: Promise<OwnerSide>; connections: Set<string> };

/** One link, until it is cut; then its edge is gone, with all its sockets. */
function serve(socket: WebSocket, door: RoomDoor, log: OwnerEndDeps['log']): void {
  const rooms = new Map<number, OpenRoom>();
  const send = (message: FromOwner): void => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  const edgeOf = (room: number): EdgeSide => ({
    toOne: (connectionId, frame, lane) => send(['toOne', room, connectionId, frame, lane]),
    toAll: (broadcast) => send(['toAll', room, broadcast]),
    close: (connectionId, code, detail) => send(['shut', room, connectionId, code, detail ?? null]),
    holdReading: (hold) => send(['hold', room, hold]),
    lost() {
      rooms.delete(room);
      send(['lost', room]);
    },
  });
  /** In the order of their coming: a promise that is settled runs its continuations in the order they were added. */
  const withSide = (room: number, work: (side: OwnerSide, open: OpenRoom) => void, otherwise: () => void = () => undefined): void => {
    const open = rooms.get(room);
    if (!open) return otherwise();
    open.side.then((side) => (rooms.get(room) === open ? work(side, open) : otherwise()), otherwise);
  };
  const leave = (room: number, side: OwnerSide, { connections }: OpenRoom): void => {
    rooms.delete(room);
    for (const connectionId of connections) side.detach(connectionId);
    connections.clear();
    side.close();
  };

  const taken = (message: FromEdge): void => {
    switch (message[0]) {
      case 'open': {
        const [, room, roomId] = message;
        const side = door.open(roomId, edgeOf(room));
        rooms.set(room, { side, connections: new Set() });
        side.then(() => send(['opened', room]), (error: unknown) => {
          rooms.delete(room);
          send(['notOpened', room, errorToSend(error)]);
        });
        return;
      }
      case 'attach': {
        const [, room, call, connection, hello] = message;
        return withSide(room, (side, { connections }) => {
          connections.add(connection.connectionId);
          side.attach(connection, hello ?? undefined).then(
            (answer) => {
              if (!answer.ok) connections.delete(connection.connectionId);
              // Detached, or the room closed, or the link cut, while this was decided: it must not stay behind.
              else if (!connections.has(connection.connectionId)) side.detach(connection.connectionId);
              send(['attached', call, answer]);
            },
            (error: unknown) => send(['failed', call, errorToSend(error)]),
          );
        }, () => send(['failed', call, errorToSend(new DomainError('roomUnavailable', 'this node has let go of the room'))]));
      }
      case 'receive': {
        const [, room, connectionId, fromClient, bytes] = message;
        return withSide(room, (side) => side.receive(connectionId, fromClient, bytes));
      }
      case 'detach': {
        const [, room, connectionId] = message;
        return withSide(room, (side, { connections }) => {
          connections.delete(connectionId);
          side.detach(connectionId);
        });
      }
      case 'close': {
        const [, room] = message;
        return withSide(room, (side, open) => leave(room, side, open));
      }
      case 'execute': {
        const [, call, roomId, command, context, options] = message;
        door.execute(roomId, command, context, options).then((answer) => send(['done', call, answer]), (error: unknown) => send(['failed', call, errorToSend(error)]));
      }
    }
  };

  socket.on('message', (data: Buffer) => {
    try {
      taken(JSON.parse(data.toString('utf8')) as FromEdge);
    } catch (error) {
      log.warn({ err: error }, 'a node said what this one does not understand');
      socket.terminate();
    }
  });
  socket.on('error', () => undefined);
  const stopWatching = watchLink(socket);
  socket.once('close', () => {
    stopWatching();
    for (const room of [...rooms.keys()]) {
      withSide(room, (side, open) => leave(room, side, open));
    }
  });
}
