import { hkdfSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createEdgeEnd, type EdgeEnd } from '../../adapters/roomLinks/edgeEnd.ts';
import { nodeSecretFrom } from '../../adapters/roomLinks/handshake.ts';
import { createOwnerEnd } from '../../adapters/roomLinks/ownerEnd.ts';
import type { BoardReader } from '../../commands/rooms/boardReader.ts';
import type { Rooms } from '../../commands/rooms/rooms.ts';
import { createRoomTokens, type RoomTokens } from '../../http/auth/roomTokens.ts';
import type { Upgrades } from '../../http/server.ts';
import { createReadGroups } from '../../http/ws/readGroups.ts';
import { createSocketMetrics } from '../../http/ws/socketMetrics.ts';
import { createRoomSockets } from '../../http/ws/sockets.ts';
import type { RoomTickets } from '../../http/ws/tickets.ts';
import { ownOrigins } from '../../http/ws/upgrade.ts';
import type { Core, Settings } from '../../main.ts';

/** What nodes of one school know each other by. */
export const nodeSecret = (settings: Settings): string => settings.LECTERN_NODE_SECRET ?? nodeSecretFrom(settings.LECTERN_MASTER_KEY);

/** The way to rooms that other nodes own: before there are rooms here. */
export const connectNodes = ({ settings, logger }: Pick<Core, 'settings' | 'logger'>): EdgeEnd => createEdgeEnd({ secret: nodeSecret(settings), log: logger });

/** Tokens for one room; without a secret of their own one is derived from the master key (RFC 5869), so that all nodes have the same. */
export function roomTokensOf(settings: Settings): RoomTokens {
  const secret = settings.CLASSROOM_JWT_SECRET ?? Buffer.from(hkdfSync('sha256', settings.LECTERN_MASTER_KEY, '', 'lectern room tokens', 32)).toString('base64url');
  return createRoomTokens({ secret, issuer: settings.LECTERN_JWT_ISSUER });
}

export type SocketParts = {
  core: Pick<Core, 'settings' | 'log' | 'logger' | 'metrics'>;
  rooms: Rooms;
  reader: Pick<BoardReader, 'newestSnapshot'>;
  tickets: RoomTickets;
  person(personId: string): Promise<{ name: string; active: boolean } | undefined>;
  publicUrl: string;
};

/** Every socket that this process takes: of people into rooms, and of other nodes. */
export function createSockets({ core, rooms, reader, tickets, person, publicUrl }: SocketParts): Upgrades {
  const { settings, log, logger, metrics } = core;
  const people = createRoomSockets({
    door: rooms.door, tickets, personOf: person, readGroups: createReadGroups(log),
    newestSnapshot: async (roomId) => (await reader.newestSnapshot(roomId))?.version,
    origins: [...ownOrigins(publicUrl), ...settings.LECTERN_CORS_ORIGINS],
    metrics: createSocketMetrics(metrics.registry), log: logger,
  });
  const nodes = createOwnerEnd({ door: rooms.here, secret: nodeSecret(settings), log: logger });
  return {
    upgrade: (request: IncomingMessage, wire: Duplex, head: Buffer) => nodes.upgrade(request, wire, head) || people.upgrade(request, wire, head),
    /** People first: what they sent is written while the links still stand. */
    async drain() {
      await people.drain();
      await nodes.drain();
    },
  };
}
