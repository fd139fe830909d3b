import { randomUUID } from 'node:crypto';
import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { createPictureProcess } from '../../../src/adapters/rendering/pictureProcess.ts';
import { createRendering } from '../../../src/adapters/rendering/rendering.ts';
import { createRoomImages } from '../../../src/adapters/roomImages/postgresRoomImages.ts';
import { createPostgresRoomOwners } from '../../../src/adapters/rooms/owners/postgresRoomOwners.ts';
import { createRoomTasks, roomReactor } from '../../../src/adapters/rooms/roomReactor.ts';
import { createBoardFolder } from '../../../src/adapters/rooms/snapshots/foldInThread.ts';
import { createPostgresBoardSnapshots } from '../../../src/adapters/rooms/snapshots/postgresBoardSnapshots.ts';
import { createExpireStaleRooms } from '../../../src/commands/jobs/expireStaleRooms.ts';
import { createBoardReader } from '../../../src/commands/rooms/boardReader.ts';
import { createRoomCommands } from '../../../src/commands/rooms/index.ts';
import { createRooms } from '../../../src/commands/rooms/rooms.ts';
import type { Role } from '../../../src/domain/kernel/fields.ts';
import { createPersonAccess } from '../../../src/http/auth/personAccess.ts';
import { createRoomTokens } from '../../../src/http/auth/roomTokens.ts';
import { createCodeTries } from '../../../src/http/codeTries.ts';
import { createIdempotencyStore } from '../../../src/http/idempotency/store.ts';
import { classroomRoutes } from '../../../src/http/routes/classroom.ts';
import { lessonRoutes } from '../../../src/http/routes/lessons.ts';
import { meRoutes } from '../../../src/http/routes/me.ts';
import { directory } from '../../../src/projections/directory/projection.ts';
import { createDirectoryQueries } from '../../../src/projections/directory/queries.ts';
import { createProjectionEngine } from '../../../src/projections/engine/engine.ts';
import type { Sql } from '../../../src/projections/engine/readModel.ts';
import { lessons } from '../../../src/projections/lessons/projection.ts';
import { createLessonQueries } from '../../../src/projections/lessons/queries.ts';
import { rooms as roomsModel } from '../../../src/projections/rooms/projection.ts';
import { createRoomQueries } from '../../../src/projections/rooms/queries.ts';
import { zoomAccounts } from '../../../src/projections/zoomAccounts/projection.ts';
import { createZoomAccountQueries } from '../../../src/projections/zoomAccounts/queries.ts';
import { asks, openSchool } from '../../commands/support/school.ts';
import { quiet } from '../../support/engineLog.ts';
import type { Ask } from '../../support/httpContract.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';
import { issue, startTestServer } from './testServer.ts';

const logger = { ...quiet, info: () => undefined };

/** Lesson rooms behind a real server: their owner, read models fed from the log, routes. What the reactor would do is done when it is asked to: `follow()`. */
export async function startClassroomServer() {
  const database = await createTestDatabase();
  const school = openSchool({ url: database.url });
  const { log, pipeline, clock } = school;
  const { pool } = database;
  const process = createProcessIdentity();
  const readModels = createProjectionEngine({ log, pool, readModels: [directory, lessons, roomsModel, zoomAccounts], clock, process, logger: quiet, tickMs: 100 });
  await readModels.start();
  const db = pool as unknown as Sql;
  const queries = {
    directory: createDirectoryQueries(db, readModels), lessons: createLessonQueries(db, readModels), rooms: createRoomQueries(db, readModels), zoomAccounts: createZoomAccountQueries(db, readModels),
  };
  const snapshots = createPostgresBoardSnapshots(pool);
  const folder = createBoardFolder();
  const pictures = createPictureProcess();
  const live = createRooms({ log, pipeline, clock, logger, owners: createPostgresRoomOwners({ pool, process, nodeUrl: 'http://here' }), snapshots, folder, snapshotUrl: (id, version) => `/api/v1/classroom/sessions/${id}/snapshots/${version}` });
  live.start();
  const boards = createBoardReader({ log, snapshots, folder, logger });
  const images = createRoomImages({ pool, pictures });
  const commands = createRoomCommands({ pipeline, clock, boards, images, door: live.door, countTry: createCodeTries() });
  const tokens = createRoomTokens({ secret: 'a secret of rooms in tests, 32 bytes or more', issuer: 'lectern' });
  const common = { lessons: queries.lessons, directory: queries.directory, rooms: queries.rooms, clock, publicUrl: 'https://school.example', schoolTimeZone: school.rules.timeZone, door: { startEarlyMinutes: 15, graceMinutes: 10 } };
  const server = await startTestServer([
    ...lessonRoutes({ ...common, commands: school.lessons, pipeline, zoomAccounts: queries.zoomAccounts }),
    ...meRoutes(common),
    ...classroomRoutes({ commands, pipeline, log, ...queries, boards, images, rendering: createRendering(pictures), tokens, clock }),
  ], { readModels, roomTokens: tokens, idempotency: createIdempotencyStore(pool), people: createPersonAccess(queries.directory.access, { freshMs: 0, staleMs: 0 }) });

  const as = (token: string) => {
    const client = server.client.as(token);
    const at = (path: string) => (path.startsWith('/join/') ? path : `/api/v1${path}`);
    /** Whoever asks sees everything that was written before. */
    const seen = async () => ({ 'min-position': await log.head() });
    return {
      get: async (path: string, options: Ask = {}) => client.get(at(path), { ...options, headers: { ...(await seen()), ...options.headers } }),
      post: (path: string, body?: unknown, options?: Ask) => client.post(at(path), body, options),
      put: (path: string, body?: unknown, options?: Ask) => client.put(at(path), body, options),
      patch: (path: string, body?: unknown, options?: Ask) => client.patch(at(path), body, options),
      raw: (path: string, bytes: Buffer, type: string) => client.ask('POST', at(path), { raw: bytes, headers: { 'content-type': type } }),
    };
  };

  const tasks = new Map(createRoomTasks(commands, queries.rooms.begun).map((task) => [task.name, task]));
  const expire = createExpireStaleRooms({ pipeline, clock, ...commands, ...queries.rooms });
  let followed: string | undefined;
  return {
    school, queries, server, commands, live, boards,
    as,
    client: async (id: string, role: Role) => as(await issue(id, role, 600)),
    async person(id: string, role: Role): Promise<void> {
      await school.directory.registerPerson({ personId: id, name: `${id} of the school`, email: `${id}@school.example`, role, timeZone: 'Europe/Berlin' }, asks('admin'));
    },
    async group(id: string, ...members: string[]): Promise<void> {
      await school.directory.createGroup({ groupId: id, name: `Group ${id}` }, asks('admin'));
      for (const personId of members) await school.directory.addGroupMember({ groupId: id, personId }, asks('admin'));
    },
    /** What the room reactor would do about everything that was written since. */
    async follow(): Promise<void> {
      const reached = await readModels.waitFor('rooms', await log.head(), 10_000);
      if (!reached) throw new Error('the rooms are behind');
      const requests = new Map<string, { task: string; payload: unknown }>();
      for await (const page of log.readAll(followed === undefined ? {} : { after: followed })) {
        for (const decoded of page) {
          followed = decoded.ok ? decoded.event.position : decoded.raw.position;
          if (decoded.ok) for (const { task, key, payload } of roomReactor.jobs(decoded.event)) requests.set(`${task} ${key}`, { task, payload });
        }
      }
      for (const { task, payload } of requests.values()) {
        const one = tasks.get(task);
        await one?.run(one.parse(payload), { attempt: 1, isLastAttempt: false, signal: new AbortController().signal });
      }
    },
    /** Somebody's group of ops, over a socket of theirs; once it is answered. Opens the board channel only, so it makes them connected. */
    async draw(roomId: string, personId: string, ...ops: object[]): Promise<{ version: number; rejected?: { code: string }[] }> {
      const connectionId = randomUUID();
      const answered = Promise.withResolvers<{ version: number }>();
      const owner = await live.door.open(roomId, {
        toOne: (_to, frame) => { const { t, d } = JSON.parse(frame); if (t === 'ack') answered.resolve(d); },
        toAll: () => undefined, close: (_id, code) => answered.reject(new Error(`closed with ${code}`)), holdReading: () => undefined, lost: () => answered.reject(new Error('lost')),
      });
      const attached = await owner.attach({ connectionId, channel: 'board', personId, name: personId, deviceId: connectionId }, { clientId: connectionId, lastVersion: 0, ackedSeq: 0 });
      if (!attached.ok) throw new Error(`refused with ${attached.code}`);
      owner.receive(connectionId, { t: 'ops', d: { seq: 1, gestureId: 'g', ops } } as never, JSON.stringify(ops).length);
      const ack = await answered.promise;
      owner.detach(connectionId);
      owner.close();
      return ack;
    },
    async expireStaleRooms() {
      for (const model of ['rooms', 'lessons']) await readModels.waitFor(model, await log.head(), 10_000);
      return expire(asks('system', 'job:expireStaleRooms'));
    },
    async stop(): Promise<void> {
      await server.stop();
      await live.stop();
      await folder.close();
      await pictures.close();
      await readModels.stop();
      await school.close();
      await database.drop();
    },
  };
}

export type ClassroomServer = Awaited<ReturnType<typeof startClassroomServer>>;
