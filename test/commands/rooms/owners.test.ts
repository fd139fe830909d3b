import { createPostgresRoomOwners } from '../../../src/adapters/rooms/owners/postgresRoomOwners.ts';
import type { NodeLink } from '../../../src/commands/rooms/roomLink.ts';
import { DomainError } from '../../../src/domain/kernel/domainError.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { asks, openProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

describe('the owner of a room', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.drop());

  const owner = (id: string, { dead = [] as string[], leaseMs = 60_000 } = {}) =>
    createPostgresRoomOwners({ pool: database.pool, process: { id, isDead: (one) => dead.includes(one) }, nodeUrl: `ws://${id}`, leaseMs });

  it('is one: whoever asks second is told who it is, whoever asks again still is', async () => {
    const [a, b] = [owner('a'), owner('b')];
    const first = await a.acquire('one');
    expect(first).toMatchObject({ outcome: 'owned', tookOver: false });
    expect(await b.acquire('one')).toEqual({ outcome: 'elsewhere', process: 'a', nodeUrl: 'ws://a' });
    expect(await a.acquire('one')).toMatchObject({ outcome: 'owned', tookOver: false });
  });

  it('is one, of twenty who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => owner(`p${i}`).acquire('contended')));
    expect(answers.filter(({ outcome }) => outcome === 'owned')).toHaveLength(1);
  });

  it('changes at once when it died, by its host or by the heartbeat, and when its lease is over', async () => {
    await owner('gone').acquire('two');
    expect(await owner('b', { dead: ['gone'] }).acquire('two')).toMatchObject({ outcome: 'owned', tookOver: true });
    await owner('buried').acquire('three');
    const b = owner('b');
    await b.bury([{ process: 'buried', worker: undefined }]);
    expect(await b.acquire('three')).toMatchObject({ outcome: 'owned', tookOver: true });
    await owner('slow', { leaseMs: -1 }).acquire('four');
    expect(await b.acquire('four')).toMatchObject({ outcome: 'owned', tookOver: true });
  });

  it('renews all its rooms in one statement, and learns which are lost', async () => {
    const [a, b] = [owner('a5'), owner('b5', { dead: ['a5'] })];
    const leases = await Promise.all(['five', 'six'].map(async (roomId) => {
      const acquired = await a.acquire(roomId);
      if (acquired.outcome !== 'owned') throw new Error('not owned');
      return acquired.lease;
    }));
    await b.acquire('six');
    expect(await a.renew(leases)).toEqual(new Set(['five']));
    await a.release(leases);
    expect(await b.ownerless(['five', 'six'])).toEqual(['five']);
    expect(await b.owned()).toContain('six');
  });

  it('loses the room when another one writes its board, and closes its sockets for the next owner', async () => {
    const one = openProcess({ url: database.url });
    const roomId = await one.room();
    const edge = await openEdge(one.rooms.door, roomId);
    const student = await edge.socket('student');
    student.send(add(1, 'one'));
    await student.next('ack');
    // Somebody takes it over while this one still thinks that it is the owner.
    const two = openProcess({ url: database.url, identity: { id: 'two', isDead: () => true } });
    const other = await openEdge(two.rooms.door, roomId);
    const there = await other.socket('student', 'board', { ackedSeq: 1 });
    expect(there.frames[0]?.d).toMatchObject({ lastSeq: 1, version: 2 }); // behind an empty group that shuts the old owner out
    student.send(add(2, 'late'));
    await eventually(() => edge.isLost());
    expect(student.frames.filter(({ t, d }) => t === 'ack' && d['upTo'] === 2)).toEqual([]);
    there.send(add(2, 'two'));
    await there.next('ack', ({ upTo }) => upTo === 2);
    expect((await one.groups(roomId)).map(({ data }) => data.personId)).toEqual(['student', 'owner', 'student']);
    await one.stop();
    await two.stop();
  });

  it('is reached through the link between nodes, and looked up again when it is none any more', async () => {
    const one = openProcess({ url: database.url, nodeUrl: 'ws://one' });
    const roomId = await one.room();
    const called: string[] = [];
    const link: NodeLink = {
      open: (nodeUrl, id, edge) => (called.push(nodeUrl), one.rooms.here.open(id, edge)),
      execute: async (nodeUrl, id, command, context, options) => {
        called.push(nodeUrl);
        return one.rooms.here.execute(id, command, context, options).catch((error: unknown) => {
          throw error instanceof DomainError && error.code === 'roomUnavailable' ? new DomainError('notOwner', 'stopped') : error;
        });
      },
    };
    const two = openProcess({ url: database.url, nodeUrl: 'ws://two', nodeLink: link });
    const edge = await openEdge(two.rooms.door, roomId);
    const student = await edge.socket('student');
    student.send(add(1, 'one'));
    await student.next('ack');
    expect(two.rooms.open()).toEqual([]);
    expect(await two.command(roomId, 'host', { type: 'pause' })).toMatchObject({ id: roomId });
    expect(called).toEqual(['ws://one', 'ws://one']);
    await one.stop();
    expect(student.closed).toBe(1012);
    await two.command(roomId, 'host', { type: 'resume' }, asks());
    expect(two.rooms.open()).toEqual([roomId]);
    await two.stop();
  });

  it('keeps its other rooms while one that it lets go of takes its time', async () => {
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => { letGo = resolve; });
    let waits = false;
    const one = openProcess({
      url: database.url, leaseMs: 900, times: { idleMs: 20 },
      wrap: (store) => ({
        ...store,
        async append(stream, events, options) {
          if (events.some(({ type }) => type === 'SnapshotTaken')) {
            waits = true;
            await slow;
          }
          return store.append(stream, events, options);
        },
      }),
    });
    const [left, used] = [await one.room(), await one.room()];
    const student = await (await openEdge(one.rooms.door, used)).socket('student');
    const last = await (await openEdge(one.rooms.door, left)).socket('student');
    last.send(add(1, 'one'));
    await last.next('ack');
    last.detach();
    await eventually(() => waits);
    const since = performance.now();
    await eventually(() => performance.now() - since > 1_200); // longer than a lease that nobody renews
    student.send(add(1, 'still-here'));
    await student.next('ack');
    letGo();
    await one.stop();
  });

  it('lets go of a room that nobody is in', async () => {
    const one = openProcess({ url: database.url, leaseMs: 300, times: { idleMs: 50 } });
    const roomId = await one.room();
    const edge = await openEdge(one.rooms.door, roomId);
    const student = await edge.socket('student');
    const leaseUntil = async () => (await database.pool.query<{ at: Date }>('select lease_until as at from lectern.room_owners where room = $1', [roomId])).rows[0]?.at.getTime() ?? 0;
    const first = await leaseUntil();
    await eventually(async () => (await leaseUntil()) > first + 200); // renewed for longer than a room without sockets is kept
    expect(one.rooms.open()).toEqual([roomId]);
    student.detach();
    await eventually(() => one.rooms.open().length === 0);
    expect(await one.owners.ownerless([roomId])).toEqual([roomId]);
    await one.stop();
  });
});
