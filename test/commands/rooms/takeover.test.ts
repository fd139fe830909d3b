import type { EventStore } from '../../../src/ports/eventStore.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

/** Appends to rooms go off and are on their way until they arrive. */
function slowWay() {
  let isSlow = false;
  let arrive: () => void = () => undefined;
  let underWay = 0;
  const arrived = new Promise<void>((resolve) => { arrive = resolve; });
  return {
    slowDown: () => { isSlow = true; },
    arrive: () => arrive(),
    underWay: () => underWay,
    wrap: (store: EventStore): EventStore => ({
      ...store,
      async append(stream, events, options) {
        if (isSlow && stream.startsWith('room-')) {
          underWay += 1;
          await arrived;
        }
        return store.append(stream, events, options);
      },
    }),
  };
}

describe('a room command that is on its way while another one takes the room over', () => {
  let database: TestDatabase;
  let way: ReturnType<typeof slowWay>;
  let before: RoomProcess;
  let after: RoomProcess;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => {
    way = slowWay();
    before = openProcess({ url: database.url, wrap: way.wrap });
    after = openProcess({ url: database.url, identity: { id: 'after', isDead: () => true } });
  });
  afterEach(async () => {
    await after.stop();
    await before.stop();
  });
  afterAll(() => database.drop());

  /** Of the old owner's, and it does not arrive. */
  async function kick(roomId: string): Promise<unknown> {
    way.slowDown();
    const kicked = before.command(roomId, 'host', { type: 'kick', personId: 'student', reason: '' });
    await eventually(() => way.underWay() === 1);
    return kicked;
  }

  it('comes to nothing once the new owner has written the room', async () => {
    const roomId = await before.room();
    const kicked = kick(roomId);
    const refused = expect(kicked).rejects.toMatchObject({ code: 'roomUnavailable' });
    await eventually(() => way.underWay() === 1);
    await after.command(roomId, 'host', { type: 'pause' });
    way.arrive();
    await refused;
    expect((await before.happened(roomId)).at(-1)).toBe('RoomPaused');
    expect([before.rooms.open(), after.rooms.open()]).toEqual([[], [roomId]]);
    await after.command(roomId, 'host', { type: 'resume' });
  });

  it('holds when it arrives first: the new owner\'s next word on the room meets it, and the room is read anew', async () => {
    const roomId = await before.room();
    const first = await (await openEdge(before.rooms.door, roomId)).socket('student');
    first.send(add(1, 'one'));
    await first.next('ack');
    await eventually(async () => (await before.happened(roomId)).includes('ParticipantConnected'));
    const kicked = kick(roomId);
    await eventually(() => way.underWay() === 1);
    const edge = await openEdge(after.rooms.door, roomId);
    const student = await edge.socket('student', 'board', { ackedSeq: 1 });
    way.arrive();
    await kicked;
    const kickedAt = (await before.happened(roomId)).indexOf('ParticipantKicked');
    expect(kickedAt).toBeGreaterThan(0);
    // Until then the new owner does not know of it.
    student.send(add(2, 'two'));
    await student.next('ack', ({ upTo }) => upTo === 2);
    expect((await before.groups(roomId)).at(-1)?.data).toMatchObject({ seq: 2, roomRevision: kickedAt - 1 });

    await expect(after.command(roomId, 'host', { type: 'pause' })).rejects.toMatchObject({ code: 'roomUnavailable' });
    expect([edge.isLost(), student.closed]).toEqual([true, 1012]);
    await after.command(roomId, 'host', { type: 'pause' });
    expect((await before.happened(roomId)).slice(kickedAt)).toEqual(['ParticipantKicked', 'RoomPaused']);
    expect((await (await openEdge(after.rooms.door, roomId)).socket('student')).answer).toEqual({ ok: false, code: 4100 });
  });
});
