import { createAutosaveActiveBoards } from '../../../src/commands/jobs/autosaveActiveBoards.ts';
import { createCleanupOldSnapshots } from '../../../src/commands/jobs/cleanupOldSnapshots.ts';
import { createDisconnectInactiveParticipants } from '../../../src/commands/jobs/disconnectInactiveParticipants.ts';
import { createExpireStaleRooms } from '../../../src/commands/jobs/expireStaleRooms.ts';
import type { Pipeline } from '../../../src/commands/pipeline/pipeline.ts';
import type { RoomDoor } from '../../../src/commands/rooms/roomLink.ts';
import { room } from '../../../src/domain/room/index.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { asks, openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

describe('jobs that look after rooms', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    here = openProcess({ url: database.url, times: { autosaveGroups: 5 } });
  });
  afterAll(async () => {
    await here.stop();
    await database.drop();
  });
  const job = (name: string) => asks(`job:${name}`, { actor: { id: `job:${name}`, role: 'system' } });

  it('keep boards with enough that is new, and leave the others', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const host = await edge.socket('host');
    const autosave = createAutosaveActiveBoards({ owners: here.owners, door: here.rooms.door });
    for (let seq = 1; seq <= 4; seq += 1) host.send(add(seq, `s${seq}`));
    await host.next('ack', ({ upTo }) => upTo === 4);
    expect(await autosave(job('autosaveActiveBoards'))).toEqual({ roomsChecked: 1, saved: 0, unreachable: 0 });
    host.send(add(5, 's5'));
    await host.next('ack', ({ upTo }) => upTo === 5);
    expect(await autosave(job('autosaveActiveBoards'))).toEqual({ roomsChecked: 1, saved: 1, unreachable: 0 });
    await eventually(async () => (await here.boards.newestSnapshot(roomId))?.version === 5);
  });

  it('keep the last ten automatic snapshots, one for every 2,000 versions, and all that somebody asked for', async () => {
    const roomId = await here.room();
    const facts = (version: number) => ({ version, schemaVersion: 1, sha256: `h${version}`, bytes: 1, shapes: 0 });
    const versions = Array.from({ length: 30 }, (_, i) => (i + 1) * 500); // 500 … 15,000
    for (const version of versions) {
      await here.snapshots.save(roomId, facts(version), { doc: Buffer.from('d'), memory: Buffer.from('m') });
      await here.rooms.door.execute(roomId, {
        name: 'decide',
        input: { type: 'recordSnapshot', by: { personId: 'owner', authority: 'system' }, at: new Date().toISOString(), snapshot: { snapshotId: `s${version}`, ...facts(version), type: version === 2_500 ? 'manual' : 'auto', participants: 1, authorId: '' } },
      }, asks());
    }
    const cleanUp = createCleanupOldSnapshots({ pipeline: here.pipeline, door: here.rooms.door, snapshots: here.snapshots, clock: systemClock });
    await cleanUp(job('cleanupOldSnapshots'));
    // One per span of 2,000: 1,500 of the first, 3,500, 5,500, 7,500, 9,500; the last ten automatic ones; and the saved one.
    const kept = [1_500, 2_500, 3_500, 5_500, 7_500, 9_500, ...versions.filter((version) => version >= 10_500)];
    expect(await here.snapshots.versions(roomId)).toEqual(kept);
    const { state } = await here.pipeline.load(room, roomId, { fresh: true });
    expect('snapshots' in state && state.snapshots.map(({ version }) => version)).toEqual(kept);
    expect(await cleanUp(job('cleanupOldSnapshots'))).toMatchObject({ rowsRemoved: 0, boardsRemoved: 0, failed: 0 });
  });

  it('leave a room alone of which no board was kept since it was last tidy, and come back to one that could not be tidied', async () => {
    const roomId = await here.room();
    const keep = async (version: number) => {
      const facts = { version, schemaVersion: 1, sha256: `h${version}`, bytes: 1, shapes: 0 };
      await here.snapshots.save(roomId, facts, { doc: Buffer.from('d'), memory: Buffer.from('m') });
      const snapshot = { snapshotId: `s${version}`, ...facts, type: 'auto', participants: 1, authorId: '' };
      await here.rooms.door.execute(roomId, { name: 'decide', input: { type: 'recordSnapshot', by: { personId: 'owner', authority: 'system' }, at: new Date().toISOString(), snapshot } }, asks());
    };
    let isAway = true;
    const door: Pick<RoomDoor, 'execute'> = { execute: (...asked) => (isAway ? Promise.reject(new Error('away')) : here.rooms.door.execute(...asked)) };
    const cleanUp = createCleanupOldSnapshots({ pipeline: here.pipeline, door, snapshots: here.snapshots, clock: systemClock });
    for (let version = 1; version <= 12; version += 1) await keep(version);
    expect(await cleanUp(job('cleanupOldSnapshots'))).toEqual({ roomsChecked: 1, rowsRemoved: 0, boardsRemoved: 0, failed: 1 });
    isAway = false;
    expect(await cleanUp(job('cleanupOldSnapshots'))).toEqual({ roomsChecked: 1, rowsRemoved: 2, boardsRemoved: 2, failed: 0 });
    await keep(13);
    expect(await cleanUp(job('cleanupOldSnapshots'))).toEqual({ roomsChecked: 1, rowsRemoved: 1, boardsRemoved: 1, failed: 0 });
    expect(await here.snapshots.versions(roomId)).toHaveLength(10);
    await keep(14);
    expect(await cleanUp(job('cleanupOldSnapshots'))).toEqual({ roomsChecked: 1, rowsRemoved: 1, boardsRemoved: 1, failed: 0 });
    expect(await cleanUp(job('cleanupOldSnapshots'))).toEqual({ roomsChecked: 0, rowsRemoved: 0, boardsRemoved: 0, failed: 0 });
  });

  it('look after the other rooms when one cannot be read', async () => {
    const [broken, whole] = [await here.room({ started: false }), await here.room({ started: false })];
    const pipeline: Pick<Pipeline, 'load'> = { load: (aggregate, id, options) => (id === broken ? Promise.reject(new Error('unreadable')) : here.pipeline.load(aggregate, id, options)) };
    const clock = { now: () => new Date(Date.now() + 24 * 3_600_000) };
    const disconnect = createDisconnectInactiveParticipants({
      pipeline, door: here.rooms.door, owners: { ownerless: (roomIds) => Promise.resolve([...roomIds]) }, clock, begun: () => Promise.resolve([broken, whole]),
    });
    expect(await disconnect(job('disconnectInactiveParticipants'))).toMatchObject({ roomsChecked: 2, seatsReleased: 2, unreachable: 1 });
    const expire = createExpireStaleRooms({
      pipeline, clock, openAndOver: () => Promise.resolve([broken, whole]), lessonsWithoutRoom: () => Promise.resolve(['one', 'two']),
      syncLesson: (lessonId) => (lessonId === 'one' ? Promise.reject(new Error('unreadable')) : Promise.resolve({ id: 'made', revision: 0, position: '' })),
      decideOurs: (roomId, asked, ctx) =>
        here.rooms.door.execute(roomId, { name: 'decide', input: { ...asked, by: { personId: 'job', authority: 'system' }, at: new Date().toISOString() } }, ctx),
    });
    expect(await expire(job('expireStaleRooms'))).toEqual({ roomsChecked: 2, expired: 1, completed: 0, unreachable: 2, made: 1 });
  });

  it('note who is silent in rooms that nobody owns any more, and free their seats after two minutes', async () => {
    const gone = openProcess({ url: database.url, identity: { id: 'gone', isDead: () => false } });
    const roomId = await gone.room();
    const edge = await openEdge(gone.rooms.door, roomId);
    await edge.socket('student');
    await eventually(async () => (await gone.happened(roomId)).includes('ParticipantConnected'));
    let now = Date.now();
    const disconnect = createDisconnectInactiveParticipants({
      pipeline: here.pipeline, door: here.rooms.door, owners: here.owners, clock: { now: () => new Date(now) }, begun: (after) => Promise.resolve(after < roomId ? [roomId] : []),
    });
    expect(await disconnect(job('disconnectInactiveParticipants'))).toMatchObject({ roomsChecked: 0 }); // it has an owner
    await here.owners.bury([{ process: 'gone', worker: undefined }]);
    expect(await disconnect(job('disconnectInactiveParticipants'))).toMatchObject({ roomsChecked: 1, dropped: 1, seatsReleased: 0 });
    await here.owners.release((await Promise.all([here.owners.acquire(roomId)])).flatMap((one) => (one.outcome === 'owned' ? [one.lease] : [])));
    now += 121_000;
    expect(await disconnect(job('disconnectInactiveParticipants'))).toMatchObject({ dropped: 0, seatsReleased: 2, unreachable: 0 });
    await gone.stop();
  });
});
