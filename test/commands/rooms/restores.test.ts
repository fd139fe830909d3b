import { EventStoreError, type EventStore } from '../../../src/ports/eventStore.ts';
import type { By } from '../../../src/domain/room/index.ts';
import type { CommandContext } from '../../../src/commands/pipeline/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { eventually } from '../../support/eventually.ts';
import { asks, openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

/** Appends to streams of this kind are written, and nobody says so; or never arrive. */
function troubledStore() {
  let trouble: { stream: 'board' | 'room'; how: 'written' | 'away' } | undefined;
  return {
    set: (now: typeof trouble) => void (trouble = now),
    wrap: (store: EventStore): EventStore => ({
      ...store,
      async append(stream, events, options) {
        const now = trouble && stream.startsWith(`${trouble.stream}-`) ? trouble.how : undefined;
        if (now === 'away') throw new EventStoreError('unavailable', 'away');
        const outcome = await store.append(stream, events, options);
        if (now === 'written') throw new EventStoreError('unknownOutcome', 'written, but nobody says so');
        return outcome;
      },
    }),
  };
}

describe('a restore', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  let log: ReturnType<typeof troubledStore>;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => {
    log = troubledStore();
    here = openProcess({ url: database.url, leaseMs: 3_000, wrap: log.wrap, times: { giveUpMs: 300, mostPauseMs: 20 } });
  });
  afterEach(() => here.stop());
  afterAll(() => database.drop());

  /** A room whose host drew two shapes. */
  async function drawn() {
    const roomId = await here.room();
    const host = await (await openEdge(here.rooms.door, roomId)).socket('host');
    for (const seq of [1, 2]) host.send(add(seq, `s${seq}`));
    await host.next('ack', ({ upTo }) => upTo === 2);
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    return roomId;
  }
  const restore = (roomId: string, toVersion: number, context: CommandContext, by: By = { personId: context.actor.id, authority: 'room' }) =>
    here.rooms.door.execute(roomId, { name: 'restore', input: { toVersion, by } }, context);
  const told = async (roomId: string) => (await here.log.readStream(`room-${roomId}`)).flatMap((one) => (one.ok && one.event.type === 'BoardRestored' ? [one.event.data] : []));
  const restores = async (roomId: string) => (await here.groups(roomId)).filter(({ data }) => data.ops.some(({ op }) => op === 'board.restore')).map(({ revision }) => revision + 1);

  it('whose append gave up may have been done, and says so; again it is done once, and answers with the version of now', async () => {
    const roomId = await drawn();
    const asked = asks();
    log.set({ stream: 'board', how: 'written' });
    await expect(restore(roomId, 1, asked)).rejects.toMatchObject({ name: 'EventStoreError', code: 'unknownOutcome' });
    log.set(undefined);
    const host = await (await openEdge(here.rooms.door, roomId)).socket('host', 'board', { ackedSeq: 2 });
    host.send(add(3, 's3'));
    await host.next('ack', ({ upTo }) => upTo === 3);
    for (let i = 0; i < 2; i += 1) expect((await restore(roomId, 1, asked)).result).toEqual({ version: (await here.groups(roomId)).length });
    const [version] = await restores(roomId);
    expect(await restores(roomId)).toHaveLength(1);
    expect(await told(roomId)).toMatchObject([{ version, toVersion: 1, by: 'host' }]);
  });

  it('that the room could not note may be said again, and is noted then', async () => {
    const roomId = await drawn();
    const asked = asks();
    log.set({ stream: 'room', how: 'away' });
    await expect(restore(roomId, 1, asked)).rejects.toMatchObject({ name: 'EventStoreError', code: 'unknownOutcome' });
    expect(await restores(roomId)).toEqual([3]);
    log.set(undefined);
    expect((await restore(roomId, 1, asked)).result).toEqual({ version: 3 });
    expect(await told(roomId)).toMatchObject([{ version: 3, toVersion: 1 }]);
  });

  it('that was refused is refused again, and done once when the same command is given in better times', async () => {
    const roomId = await drawn();
    await here.command(roomId, 'host', { type: 'updatePermissions', of: { personId: 'student' }, changes: { restore: true } });
    await here.command(roomId, 'host', { type: 'pause' });
    const asked = asks('student');
    for (let i = 0; i < 2; i += 1) await expect(restore(roomId, 1, asked)).rejects.toMatchObject({ name: 'DomainError', code: 'roomPaused' });
    expect(await told(roomId)).toEqual([]);
    await here.command(roomId, 'host', { type: 'resume' });
    for (let i = 0; i < 2; i += 1) expect((await restore(roomId, 1, asked)).result).toEqual({ version: 3 });
    expect(await restores(roomId)).toEqual([3]);
    expect(await told(roomId)).toMatchObject([{ version: 3, toVersion: 1 }]);
  });

  it('is decided on the room as it is in its turn, an admin\'s too', async () => {
    const roomId = await drawn();
    const readBlob = here.snapshots.readBlob;
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => { goOn = resolve; });
    let isReading = false;
    here.snapshots.readBlob = async (...which) => {
      isReading = true;
      await held;
      return readBlob(...which);
    };
    const restored = restore(roomId, 1, asks('boss', { actor: { id: 'boss', role: 'admin' } }), { personId: 'boss', authority: 'school' });
    const refused = expect(restored).rejects.toMatchObject({ code: 'roomEnded', details: { status: 'completed' } });
    await eventually(() => isReading);
    await here.command(roomId, 'host', { type: 'complete' });
    goOn();
    await refused;
    expect(await restores(roomId)).toEqual([]);
  });
});
