import { createEdgeEnd } from '../../../../src/adapters/roomLinks/edgeEnd.ts';
import { nodeSecretFrom } from '../../../../src/adapters/roomLinks/handshake.ts';
import { createOwnerEnd } from '../../../../src/adapters/roomLinks/ownerEnd.ts';
import { freePort } from '../../../../src/adapters/postgres/embedded/freePort.ts';
import type { Channel } from '../../../../src/commands/rooms/protocol/envelope.ts';
import { createHttpApp } from '../../../../src/http/app.ts';
import { createLog } from '../../../../src/http/observe/logs.ts';
import { createMetrics } from '../../../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../../../src/http/rateLimits.ts';
import { createHttpServer } from '../../../../src/http/server.ts';
import { createReadGroups } from '../../../../src/http/ws/readGroups.ts';
import { createRoomSockets, type RoomSocketsDeps } from '../../../../src/http/ws/sockets.ts';
import { createSocketMetrics } from '../../../../src/http/ws/socketMetrics.ts';
import { createRoomTickets } from '../../../../src/http/ws/tickets.ts';
import { openProcess } from '../../../commands/rooms/support/rooms.ts';
import { rectangle } from '../../../commands/rooms/support/sockets.ts';
import { noIdempotency } from '../../support/testServer.ts';
import { openRoomSocket, type RoomSocket } from './roomClient.ts';

const secret = nodeSecretFrom('the nodes of the tests');

/** A node: sockets, links to other nodes, and the rooms that it owns, on a database that it may share with others. Everything is real but the people's directory. */
export async function startRoomServer({ url, ...more }: Omit<Parameters<typeof openProcess>[0], 'nodeLink' | 'nodeUrl'> & { sockets?: Partial<RoomSocketsDeps> }) {
  const port = await freePort();
  const nodeUrl = `http://127.0.0.1:${port}`;
  const { sockets: socketDeps, ...rest } = more;
  const log = createLog('silent');
  const nodes = createEdgeEnd({ secret, log });
  const owner = openProcess({ url, nodeUrl, nodeLink: nodes, ...rest });
  const metrics = createMetrics();
  const tickets = createRoomTickets(owner.pool);
  const people = createRoomSockets({
    door: owner.rooms.door, tickets, personOf: (personId) => Promise.resolve({ name: personId, active: true }), readGroups: createReadGroups(owner.log),
    newestSnapshot: async (roomId) => (await owner.boards.newestSnapshot(roomId))?.version, origins: [], metrics: createSocketMetrics(metrics.registry), log,
    ...socketDeps,
  });
  const links = createOwnerEnd({ door: owner.rooms.here, secret, log });
  const http = createHttpApp({
    routes: [], verifyToken: () => ({ outcome: 'refused' }), people: { of: () => undefined, learn: () => undefined }, idempotency: noIdempotency,
    readModels: { waitFor: () => Promise.resolve(true) }, rateLimits: createRateLimits({ perPerson: 0, perAddress: 0 }), metrics, log, checks: [],
  });
  const server = createHttpServer(http, { host: '127.0.0.1', port }, {
    upgrade: (request, wire, head) => links.upgrade(request, wire, head) || people.upgrade(request, wire, head),
    drain: async () => { await people.drain(); await links.drain(); },
  });
  await server.listen();
  const opened: RoomSocket[] = [];

  const enter = async (roomId: string, channel: Channel, personId: string, options: Parameters<typeof openRoomSocket>[4] = {}, deviceId = `d-${personId}`) => {
    const { tickets: issued } = await tickets.issue({ roomId, personId, deviceId });
    const socket = openRoomSocket(nodeUrl, roomId, channel, issued[channel], options);
    opened.push(socket);
    return socket;
  };
  return {
    owner, nodeUrl, tickets, metrics, server, enter,
    async board(roomId: string, personId: string, hello: { clientId?: string; lastVersion?: number; ackedSeq?: number } = {}, options: Parameters<typeof openRoomSocket>[4] = {}) {
      const socket = await enter(roomId, 'board', personId, options);
      await socket.opened;
      socket.send({ t: 'hello', d: { clientId: `c-${personId}`, lastVersion: 0, ...hello } });
      await socket.next('welcome');
      return socket;
    },
    /** As SIGTERM does it. */
    async stop() {
      await server.drain({ withinMs: 3_000 });
      await owner.stop();
      nodes.close();
      for (const { socket } of opened) socket.terminate();
    },
  };
}
export type RoomServer = Awaited<ReturnType<typeof startRoomServer>>;

export const addShape = (seq: number, id: string, more: object = {}) => ({ t: 'ops', d: { seq, gestureId: `g-${id}`, ops: [{ op: 'shape.add', shape: rectangle(id, more) }] } });

type Told = { version: number; clientId: string; seq: number };
/** Every group that a client was told of, in the order it was. */
export const groupsOf = (client: RoomSocket): Told[] => client.all('ops').flatMap(({ d }) => d['groups'] as Told[]);
export const ackedUpTo = (client: RoomSocket): number => Math.max(0, ...client.all('ack').map(({ d }) => d['upTo'] as number), ...client.all('welcome').map(({ d }) => d['lastSeq'] as number));
