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

describe('a board that is to be kept', () => {
  let database: TestDatabase;
  let here: RoomProcess;
  beforeAll(async () => void (database = await createTestDatabase()));
  beforeEach(() => void (here = openProcess({ url: database.url })));
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
  /** What http answers to what came of it. */
  const refusal = async (work: Promise<unknown>) => problemOf(await work.then(() => undefined, (error: unknown) => error), () => false);

  it('and cannot be now is one to try again: nothing is lost, and the room goes on', async () => {
    const { roomId, host } = await drawn();
    dies = true;
    for (const ask of [() => save(roomId), () => restore(roomId, 1)]) {
      expect(await refusal(ask())).toMatchObject({ status: 503, code: 'roomUnavailable', headers: { 'Retry-After': '1' } });
    }
    expect(here.logged.filter((line) => line.includes('a board cannot be made now') && line.includes('the thread that folds boards ended'))).toHaveLength(2); // the cause is not lost
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
});
