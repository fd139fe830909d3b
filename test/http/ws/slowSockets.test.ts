import { aGroup, startEdgeServer, type EdgeServer } from './support/edgeServer.ts';
import { eventually } from '../../support/eventually.ts';
import type { RoomSocket } from './support/roomClient.ts';

const heavy = (version: number, more: Parameters<typeof aGroup>[1] = {}) => aGroup(version, { ops: [{ op: 'shape.add', pad: 'x'.repeat(30_000) }], ...more });
/** Every version that the client got, and where its frames begin. */
const versions = (client: RoomSocket) => client.all('ops').flatMap(({ d }) => (d['groups'] as { version: number }[]).map(({ version }) => version));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const gapless = (client: RoomSocket): boolean => {
  let at: number | undefined;
  return client.all('ops').every(({ d }) => {
    const groups = d['groups'] as { version: number }[];
    const fits = (at === undefined || d['from'] === at) && groups.every(({ version }, i) => version === (d['from'] as number) + i + 1);
    at = groups.at(-1)?.version;
    return fits;
  });
};

describe('coming back to a board', () => {
  let edge: EdgeServer;
  const start = async (limits: Parameters<typeof startEdgeServer>[0] = {}) => { edge = await startEdgeServer(limits); };
  afterEach(() => edge.stop());
  const seed = (n: number, make = aGroup) => {
    for (let version = 1; version <= n; version++) edge.log.push(make(version));
    edge.script.version = n;
  };

  it('gets 2,000 missed groups as ops, in order, without a gap', async () => {
    await start();
    seed(2_100);
    edge.script.snapshot = 2_100;
    const client = await edge.board('student-1', { lastVersion: 100 });
    await eventually(() => versions(client).length === 2_000);
    expect(versions(client)).toEqual(upTo(2_100).slice(100));
    expect(gapless(client)).toBe(true);
    expect((await client.next('welcome')).d).not.toHaveProperty('snapshotUrl');
  });

  it('is told of a snapshot when more was missed, and gets what comes after it', async () => {
    await start();
    seed(2_101);
    edge.script.snapshot = 2_090;
    const client = await edge.board('student-1', { lastVersion: 100 });
    await eventually(() => versions(client).length === 11);
    expect((await client.next('welcome')).d).toMatchObject({ version: 2_101, snapshotVersion: 2_090, snapshotUrl: '/api/v1/classroom/sessions/room-1/snapshots/2090' });
    expect(versions(client)).toEqual(upTo(2_101).slice(2_090));
  });

  it('is told of a snapshot when what was missed is more than 1 MB', async () => {
    await start();
    seed(40, heavy);
    edge.script.snapshot = 40;
    const client = await edge.board('student-1', { lastVersion: 1 });
    expect((await client.next('welcome')).d).toMatchObject({ snapshotVersion: 40 });
    edge.commit(aGroup(41));
    await eventually(() => versions(client).length === 1);
    expect(versions(client)).toEqual([41]);
  });

  it('is told of the snapshot at once when it has nothing and the board is not short', async () => {
    await start();
    seed(64);
    edge.script.snapshot = 60;
    const short = await edge.board('student-1', { lastVersion: 0 });
    expect((await short.next('welcome')).d).not.toHaveProperty('snapshotUrl');
    await eventually(() => versions(short).length === 64);
    edge.commit(aGroup(65));
    const long = await edge.board('student-2', { lastVersion: 0 });
    expect((await long.next('welcome')).d).toMatchObject({ version: 65, snapshotVersion: 60 });
    await eventually(() => versions(long).length === 5);
  });

  it('gets ops, and no snapshot, when it has nothing but drew before its line broke: its own groups are in them', async () => {
    await start();
    seed(65, (version) => (version === 30 ? aGroup(version, { personId: 'student-1', clientId: 'c-1', seq: 1 }) : aGroup(version)));
    edge.script.snapshot = 60;
    edge.script.lastSeq = 1;
    const back = await edge.board('student-1', { lastVersion: 0 });
    expect((await back.next('welcome')).d).not.toHaveProperty('snapshotUrl');
    await eventually(() => versions(back).length === 65);
  });

  it('gets all as ops when there is no snapshot yet', async () => {
    await start();
    seed(3_000);
    const client = await edge.board('student-1', { lastVersion: 0 });
    await eventually(() => versions(client).length === 3_000);
    expect(gapless(client)).toBe(true);
  });

  it('begins anew who claims more than there is', async () => {
    await start();
    seed(3);
    const client = await edge.board('student-1', { lastVersion: 900 });
    await eventually(() => versions(client).length === 3);
    expect(client.all('ops')[0]!.d['from']).toBe(0);
  });

  it('gets its own groups in short, those of others and its undos in full; all in full when it has nothing', async () => {
    await start();
    const own = { personId: 'student-1', clientId: 'c-1' };
    edge.log.push(aGroup(1), aGroup(2, { ...own, seq: 1 }), aGroup(3, { ...own, seq: 2, kind: 'undo' }), aGroup(4, { clientId: 'c-1' }), aGroup(5, { ...own, seq: 3 }));
    edge.script.version = 5;
    const back = await edge.board('student-1', { lastVersion: 1 });
    await eventually(() => versions(back).length === 4);
    const groups = back.all('ops').flatMap(({ d }) => d['groups'] as object[]);
    expect(groups.map((group) => 'ops' in group)).toEqual([false, true, true, false]);
    expect(groups[0]).toEqual({ version: 2, clientId: 'c-1', seq: 1 });
    const fresh = await edge.board('student-1', { lastVersion: 0 });
    await eventually(() => versions(fresh).length === 5);
    expect(fresh.all('ops').flatMap(({ d }) => d['groups'] as object[]).every((group) => 'ops' in group)).toBe(true);
  });

  it('gets its own groups in full behind the snapshot too, when it has nothing', async () => {
    await start();
    seed(70, (version) => (version > 60 ? aGroup(version, { personId: 'student-1', clientId: 'c-1', seq: version - 60 }) : aGroup(version)));
    edge.script.snapshot = 60;
    const fresh = await edge.board('student-1', { lastVersion: 0 });
    expect((await fresh.next('welcome')).d).toMatchObject({ snapshotVersion: 60 });
    await eventually(() => versions(fresh).length === 10);
    expect(fresh.all('ops').flatMap(({ d }) => d['groups'] as object[]).every((group) => 'ops' in group)).toBe(true);
  });

  it('loses and doubles nothing while others write', async () => {
    await start();
    seed(500);
    const first = await edge.board('a');
    const clients = [];
    for (let i = 0; i < 8; i++) {
      clients.push(edge.board(`p-${i}`, { lastVersion: i * 50 }));
      for (let k = 0; k < 10; k++) edge.commit(aGroup(edge.script.version + 1), aGroup(edge.script.version + 2));
      await Promise.race([...clients]);
    }
    const all = [first, ...(await Promise.all(clients))];
    edge.commit(aGroup(edge.script.version + 1));
    const end = edge.script.version;
    await eventually(() => all.every((client) => versions(client).at(-1) === end));
    for (const [i, client] of all.entries()) {
      expect(versions(client)).toEqual(upTo(end).slice(i === 0 ? 0 : (i - 1) * 50));
      expect(gapless(client)).toBe(true);
    }
  });

  it('is caught up anew by sync, from wherever it says', async () => {
    await start();
    seed(10);
    const client = await edge.board('student-1', { lastVersion: 10 });
    client.send({ t: 'sync', d: { lastVersion: 4 } });
    await eventually(() => versions(client).length === 6);
    expect(versions(client)).toEqual([5, 6, 7, 8, 9, 10]);
    edge.commit(aGroup(11));
    await eventually(() => versions(client).at(-1) === 11);
  });

  it('is reset over a restore, since that is loaded and not played', async () => {
    await start();
    seed(10, (version) => aGroup(version, version === 6 ? { isRestore: true } : {}));
    edge.script.snapshot = undefined;
    const client = await edge.board('student-1', { lastVersion: 2 });
    edge.script.snapshot = 6; // it is ready a moment later
    const reset = await client.next('reset');
    expect(reset.d).toEqual({ version: 6, snapshotVersion: 6, snapshotUrl: '/api/v1/classroom/sessions/room-1/snapshots/6' });
    await eventually(() => versions(client).at(-1) === 10);
    expect(versions(client)).toEqual([7, 8, 9, 10]);
  });

  it('waits for a log that is away for a moment, and closes with 1013 when it stays away', async () => {
    await start();
    seed(5);
    edge.reads.failing = true;
    const client = await edge.board('student-1', { lastVersion: 1 });
    await eventually(() => edge.reads.count > 2);
    edge.reads.failing = false;
    await eventually(() => versions(client).length === 4);
    edge.reads.failing = true;
    const unlucky = await edge.board('student-2', { lastVersion: 2 });
    expect((await unlucky.closed).code).toBe(1013);
  });

  it('notices a broadcast that is missing, and reads it from the log', async () => {
    await start();
    const client = await edge.board();
    edge.log.push(aGroup(1), aGroup(2));
    edge.script.version = 2; // committed, but never told
    edge.commit(aGroup(3));
    await eventually(() => versions(client).length === 3);
    expect(gapless(client)).toBe(true);
  });
});

describe('a socket that reads slowly', () => {
  let edge: EdgeServer;
  afterEach(() => edge.stop());
  /** More than the operating system takes in for a reader who does not read. */
  const flood = async (groups: number) => {
    for (let i = 0; i < groups; i++) {
      edge.commit(heavy(edge.script.version + 1));
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('gets no ephemerals over 256 KB, no live ops over 1 MB, and all of the ops from the log once it reads again', async () => {
    edge = await startEdgeServer();
    const client = await edge.board('slow');
    const other = await edge.board('other');
    client.socket.pause();
    await flood(600);
    await eventually(() => versions(other).length === 600);
    edge.script.edge().toAll({ channel: 'board', lane: 'ephemeral', frame: '{"t":"presence","d":{"people":[]}}' });
    await other.next('presence');
    const text = await edge.metrics.text();
    expect(text.includes('lectern_socket_drops_total{why="ephemeral"} 1')).toBe(true);
    expect(text.includes('lectern_socket_catch_ups_total{because="slow"}')).toBe(true);
    client.socket.resume();
    await eventually(() => versions(client).length === 600);
    expect(gapless(client)).toBe(true);
    expect(client.all('presence')).toHaveLength(0);
    edge.commit(aGroup(601));
    await eventually(() => versions(client).at(-1) === 601);
  });

  it('still gets what must not be lost, in order, while it is behind', async () => {
    edge = await startEdgeServer();
    const client = await edge.board('slow');
    client.socket.pause();
    await flood(400);
    for (let n = 1; n <= 3; n++) edge.script.edge().toOne(edge.script.attached[0]!.connectionId, `{"t":"ack","d":{"upTo":${n},"version":${n}}}`, 'control');
    client.socket.resume();
    await eventually(() => client.all('ack').length === 3);
    expect(client.all('ack').map(({ d }) => d['upTo'])).toEqual([1, 2, 3]);
    await eventually(() => versions(client).length === 400);
  });

  it('is closed with 4008 after it took nothing for too long, and gets the rest when it comes back', async () => {
    edge = await startEdgeServer({ limits: { noProgressMs: 1_000, sweepMs: 50, closeWithinMs: 3_000 } });
    const client = await edge.board('dead');
    client.socket.pause();
    await flood(400);
    await eventually(() => edge.script.detached.length === 1);
    client.socket.resume();
    expect((await client.closed).code).toBe(4008);
    await eventually(async () => (await edge.metrics.text()).includes('lectern_socket_closes_total{channel="board",code="4008"} 1'));
    const back = await edge.board('dead', { lastVersion: versions(client).at(-1)! });
    await eventually(() => versions(back).at(-1) === 400);
    expect([...versions(client), ...versions(back)]).toEqual(upTo(400));
  });

  it('is reset to the newest snapshot when it fell far behind', async () => {
    edge = await startEdgeServer({ limits: { tailGroups: 100 } });
    const client = await edge.board('slow');
    client.socket.pause();
    await flood(500);
    edge.script.snapshot = 450;
    client.socket.resume();
    await eventually(() => versions(client).at(-1) === 500);
    const reset = await client.next('reset');
    expect(reset.d).toMatchObject({ snapshotVersion: 450 });
    expect(versions(client).slice(-50)).toEqual(upTo(500).slice(450));
  });
});
