import { createRoomSockets, type RoomSocketsDeps } from '../../../../src/http/ws/sockets.ts';
import { createSocketMetrics } from '../../../../src/http/ws/socketMetrics.ts';
import { createRoomTickets } from '../../../../src/http/ws/tickets.ts';
import type { LoggedGroup } from '../../../../src/http/ws/logPages.ts';
import type { Channel } from '../../../../src/commands/rooms/protocol/envelope.ts';
import { createHttpApp } from '../../../../src/http/app.ts';
import { createLog } from '../../../../src/http/observe/logs.ts';
import { createMetrics } from '../../../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../../../src/http/rateLimits.ts';
import { createHttpServer } from '../../../../src/http/server.ts';
import { createTestDatabase } from '../../../support/testDatabase.ts';
import { noIdempotency } from '../../support/testServer.ts';
import { openRoomSocket } from './roomClient.ts';
import { scriptedDoor } from './scriptedDoor.ts';

export const aGroup = (version: number, more: Partial<LoggedGroup> & { ops?: unknown[] } = {}): LoggedGroup => {
  const { ops = [{ op: 'shape.delete', id: `s-${version}` }], ...rest } = more;
  const group = { version, personId: 'somebody', clientId: 'c-other', seq: version, kind: 'ops' as const, isRestore: false, ...rest };
  const { isRestore: _isRestore, json: _json, ...plain } = group as LoggedGroup;
  return { ...group, json: rest.json ?? JSON.stringify({ ...plain, gestureId: 'g-1', ops }) };
};

/** Real sockets, real tickets in a real Postgres; the room behind them is the test's. */
export async function startEdgeServer(more: Partial<RoomSocketsDeps> = {}) {
  const database = await createTestDatabase();
  const { door, script } = scriptedDoor();
  const log: LoggedGroup[] = [];
  const metrics = createMetrics();
  const tickets = createRoomTickets(database.pool);
  const reads = { count: 0, failing: false };
  const sockets = createRoomSockets({
    door, tickets, personOf: (personId) => Promise.resolve({ name: `${personId} of the school`, active: personId !== 'gone' }),
    readGroups: async (_roomId, from, limit) => {
      reads.count += 1;
      if (reads.failing) throw new Error('the log is away');
      return log.slice(from, from + limit);
    },
    newestSnapshot: () => Promise.resolve(script.snapshot),
    origins: ['https://school.example'], metrics: createSocketMetrics(metrics.registry), log: createLog('silent'),
    ...more,
  });
  const http = createHttpApp({
    routes: [], verifyToken: () => ({ outcome: 'refused' }), people: { of: () => undefined, learn: () => undefined }, idempotency: noIdempotency,
    readModels: { waitFor: () => Promise.resolve(true) }, rateLimits: createRateLimits({ perPerson: 0, perAddress: 0 }), metrics, log: createLog('silent'), checks: [],
  });
  const server = createHttpServer(http, { host: '127.0.0.1', port: 0 }, sockets);
  const url = await server.listen();
  const opened: ReturnType<typeof openRoomSocket>[] = [];
  const open = (roomId: string, channel: Channel, ticket: string | undefined, options: Parameters<typeof openRoomSocket>[4] = {}) => {
    const socket = openRoomSocket(url, roomId, channel, ticket, options);
    opened.push(socket);
    return socket;
  };
  return {
    url, database, tickets, script, log, reads, metrics, server, opened, open,
    async enter(channel: Channel, personId = 'student-1', options: Parameters<typeof openRoomSocket>[4] = {}, deviceId = 'd-1') {
      const issued = await tickets.issue({ roomId: 'room-1', personId, deviceId });
      return open('room-1', channel, issued.tickets[channel], options);
    },
    /** A board socket that has said hello. */
    async board(personId = 'student-1', hello: { clientId?: string; lastVersion?: number; ackedSeq?: number } = {}, options: Parameters<typeof openRoomSocket>[4] = {}) {
      const client = await this.enter('board', personId, options);
      await client.opened;
      client.send({ t: 'hello', d: { clientId: 'c-1', lastVersion: 0, ...hello } });
      await client.next('welcome');
      return client;
    },
    /** The owner commits groups and tells everybody. */
    commit(...groups: LoggedGroup[]) {
      const from = script.version;
      log.push(...groups);
      script.version = from + groups.length;
      script.edge().toAll({ channel: 'board', lane: 'ops', versions: { from, to: script.version }, frame: JSON.stringify({ t: 'ops', d: { from, groups: groups.map((group) => JSON.parse(group.json) as unknown) } }) });
    },
    async stop() {
      for (const { socket } of opened) socket.terminate();
      await server.drain({ withinMs: 200 });
      await database.drop();
    },
  };
}
export type EdgeServer = Awaited<ReturnType<typeof startEdgeServer>>;
