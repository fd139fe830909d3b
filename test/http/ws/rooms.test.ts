import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { ackedUpTo, addShape, groupsOf, startRoomServer, type RoomServer } from './support/roomServer.ts';

describe('a room over real sockets', () => {
  let database: TestDatabase;
  let node: RoomServer;
  beforeAll(async () => { database = await createTestDatabase(); });
  beforeEach(async () => { node = await startRoomServer({ url: database.url }); });
  afterEach(() => node.stop());
  afterAll(() => database.drop());

  it('shows to all what one draws, acknowledges it once it is in the log, and keeps it over a restart', async () => {
    const roomId = await node.owner.room({ people: ['student', 'other'] });
    const [host, student] = [await node.board(roomId, 'host'), await node.board(roomId, 'student')];
    student.send(addShape(1, 'a'));
    await host.next('ops');
    await eventually(() => ackedUpTo(student) === 1);
    expect(await node.owner.groups(roomId)).toMatchObject([{ data: { personId: 'student', clientId: 'c-student', seq: 1, ops: [{ op: 'shape.add', shape: { id: 'a', author: 'student' } }] } }]);
    expect(groupsOf(student)).toEqual([{ version: 1, clientId: 'c-student', seq: 1 }]);
    expect(groupsOf(host)[0]).toMatchObject({ version: 1, personId: 'student', kind: 'ops' });
    await node.stop();
    expect([(await host.closed).code, (await student.closed).code]).toEqual([1012, 1012]);

    node = await startRoomServer({ url: database.url });
    const back = await node.board(roomId, 'student', { lastVersion: 1, ackedSeq: 1 });
    expect((await back.next('welcome')).d).toMatchObject({ version: 1, lastSeq: 1, you: { personId: 'student', role: 'student' }, permissions: { draw: true, edit: 'own' }, limits: { opsPerSecond: 60 } });
    const fresh = await node.board(roomId, 'other');
    await eventually(() => groupsOf(fresh).length === 1);
    expect(groupsOf(fresh)).toEqual(groupsOf(host));
  });

  it('is drawn in by many at once: all see the same in the same order', async () => {
    const people = Array.from({ length: 6 }, (_, i) => `p-${i}`);
    const roomId = await node.owner.room({ people });
    const clients = await Promise.all(people.map((personId) => node.board(roomId, personId)));
    for (let seq = 1; seq <= 40; seq++) clients.forEach((client, i) => client.send(addShape(seq, `s-${i}-${seq}`)));
    await eventually(() => clients.every((client) => groupsOf(client).length === 240 && ackedUpTo(client) === 40));
    const order = groupsOf(clients[0]!).map(({ clientId, seq }) => `${clientId} ${seq}`);
    for (const client of clients) {
      expect(groupsOf(client).map(({ clientId, seq }) => `${clientId} ${seq}`)).toEqual(order);
      expect(groupsOf(client).map(({ version }) => version)).toEqual(order.map((_, i) => i + 1));
    }
  });

  it('lets nobody write as somebody else: neither by a clientId, nor by a sequence of theirs', async () => {
    const roomId = await node.owner.room({ people: ['student', 'liar'] });
    const student = await node.board(roomId, 'student');
    const liar = await node.board(roomId, 'liar', { clientId: 'c-student' });
    student.send(addShape(1, 'a'));
    liar.send({ ...addShape(1, 'b'), personId: 'student', d: { ...addShape(1, 'b').d, personId: 'student', author: 'student' } });
    await eventually(() => ackedUpTo(student) === 1 && ackedUpTo(liar) === 1);
    const written = await node.owner.groups(roomId);
    expect(written.map(({ data }) => [data.personId, data.clientId, data.seq]).toSorted()).toEqual([['liar', 'c-student', 1], ['student', 'c-student', 1]]);
    expect(written.find(({ data }) => data.personId === 'liar')!.data.ops).toMatchObject([{ shape: { id: 'b', author: 'liar' } }]);
    liar.send({ t: 'ops', d: { seq: 2, gestureId: 'g', ops: [{ op: 'shape.delete', id: 'a' }] } });
    await eventually(() => liar.all('ack').some(({ d }) => JSON.stringify(d['rejected'])?.includes('"seq":2')));
  });

  it('answers a gap in the sequence, and acknowledges a repeat without doing it again', async () => {
    const roomId = await node.owner.room();
    const student = await node.board(roomId, 'student');
    student.send(addShape(3, 'c'));
    expect((await student.next('error')).d).toMatchObject({ code: 'seqGap', retryable: true, ref: '3' });
    student.send(addShape(1, 'a'));
    await eventually(() => ackedUpTo(student) === 1);
    student.send(addShape(1, 'a'));
    student.send(addShape(2, 'b'));
    await eventually(() => ackedUpTo(student) === 2);
    expect(await node.owner.groups(roomId)).toHaveLength(2);
  });

  it('closes with what the room says: nobody there, not invited, taken over, kicked, ended', async () => {
    expect((await (await node.enter('no-such-room', 'system', 'student')).closed).code).toBe(4404);
    const roomId = await node.owner.room({ people: ['student', 'other'] });
    expect((await (await node.enter(roomId, 'system', 'stranger')).closed).code).toBe(4403);
    const first = await node.board(roomId, 'student');
    const second = await node.board(roomId, 'student');
    expect((await first.closed).code).toBe(4409);
    const other = await node.enter(roomId, 'system', 'other');
    await other.next('status');
    await node.owner.command(roomId, 'host', { type: 'kick', personId: 'other', reason: 'noise' });
    expect((await other.closed).code).toBe(4100);
    expect(other.all('kicked')).toMatchObject([{ d: { reason: 'noise' } }]);
    expect((await (await node.enter(roomId, 'system', 'other')).closed).code).toBe(4100);
    await node.owner.command(roomId, 'host', { type: 'complete' });
    expect((await second.closed).code).toBe(4410);
    expect((await (await node.enter(roomId, 'system', 'student')).closed).code).toBe(4410);
  });

  it('takes three devices of a person, not a fourth', async () => {
    const roomId = await node.owner.room();
    for (const device of ['d-1', 'd-2', 'd-3']) await (await node.enter(roomId, 'system', 'student', {}, device)).next('status');
    expect((await (await node.enter(roomId, 'system', 'student', {}, 'd-4')).closed).code).toBe(4429);
  });

  it('is reset by a restore, live and for who comes back over it', async () => {
    const roomId = await node.owner.room();
    const [host, away] = [await node.board(roomId, 'host'), await node.board(roomId, 'student')];
    host.send(addShape(1, 'a'));
    host.send(addShape(2, 'b'));
    await eventually(() => groupsOf(away).length === 2);
    away.socket.close();
    await node.owner.rooms.door.execute(roomId, { name: 'restore', input: { toVersion: 1 } }, { commandId: crypto.randomUUID(), correlationId: 'c', causationId: 'c', actor: { id: 'host', role: 'teacher' } });
    const reset = await host.next('reset');
    expect(reset.d).toMatchObject({ version: 3, snapshotVersion: 3 });
    host.send(addShape(3, 'c'));
    await eventually(() => ackedUpTo(host) === 3);
    const back = await node.board(roomId, 'student', { lastVersion: 2 });
    expect((await back.next('welcome')).d).toMatchObject({ snapshotVersion: 3 });
    await eventually(() => groupsOf(back).length === 1);
    expect(groupsOf(back)[0]).toMatchObject({ version: 4 });
  });
});
