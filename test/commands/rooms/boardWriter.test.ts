import { decideBatch, type Request } from '../../../src/commands/rooms/live/boardWriter.ts';
import { createUndoneGroups } from '../../../src/commands/rooms/live/undone.ts';
import { emptyBoard, lastSeq, shapeAt, type Op } from '../../../src/domain/board/index.ts';
import { noRoom } from '../../../src/domain/room/state.ts';
import { schoolEvents } from '../../../src/domain/schoolEvents.ts';
import { createCodec } from '../../../src/eventLog/codec.ts';
import { add, move } from '../../domain/board/scribbles.ts';

const noKeys = () => Promise.reject(new Error('an op group has no personal fields'));
const codec = createCodec(schoolEvents, { find: noKeys, obtain: noKeys });
const clock = { now: () => new Date('2026-03-02T09:00:00Z') };

const draws = (seq: number, ops: Op[]): Request => ({ connectionId: 'k-1', personId: 'olena', role: 'host', clientId: 'tab', seq, bytes: 200, isTrusted: true, asked: { t: 'ops', gestureId: `g${seq}`, ops } });

describe('a batch', () => {
  it('is cut before it is more than an append holds, however little it weighed as requests', () => {
    const heavy = (seq: number) => draws(seq, Array.from({ length: 12 }, (_, i) => add(`s${seq}-${i}`, { type: 'sticky', text: 'x'.repeat(5_000) })));
    const requests = Array.from({ length: 20 }, (_, i) => heavy(i + 1));
    let board = emptyBoard;
    const batches: number[] = [];
    for (let left: readonly Request[] = requests; left.length > 0;) {
      const batch = decideBatch({ roomId: 'room-1', board, room: noRoom, roomRevision: 3, requests: left, codec, clock, undone: createUndoneGroups() }, {});
      expect(batch.events.reduce((sum, { data, metadata }) => sum + JSON.stringify([data, metadata]).length, 0)).toBeLessThan(1024 * 1024);
      expect(batch.groups.length).toBeGreaterThan(0);
      batches.push(batch.groups.length);
      ({ board, left } = batch);
    }
    expect(batches.length).toBeGreaterThan(1);
    expect([board.version, board.doc.shapes.size]).toEqual([20, 240]);
  });

  it('refuses what no store can keep, and takes what stands beside it', () => {
    const undone = createUndoneGroups();
    const requests = [draws(1, [add('a')]), draws(2, [add('b', { type: 'sticky', text: 'half a \ud83d' })]), draws(3, [move('a', 7)]), draws(4, [add('c'), move('c', 1)])];
    const batch = decideBatch({ roomId: 'room-1', board: emptyBoard, room: noRoom, roomRevision: 3, requests, codec, clock, undone });
    expect(batch.groups.map(({ request: { seq }, version }) => [seq, version])).toEqual([[1, 1], [3, 2], [4, 3]]);
    expect(batch.events).toHaveLength(3);
    expect(batch.verdicts.get('k-1')).toEqual({ upTo: 4, noop: [], rejected: [{ seq: 2, code: 'invalid' }] });
    expect(undone.find('olena', 'tab', 2)).toEqual({ kind: 'rejected', code: 'invalid' });
    const { board } = batch;
    expect([board.version, board.doc.shapes.size, lastSeq(board, 'olena', 'tab')]).toEqual([3, 2, 4]);
    expect([shapeAt(board.doc, 'a')?.x, shapeAt(board.doc, 'b'), shapeAt(board.doc, 'c')?.x]).toEqual([7, undefined, 1]);
    expect(emptyBoard.doc.shapes.size).toBe(0);
  });
});
