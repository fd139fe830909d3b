import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { limits as published } from '../../commands/rooms/protocol/closeCodes.ts';
import { channels, subprotocol, type Channel } from '../../commands/rooms/protocol/envelope.ts';
import type { RoomDoor } from '../../commands/rooms/roomLink.ts';
import type { Log } from '../observe/logs.ts';
import type { Edge, EdgeLimits } from './edge.ts';
import { createEdgeRoom, type EdgeRoom } from './edgeRoom.ts';
import { admit } from './entering.ts';
import { createLogPages, type ReadGroups } from './logPages.ts';
import { createFlush } from './outbox.ts';
import { createSession } from './session.ts';
import type { Session } from './sessionState.ts';
import type { SocketMetrics } from './socketMetrics.ts';
import { textFrame } from './textFrame.ts';
import type { RoomTickets } from './tickets.ts';
import { isAllowedOrigin, refuseUpgrade } from './upgrade.ts';

export type RoomSocketsDeps = {
  door: Pick<RoomDoor, 'open'>;
  tickets: Pick<RoomTickets, 'redeem'>;
  personOf: Edge['personOf'];
  readGroups: ReadGroups;
  newestSnapshot: Edge['newestSnapshot'];
  /** Of browsers; whoever sends no Origin is none. */
  origins: readonly string[];
  metrics: SocketMetrics;
  log: Log;
  limits?: Partial<EdgeLimits>;
  now?: () => number;
};

export type RoomSockets = {
  /** For a server's `upgrade` event. False: not one of ours. */
  upgrade(request: IncomingMessage, wire: Duplex, head: Buffer): boolean;
  /** Tells everybody, closes with 1012, and resolves when all are gone; no new ones from now on. */
  drain(): Promise<void>;
};

const address = /^\/ws\/classroom\/([^/?]{1,200})\/([a-z]{1,20})$/;
const roomIds = /^[A-Za-z0-9][A-Za-z0-9._:@+-]*$/;
/** What is told to clients before a 1012; each adds its own jitter. */
const reconnectInMs = 500;

/** The sockets of all rooms at this process. Nothing runs until the first upgrade. */
export function createRoomSockets(deps: RoomSocketsDeps): RoomSockets {
  const limits: EdgeLimits = { ...published, closeWithinMs: 2_000, attachWithinMs: 15_000, sweepMs: 1_000, mostWaitingBytes: 4 * 1024 * 1024, tokenRefreshMs: 100 * 60_000, ...deps.limits };
  const now = deps.now ?? (() => performance.now());
  const rooms = new Map<string, EdgeRoom>();
  const sessions = new Set<Session>();
  let draining = false;
  let allGone: (() => void) | undefined;

  const perPerson = (personId: string): number => {
    let count = 0;
    for (const session of sessions) if (session.personId === personId) count += 1;
    return count;
  };
  const edge: Edge = {
    limits, now,
    redeem: deps.tickets.redeem,
    personOf: deps.personOf,
    roomFor(roomId, personId) {
      if (perPerson(personId) > limits.socketsPerPerson) return undefined;
      let room = rooms.get(roomId);
      if (!room) {
        const made = createEdgeRoom(roomId, deps.door, () => { if (rooms.get(roomId) === made) rooms.delete(roomId); });
        rooms.set(roomId, (room = made));
      }
      return room.seats.size < limits.socketsPerRoom ? room : undefined;
    },
    pages: createLogPages(deps.readGroups),
    newestSnapshot: deps.newestSnapshot,
    snapshotUrl: (roomId, version) => `/api/v1/classroom/sessions/${encodeURIComponent(roomId)}/snapshots/${version}`,
    metrics: deps.metrics,
    log: deps.log,
    flush: createFlush(),
  };

  const serverFor = (maxPayload: number): WebSocketServer => new WebSocketServer({
    noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload,
    // UTF-8 is checked where frames are read, so that a bad one is closed with a code of ours.
    skipUTF8Validation: true,
    // A browser cannot read a refused upgrade: whatever it offered is echoed, and an old one is closed with 4426.
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : ([...offered][0] ?? false)),
  });
  const servers: Record<Channel, WebSocketServer> = { board: serverFor(limits.boardFrameBytes), webrtc: serverFor(limits.otherFrameBytes), system: serverFor(limits.otherFrameBytes) };

  const sweeps = setInterval(() => { for (const session of sessions) session.sweep(); }, limits.sweepMs);
  sweeps.unref();

  const accept = (request: IncomingMessage, wire: Duplex, head: Buffer, roomId: string, channel: Channel, ticket: string): void => {
    servers[channel].handleUpgrade(request, wire, head, (socket) => {
      const session = createSession(edge, socket, wire, crypto.randomUUID(), channel);
      sessions.add(session);
      socket.once('close', () => {
        sessions.delete(session);
        if (sessions.size === 0) allGone?.();
      });
      if (draining) return session.close(1012);
      if (socket.protocol !== subprotocol) return session.close(4426);
      if (!roomIds.test(roomId)) return session.close(4404);
      admit(edge, session, roomId, ticket).catch((error: unknown) => {
        deps.log.warn({ err: error, roomId }, 'a ticket could not be looked at');
        session.close(1013);
      });
    });
  };

  return {
    upgrade(request, wire, head) {
      const url = URL.parse(request.url ?? '', 'ws://here');
      const found = url && address.exec(url.pathname);
      if (!found) return false;
      const [, roomId = '', name = ''] = found;
      const channel = channels.find((one) => one === name);
      if (!channel) return false;
      if (!isAllowedOrigin(request.headers.origin, deps.origins)) {
        refuseUpgrade(wire, 403, 'Forbidden');
        return true;
      }
      accept(request, wire, head, decoded(roomId), channel, url.searchParams.get('ticket') ?? '');
      return true;
    },
    async drain() {
      draining = true;
      const goingAway = textFrame(JSON.stringify({ t: 'goingAway', d: { reconnectInMs } }));
      for (const session of sessions) if (session.channel === 'system') session.deliver(goingAway, 'control');
      const gone = sessions.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => { allGone = resolve; });
      for (const session of [...sessions]) session.close(1012);
      await gone;
      clearInterval(sweeps);
    },
  };
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
};
