import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { EventStoreError } from '../../../src/ports/eventStore.ts';
import { asks, openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

describe('who is in a room, by their sockets', () => {
  let database: TestDatabase;
  let here: RoomProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    here = openProcess({ url: database.url, times: { returnMs: 0, seatMs: 1_500, hostAbsentMs: 150 } });
  });
  afterAll(async () => {
    await here.stop();
    await database.drop();
  });
  const has = (roomId: string, ...types: string[]) => eventually(async () => {
    const happened = (await here.happened(roomId)).filter((type) => type !== 'SnapshotTaken');
    return types.every((type, index) => happened.at(index - types.length) === type) ? happened : undefined;
  });

  it('is connected by the first socket, drops with the last, and keeps the seat for a while', async () => {
    const roomId = await here.room({ started: false });
    const edge = await openEdge(here.rooms.door, roomId);
    const [board, system] = [await edge.socket('student'), await edge.socket('student', 'system')];
    await has(roomId, 'ParticipantConnected');
    board.detach();
    await edge.socket('student');
    system.detach();
    const before = await here.happened(roomId);
    expect(before).not.toContain('ParticipantDropped');
    for (const one of [...edge.sockets.values()]) one.detach();
    await has(roomId, 'ParticipantDropped');
    const again = await edge.socket('student');
    await has(roomId, 'ParticipantReconnected');
    again.detach();
    // The host, who joined and never came, loses the seat in the meantime.
    await eventually(async () => (await here.happened(roomId)).filter((type) => type === 'SeatReleased').length === 2);
    expect((await edge.socket('student')).answer).toEqual({ ok: false, code: 4401 });
  });

  it('sends a socket away whose seat is given up as it comes: it joins again', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const released = here.rooms.door.execute(roomId, { name: 'decide', input: { type: 'releaseSeat', personId: 'student', by: { personId: 'job', authority: 'system' }, at: new Date().toISOString() } }, asks());
    await new Promise((resolve) => setImmediate(resolve)); // the command is in the queue
    const student = await edge.socket('student');
    expect(student.answer.ok).toBe(true);
    await released;
    await eventually(() => student.closed === 4401);
  });

  it('says again what the log did not take', async () => {
    let away = false;
    const one = openProcess({
      url: database.url, times: { returnMs: 0, againMs: 30, hostAbsentMs: 50 },
      wrap: (store) => ({ ...store, append: (...args) => (away ? Promise.reject(new EventStoreError('unavailable', 'away')) : store.append(...args)) }),
    });
    const roomId = await one.room();
    const edge = await openEdge(one.rooms.door, roomId);
    const student = await edge.socket('student');
    await eventually(async () => (await one.happened(roomId)).includes('ParticipantConnected'));
    away = true;
    student.detach();
    await eventually(() => one.logged.filter((line) => line.startsWith('who is in the room could not be noted')).length >= 2);
    away = false;
    await eventually(async () => {
      const happened = await one.happened(roomId);
      return happened.includes('ParticipantDropped') && happened.includes('HostAbsent');
    });
    await one.stop();
  });

  it('does not begin a seat\'s two minutes anew with every owner', async () => {
    const one = openProcess({ url: database.url });
    const roomId = await one.room();
    await one.rooms.stop();
    const since = performance.now();
    await eventually(() => performance.now() - since > 700);
    const two = openProcess({ url: database.url, times: { returnMs: 0, seatMs: 1_000 } });
    await two.command(roomId, 'host', { type: 'pause' });
    const opened = performance.now();
    await eventually(async () => (await two.happened(roomId)).includes('SeatReleased'), { timeoutMs: 3_000 });
    expect(performance.now() - opened).toBeLessThan(900);
    await two.stop();
    await one.stop();
  });

  it('pauses for a host who is silent, and goes on as it was when they are back', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const [student, host] = [await edge.socket('student'), await edge.socket('host')];
    host.detach();
    await eventually(async () => (await here.happened(roomId)).includes('HostAbsent'));
    student.send(add(1, 'one'));
    await student.next('ack');
    expect(student.frames.at(-1)?.d).toMatchObject({ rejected: [{ seq: 1, code: 'roomPaused' }] });
    await here.command(roomId, 'host', { type: 'join', personId: 'host', entitlement: { kind: 'none' } });
    await edge.socket('host');
    await eventually(async () => (await here.happened(roomId)).includes('HostReturned'));
    student.send(add(2, 'two'));
    await student.next('ack', ({ upTo, rejected }) => upTo === 2 && rejected === undefined);
  });
});
