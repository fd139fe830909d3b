import { EventStoreError, type EventStore } from '../../../src/ports/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

/** A log that goes away and comes back when it is told; `board` only: appends to boards. */
function switchedStore() {
  let away: 'no' | 'unavailable' | 'written' | 'onItsWay' | 'refusesTwo' | 'refusesAndIsGone' = 'no';
  let reads = 0;
  const onItsWay: (() => Promise<unknown>)[] = [];
  return {
    /** What nobody heard of any more is written now, where it still fits. */
    arrive: async () => { for (const write of onItsWay.splice(0)) await write().catch(() => undefined); },
    set: (now: typeof away) => void (away = now),
    reads: () => reads,
    wrap: (store: EventStore): EventStore => ({
      ...store,
      async readStream(stream, options) {
        if (away !== 'refusesAndIsGone') return store.readStream(stream, options);
        if (stream.startsWith('board-')) reads += 1;
        throw new EventStoreError('unavailable', 'gone');
      },
      async append(stream, events, options) {
        if (away === 'refusesAndIsGone') throw new EventStoreError('invalid', 'not that');
        if (away === 'onItsWay') {
          onItsWay.push(() => store.append(stream, events, options));
          throw new EventStoreError('unknownOutcome', 'on its way');
        }
        if (away === 'refusesTwo' && JSON.stringify(events).includes('"two"')) throw new EventStoreError('invalid', 'not that');
        if (away === 'unavailable') throw new EventStoreError('unavailable', 'away');
        const outcome = await store.append(stream, events, options);
        if (away === 'written') throw new EventStoreError('unknownOutcome', 'written, but nobody says so');
        return outcome;
      },
    }),
  };
}

describe('a live room whose log does not answer', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  let log: ReturnType<typeof switchedStore>;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => {
    log = switchedStore();
    here = openProcess({ url: database.url, leaseMs: 3_000, wrap: log.wrap, times: { savingMs: 30, giveUpMs: 1_500, mostPauseMs: 20, holdBytes: 2_000 } });
  });
  afterEach(() => here.stop());
  afterAll(() => database.drop());

  it('says that it is saving, shows and acknowledges nothing meanwhile, and then everything, once', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const [host, student] = [await edge.socket('host'), await edge.socket('student')];
    await eventually(async () => (await here.happened(roomId)).filter((type) => type === 'ParticipantConnected').length === 2);
    log.set('written');
    student.send(add(1, 'one'));
    await host.next('saving', ({ saving }) => saving === true);
    student.send(add(2, 'two'));
    expect((await edge.socket('student', 'board', { clientId: 'other-tab', deviceId: 'other' })).frames.map(({ t }) => t)).toEqual(['welcome', 'saving']);
    expect([...host.frames, ...student.frames].filter(({ t }) => t === 'ops' || t === 'ack')).toEqual([]);
    log.set('no');
    await student.next('ack', ({ upTo }) => upTo === 2);
    await host.next('saving', ({ saving }) => saving === false);
    expect((await here.groups(roomId)).map(({ data }) => data.seq)).toEqual([1, 2]);
  });

  it('refuses what the log will never take, and writes what came with it, on the board as it was', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const [host, student] = [await edge.socket('host'), await edge.socket('student')];
    await eventually(async () => (await here.happened(roomId)).filter((type) => type === 'ParticipantConnected').length === 2);
    student.send(add(1, 'one'));
    student.send({ t: 'ops', d: { seq: 2, gestureId: 'g-2', ops: [{ op: 'shape.delete', id: 'nothing' }] } });
    await student.next('ack', ({ upTo }) => upTo === 2);
    log.set('refusesTwo');
    for (const [seq, id] of [[3, 'two'], [4, 'three'], [5, 'two'], [6, 'four']] as const) student.send(add(seq, id));
    await student.next('ack', ({ upTo }) => upTo === 6);
    log.set('no');
    // 'two' is not on the board: it can be added now, and what stands there cannot.
    student.send(add(7, 'two'));
    student.send(add(8, 'three'));
    await student.next('ack', ({ upTo }) => upTo === 8);
    const acks = student.frames.filter(({ t }) => t === 'ack').flatMap(({ d }) => (d as { rejected?: { seq: number; code: string }[] }).rejected ?? []);
    expect(acks).toEqual([{ seq: 3, code: 'invalid' }, { seq: 5, code: 'invalid' }, { seq: 8, code: 'shapeExists' }]);
    expect((await here.groups(roomId)).map(({ data }) => data.seq)).toEqual([1, 4, 6, 7]);
    expect(host.frames.filter(({ t }) => t === 'ops').flatMap(({ d }) => (d as { groups: { seq: number }[] }).groups.map(({ seq }) => seq))).toEqual([1, 4, 6, 7]);
  });

  it('ends, and does not look for its board again and again, when that cannot be read after a refusal', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const student = await edge.socket('student');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    student.send(add(1, 's1'));
    await student.next('ack');
    log.set('refusesAndIsGone');
    for (let seq = 2; seq <= 20; seq += 1) student.send(add(seq, `s${seq}`));
    await eventually(() => student.closed);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([student.closed, log.reads()]).toEqual([1013, 1]);
    log.set('no');
  });

  it('stops reading when too much waits, and reads on', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const student = await edge.socket('student');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    log.set('unavailable');
    for (let seq = 1; seq <= 30; seq += 1) student.send(add(seq, `s${seq}`));
    expect(edge.held).toEqual([true]);
    log.set('no');
    await student.next('ack', ({ upTo }) => upTo === 30);
    expect(edge.held).toEqual([true, false]);
  });

  it('closes the boards for later when it stays away, and begins anew with all that was acknowledged', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const [board, system] = [await edge.socket('student'), await edge.socket('student', 'system')];
    board.send(add(1, 'one'));
    await board.next('ack');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    log.set('written');
    board.send(add(2, 'two'));
    await eventually(() => board.closed !== undefined);
    expect([board.closed, system.closed, here.rooms.open()]).toEqual([1013, 1012, []]);
    log.set('no');
    const again = await (await openEdge(here.rooms.door, roomId)).socket('student', 'board', { ackedSeq: 1 });
    expect(again.frames[0]?.d).toMatchObject({ lastSeq: 2 }); // it had been written after all
  });

  it('shuts out what it had sent before it gave up, when it begins anew', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const board = await edge.socket('student');
    board.send(add(1, 'one'));
    await board.next('ack');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    log.set('onItsWay');
    board.send(add(2, 'two'));
    await eventually(() => board.closed !== undefined);
    log.set('no');
    await here.command(roomId, 'host', { type: 'kick', personId: 'student', reason: '' });
    await log.arrive();
    expect((await here.groups(roomId)).map(({ data }) => [data.personId, data.seq])).toEqual([['student', 1], ['owner', 1]]);
  });

  it('repeats nothing once the room is another one\'s', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const board = await edge.socket('student');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    log.set('unavailable');
    board.send(add(1, 'late'));
    await board.next('saving');
    const there = openProcess({ url: database.url, identity: { id: 'there', isDead: () => true } });
    await there.command(roomId, 'host', { type: 'kick', personId: 'student', reason: '' });
    await eventually(() => edge.isLost());
    log.set('no');
    const since = performance.now();
    await eventually(() => performance.now() - since > 200); // ten pauses of the repeating
    expect(await here.groups(roomId)).toEqual([]);
    await there.stop();
  });
});
