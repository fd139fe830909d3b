import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createBoardFolder } from '../../../src/adapters/rooms/snapshots/foldInThread.ts';
import { asLines } from '../../../src/commands/rooms/live/groupTail.ts';
import { readDoc } from '../../../src/commands/rooms/live/keptBoards.ts';
import type { BoardFolder, KeptBoard } from '../../../src/ports/boardSnapshots.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';
import { asks, openProcess } from '../../commands/rooms/support/rooms.ts';
import { add, openEdge, rectangle } from '../../commands/rooms/support/sockets.ts';

/** The threads that are spoken to, newest last. */
const threads: Worker[] = [];
const speak = Worker.prototype.postMessage;
beforeAll(() => {
  Worker.prototype.postMessage = function (this: Worker, ...said: Parameters<Worker['postMessage']>) {
    if (threads.at(-1) !== this) threads.push(this);
    return speak.apply(this, said);
  } as Worker['postMessage'];
});
afterAll(() => { Worker.prototype.postMessage = speak; });
beforeEach(() => void (threads.length = 0));
const kill = () => threads.at(-1)?.terminate();

const group = (seq: number): string => JSON.stringify({ personId: 'ann', clientId: 'tab', seq, gestureId: `g${seq}`, kind: 'ops', ops: [{ op: 'shape.add', shape: { ...rectangle(`s${seq}`), author: 'ann' } }] });
const fold = (folder: BoardFolder, from: number, groups: string[], base: () => Promise<KeptBoard | undefined> = async () => undefined) => folder.fold({ roomId: 'r', from, base, groups: asLines(groups), restored: new Map() });

describe('the thread that folds boards', () => {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => { for (const close of open.splice(0).reverse()) await close(); });

  it('ends whatever it was at when it dies; the next board is folded in another one, from what is kept', async () => {
    const folder = createBoardFolder();
    open.push(() => folder.close());
    const first = await fold(folder, 0, [group(1), group(2)]);
    expect(first.facts).toMatchObject({ version: 2, shapes: 2 });

    const asked = Promise.withResolvers<void>();
    const waiting = folder.fold({ roomId: 'other', from: 7, groups: asLines([]), restored: new Map(), base: () => (asked.resolve(), new Promise(() => undefined)) });
    const ended = expect(waiting).rejects.toThrow('the thread that folds boards ended');
    await asked.promise;
    await kill();
    await ended;

    const bases: string[] = [];
    const third = await fold(folder, 2, [group(3)], async () => (bases.push('asked for'), first.board));
    expect(third.facts).toMatchObject({ version: 3, shapes: 3 });
    expect(bases).toEqual(['asked for']); // the new thread remembers nothing
    expect((await readDoc(third.board.doc)).shapes.size).toBe(3);
    expect(threads).toHaveLength(2);
  });

  it('folds also where it may not choose its priority', async () => {
    const forbids = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.setPriority = () => { throw new Error('EPERM'); }; syncBuiltinESMExports();`;
    const thread = new Worker(new URL('../../../src/adapters/rooms/snapshots/foldThread.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning', '--import', `data:text/javascript,${encodeURIComponent(forbids)}`], env: {},
    });
    open.push(() => thread.terminate());
    thread.postMessage({ kind: 'fold', job: 1, roomId: 'r', from: 0, groups: asLines([group(1)]), restored: new Map() });
    expect(await once(thread, 'message')).toMatchObject([{ kind: 'folded', facts: { version: 1, shapes: 1 } }]);
  });

  it('is missed by no room: the next snapshot works', async () => {
    const database = await createTestDatabase();
    open.push(() => database.drop());
    const here = openProcess({ url: database.url });
    open.push(() => here.stop());
    const roomId = await here.room();
    const host = await (await openEdge(here.rooms.door, roomId)).socket('host');
    const save = async () => (await here.rooms.door.execute(roomId, { name: 'save', input: {} }, asks())).result;
    host.send(add(1, 's1'));
    await host.next('ack');
    expect(await save()).toMatchObject({ version: 1, shapes: 1 });
    await kill();
    host.send(add(2, 's2'));
    await host.next('ack', ({ upTo }) => upTo === 2);
    expect(await save()).toMatchObject({ version: 2, shapes: 2 });
    expect((await here.boards.boardAt(roomId, 2)).doc.shapes.size).toBe(2);
  });
});
