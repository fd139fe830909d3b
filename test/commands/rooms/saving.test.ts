import { Worker } from 'node:worker_threads';
import { UnreadableBoard } from '../../../src/commands/rooms/live/keptBoards.ts';
import { problemOf } from '../../../src/http/answer/problemOf.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { asks, openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

/** While it is set, the thread that folds boards dies of whatever it is told. */
let dies = false;
const speak = Worker.prototype.postMessage;
beforeAll(() => {
  Worker.prototype.postMessage = function (this: Worker, ...said: Parameters<Worker['postMessage']>) {
    if (dies) void this.terminate();
    else speak.apply(this, said);
  } as Worker['postMessage'];
});
afterAll(() => { Worker.prototype.postMessage = speak; });

/** More than a small board takes to be folded, also on a busy machine. */
const savingMs = 1_000;

describe('a board that is to be kept', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => void (here = openProcess({ url: database.url, times: { savingMs } })));
  afterEach(async () => {
    dies = false;
    await here.stop();
  });
  afterAll(() => database.drop());

  /** A room whose host drew two shapes, and nothing else is under way. */
  async function drawn() {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const host = await edge.socket('host');
    await eventually(async () => (await here.happened(roomId)).includes('ParticipantConnected'));
    for (const seq of [1, 2]) host.send(add(seq, `s${seq}`));
    await host.next('ack', ({ upTo }) => upTo === 2);
    return { roomId, edge, host };
  }
  const save = (roomId: string) => here.rooms.door.execute(roomId, { name: 'save', input: {} }, asks());
  const restore = (roomId: string, toVersion: number) => here.rooms.door.execute(roomId, { name: 'restore', input: { toVersion } }, asks());
  /** From now on no board is kept until it goes on. */
  function holdSaves() {
    const { promise: held, resolve: goOn, reject } = Promise.withResolvers<void>();
    const { save: keep } = here.snapshots;
    here.snapshots.save = async (...what) => {
      await held;
      return keep(...what);
    };
    return { goOn, fail: () => reject(new Error('the database is away')) };
  }
  /** What http answers to what came of it. */
  const refusal = async (work: Promise<unknown>) => problemOf(await work.then(() => undefined, (error: unknown) => error), () => false);

  it('and was kept but cannot be read any more is folded from the log, and kept anew', async () => {
    const { roomId } = await drawn();
    await save(roomId);
    await here.stop();
    await database.pool.query(`update lectern.board_snapshots set doc = 'no gzip' where room = $1`, [roomId]);
    here = openProcess({ url: database.url, times: { savingMs } });
    const edge = await openEdge(here.rooms.door, roomId);
    const host = await edge.socket('host', 'board', { clientId: 'another' });
    host.send(add(1, 's3'));
    await host.next('ack');
    await save(roomId);
    const newest = await here.snapshots.newest(roomId);
    expect(newest).toMatchObject({ version: 3, shapes: 3 });
    expect((await here.snapshots.readDoc(roomId, 3))?.doc.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b])); // gzip
  });

  it('and cannot be now is one to try again: nothing is lost, and the room goes on', async () => {
    const { roomId, host } = await drawn();
    dies = true;
    for (const ask of [() => save(roomId), () => restore(roomId, 1), () => here.boards.keepBoard(roomId, 1)]) { // the last is a fork's
      expect(await refusal(ask())).toMatchObject({ status: 503, code: 'roomUnavailable', headers: { 'Retry-After': '1' } });
    }
    expect(here.logged.filter((line) => line.includes('a board cannot be made now') && line.includes('the thread that folds boards ended'))).toHaveLength(3); // the cause is not lost
    dies = false;
    host.send(add(3, 's3'));
    expect((await host.next('ack', ({ upTo }) => upTo === 3)).d).toMatchObject({ version: 3 });
    expect((await save(roomId)).result).toMatchObject({ version: 3, shapes: 3 });
    expect((await restore(roomId, 1)).result).toEqual({ version: 4 });
  });

  it('and that nobody can read is no matter of trying again', async () => {
    const { roomId } = await drawn();
    here.snapshots.save = () => Promise.reject(new UnreadableBoard('nonsense in the log'));
    expect(await refusal(save(roomId))).toMatchObject({ status: 500, unexpected: true });
  });

  it('behind a restore and takes long shows as saving, until it is there', async () => {
    const { roomId, edge, host } = await drawn();
    const student = await edge.socket('student');
    const keeping = holdSaves();
    const restored = restore(roomId, 1);
    for (const one of [host, student]) expect((await one.next('saving')).d).toEqual({ saving: true, since: expect.stringMatching(/^20\d\d-.+Z$/) });
    // Who comes meanwhile hears of it too.
    expect((await edge.socket('student', 'board', { clientId: 'late', deviceId: 'late' })).frames.map(({ t }) => t)).toEqual(['welcome', 'saving']);
    host.send(add(3, 's3'));
    keeping.goOn();
    expect((await restored).result).toEqual({ version: 3 });
    await host.next('ack', ({ upTo }) => upTo === 3);
    for (const one of [host, student]) {
      expect(one.frames.filter(({ t }) => ['saving', 'reset', 'ops'].includes(t)).slice(-4).map(({ t, d }) => (t === 'saving' ? d['saving'] : t))).toEqual([true, false, 'reset', 'ops']);
    }
  });

  it('behind a restore and cannot be is not shown as saving for ever', async () => {
    const { roomId, host } = await drawn();
    const keeping = holdSaves();
    const restored = refusal(restore(roomId, 1));
    await host.next('saving', ({ saving }) => saving === true);
    keeping.fail();
    expect(await restored).toMatchObject({ status: 503, code: 'unavailable' }); // it is in the log, and nobody could be told
    expect(host.frames.at(-1)).toEqual({ t: 'saving', d: { saving: false } });
    expect(host.closed).toBe(1013);
  });

  it('behind a restore and does not take long says nothing of it', async () => {
    const { roomId, host } = await drawn();
    await save(roomId); // the thread has begun
    await restore(roomId, 1);
    await host.next('reset');
    await new Promise((resolve) => setTimeout(resolve, 1.2 * savingMs));
    expect(host.frames.filter(({ t }) => t === 'saving')).toEqual([]);
  });
});
