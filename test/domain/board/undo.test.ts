import { emptyBoard, fold, memoryLines, memoryReader, pageAt, shapeAt, shapesOfPage, type Op } from '../../../src/domain/board/index.ts';
import { mayOnBoard, roleDefaults } from '../../../src/domain/room/permissions.ts';
import { rememberedOf } from '../../../src/domain/board/memory.ts';
import { listed } from '../../../src/domain/board/stack.ts';
import { mostStamps } from '../../../src/domain/board/stamps.ts';
import { mostBytesOfSteps } from '../../../src/domain/board/limits.ts';
import { add, as, move, paint, rectangle, remove, stroke, workshop } from './scribbles.ts';

const accepted = { outcome: 'accepted' };
const noop = { outcome: 'noop' };
const at = (room: ReturnType<typeof workshop>, id: string) => shapeAt(room.board.doc, id);
const grow = (id: string, ...points: number[]): Op => ({ op: 'shape.append', id, points });

describe('undo', () => {
  it('takes back one\'s own last gesture, all its groups, and then the one before', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)], 'drag');
    room.does('ada', [move('a', 2), paint('a', '#ff0000')], 'drag');
    room.does('bob', [add('b')]);
    expect(room.undoes('ada')).toMatchObject({ ...accepted, group: { kind: 'undo', undoes: 'drag' } });
    expect(at(room, 'a')).toMatchObject({ x: 0, style: { color: '#000000' } });
    room.undoes('ada');
    expect([at(room, 'a'), at(room, 'b')?.id]).toEqual([undefined, 'b']);
    expect(room.undoes('ada')).toMatchObject(noop);
  });

  it('leaves the fields that others changed since, and takes back the rest', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [{ op: 'shape.update', id: 'a', set: { x: 1, y: 1, style: { color: '#ff0000', width: 5 } } }]);
    room.does('bob', [move('a', 9), paint('a', '#00ff00')]);
    room.undoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 9, y: 0, style: { color: '#00ff00', width: 2 } });
  });

  it('leaves what others set since even when it is the very same value again', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)]);
    room.does('bob', [move('a', 5)]);
    room.does('bob', [move('a', 1)]);
    expect(room.undoes('ada')).toMatchObject(noop);
    expect(at(room, 'a')).toMatchObject({ x: 1 });
  });

  it('leaves what others changed since also behind one\'s own later work, and behind a shape that went and came back', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)]);
    room.does('bob', [move('a', 5)]);
    room.does('ada', [move('a', 2)]);
    room.undoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 5 });
    expect(room.undoes('ada')).toMatchObject(noop);
    const other = workshop();
    other.does('ada', [add('a')]);
    other.does('ada', [move('a', 1)]);
    other.does('bob', [remove('a')]);
    other.undoes('bob');
    expect(other.undoes('ada')).toMatchObject(noop);
    expect(at(other, 'a')).toMatchObject({ x: 1 });
  });

  it('goes back to what others had made of it, when the gesture went on after them', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)], 'drag');
    room.does('bob', [move('a', 5)]);
    room.does('ada', [move('a', 2)], 'drag');
    room.undoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 5 });
  });

  it('lets an added shape stay that others changed, and goes on to the gesture before', () => {
    const room = workshop();
    room.does('ada', [add('z')]);
    room.does('ada', [add('a')]);
    room.does('bob', [paint('a', '#ff0000')]);
    room.undoes('ada');
    expect([at(room, 'a')?.id, at(room, 'z')]).toEqual(['a', undefined]);
  });

  it('brings a deleted shape back as it was, author and all, unless somebody else brought one back', () => {
    const room = workshop();
    room.does('bob', [add('a', { x: 4 })]);
    const before = room.board.doc;
    room.does('ada', [remove('a')]);
    room.undoes('ada');
    expect(room.board.doc).toEqual(before);
    room.does('ada', [remove('a')]);
    room.does('bob', [add('a', { x: 7 })]);
    expect(room.undoes('ada')).toMatchObject(noop);
    room.does('bob', [remove('a')]);
    expect(room.undoes('ada')).toMatchObject(noop);
  });

  it('takes back what a stroke grew by, a split, a clear, and the deletion of a page with a locked layer', () => {
    const room = workshop();
    room.does('ada', [{ op: 'shape.add', shape: stroke('s') }, add('a'), { op: 'page.add', page: { id: 'p', title: 'P', z: 'a1' } }, add('b', { page: 'p' }), { op: 'layer.update', page: 'p', id: 'layer-1', set: { locked: true } }]);
    const gestures: Op[] = [grow('s', 9, 9, 1, 1), { op: 'shape.split', id: 's', into: [stroke('s1'), stroke('s2')] }, { op: 'board.clear' }, { op: 'page.delete', id: 'p' }, { op: 'page.delete', id: 'page-1' }, { op: 'page.update', id: 'p', set: { background: { color: '#ffffff' } } }];
    for (const op of gestures) {
      const before = room.board.doc;
      expect([op.op, room.does('bob', [op])]).toMatchObject([op.op, accepted]);
      expect([op.op, room.undoes('bob')]).toMatchObject([op.op, accepted]);
      expect([op.op, room.board.doc]).toEqual([op.op, before]);
    }
  });

  it('lets an added page stay that others drew on', () => {
    const room = workshop();
    room.does('ada', [{ op: 'page.add', page: { id: 'p', title: 'P', z: 'a1' } }]);
    room.does('bob', [add('b', { page: 'p' })]);
    expect(room.undoes('ada')).toMatchObject(noop);
    room.does('bob', [remove('b')]);
    room.undoes('ada');
    expect(pageAt(room.board.doc, 'p')).toBe(undefined);
  });

  it('of a named gesture leaves one\'s own later work', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [{ op: 'shape.update', id: 'a', set: { x: 1, y: 1 } }], 'first');
    room.does('ada', [move('a', 2)], 'second');
    room.undoes('ada', 'first');
    expect(at(room, 'a')).toMatchObject({ x: 2, y: 0 });
    expect(room.undoes('ada', 'never')).toMatchObject(noop);
    expect(room.undoes('bob', 'second')).toMatchObject(noop);
  });

  it('knows a gesture by when it began, and is not held up by one that changed nothing in the end', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)], 'first tab');
    room.does('ada', [paint('a', '#ff0000')], 'second tab');
    room.does('ada', [move('a', 2)], 'first tab');
    expect(room.undoes('ada')).toMatchObject({ group: { undoes: 'second tab' } });
    room.does('ada', [move('a', 7)], 'there');
    room.does('ada', [move('a', 2)], 'there');
    expect(room.undoes('ada')).toMatchObject({ group: { undoes: 'first tab' } });
    expect(at(room, 'a')).toMatchObject({ x: 0, style: { color: '#000000' } });
  });

  it('checks permissions anew', () => {
    const roles = new Map([['ada', roleDefaults.host]]);
    const room = workshop(emptyBoard, (person) => ({ may: mayOnBoard(roles.get(person) ?? roleDefaults.student) }));
    room.does('bob', [add('b')]);
    room.does('ada', [remove('b')]);
    roles.set('ada', roleDefaults.student);
    expect(room.undoes('ada')).toMatchObject({ outcome: 'rejected', code: 'forbidden' });
    roles.set('bob', roleDefaults.viewer);
    expect(room.does('bob', [add('c')])).toMatchObject({ outcome: 'rejected', code: 'forbidden' });
    roles.set('ada', roleDefaults.host);
    expect(room.undoes('ada')).toMatchObject(accepted);
    expect(at(room, 'b')).toMatchObject({ author: 'bob' });
  });

  it('leaves what somebody has locked since', () => {
    const room = workshop(emptyBoard, (person) => as(person === 'host' ? 'host' : 'student'));
    room.does('ada', [add('a'), add('b')]);
    room.does('ada', [move('a', 1), move('b', 1)]);
    room.does('host', [{ op: 'shape.update', id: 'a', set: { locked: true } }]);
    expect(room.undoes('ada')).toMatchObject(accepted);
    expect([at(room, 'a')?.x, at(room, 'b')?.x]).toEqual([1, 0]);
  });

  it('of what does not fit into a group says so, with the version that a restore could bring back', () => {
    const room = workshop();
    for (let i = 0; i < 3; i += 1) room.does('ada', Array.from({ length: 200 }, (_, n) => add(`s${i}-${n}`)));
    room.does('bob', [{ op: 'board.clear' }]);
    expect(room.undoes('bob')).toMatchObject({ outcome: 'rejected', code: 'undoTooLarge', restoreTo: 3 });
    for (let i = 0; i < 20; i += 1) room.does('eve', [i === 0 ? { op: 'shape.add', shape: stroke('long', Array.from({ length: 4096 }, () => 1.25)) } : grow('long', ...Array.from({ length: 4000 }, () => 1.25))], 'pen');
    expect(room.undoes('eve')).toMatchObject({ ...accepted, group: { ops: [{ op: 'shape.delete', id: 'long' }] } });
    expect(room.redoes('eve')).toMatchObject({ outcome: 'rejected', code: 'undoTooLarge' });
  });

  it('goes 100 deep, and holds a bounded amount', () => {
    const room = workshop();
    for (let i = 0; i < 130; i += 1) room.does('ada', [add(`s${i}`)]);
    for (let i = 0; i < 130; i += 1) room.undoes('ada');
    expect(room.board.doc.shapes.size).toBe(30);
    for (let i = 0; i < 130; i += 1) room.redoes('ada');
    expect(room.board.doc.shapes.size).toBe(130);
    const sticky = (id: string): Op => ({ op: 'shape.add', shape: { ...rectangle(id), type: 'text', text: 'x'.repeat(5_000) } as never });
    for (let i = 0; i < 100; i += 1) room.does('bob', Array.from({ length: 10 }, (_, n) => sticky(`t${i}-${n}`)));
    for (let i = 0; i < 100; i += 1) room.does('bob', Array.from({ length: 10 }, (_, n) => remove(`t${i}-${n}`)));
    const { undo, bytes } = rememberedOf(room.board.memory, 'bob');
    expect(bytes).toBeLessThanOrEqual(mostBytesOfSteps);
    expect(bytes).toBe(listed(undo).reduce((sum, entry) => sum + entry.bytes, 0));
    expect(undo.size).toBeGreaterThan(2);
    // What went for its weight is really gone.
    expect(undo.chunks.flatMap(({ items }) => items)).toEqual(listed(undo).slice(0, -1));
  });

  it('forgets the older half of too many stamps, also over a snapshot, and then takes back less, never more', () => {
    const room = workshop();
    room.does('ada', [add('mine')]);
    for (let g = 0; g < 101; g += 1) room.does('ada', Array.from({ length: 200 }, (_, i) => add(`s${g}-${i}`)), 'many');
    room.does('eve', [move('mine', 1)]);
    for (let g = 0; g < 101; g += 1) room.does('bob', Array.from({ length: 200 }, (_, i) => move(`s${g}-${i}`, 1)));
    const { memory } = room.board;
    expect(memory.stamps.size).toBeLessThanOrEqual(mostStamps);
    expect(memory.stampsFrom).toBeGreaterThan(103);
    const reader = memoryReader();
    for (const line of memoryLines(room.board.version, memory)) reader.line(line);
    expect(reader.done().memory.stampsFrom).toBe(memory.stampsFrom);
    expect(room.undoes('eve')).toMatchObject(noop);
    expect(room.undoes('bob')).toMatchObject(accepted);
  });

  it('survives a crash: the fold of the log undoes the same', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 3)]);
    const again = workshop(fold(emptyBoard, room.log));
    again.undoes('nobody');
    const after = fold(emptyBoard, room.log);
    expect(after).toEqual(room.board);
  });
});

describe('redo', () => {
  it('brings back what was undone, in order, and by naming the undo too', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [move('a', 1)]);
    const before = room.board.doc;
    room.undoes('ada');
    room.undoes('ada');
    room.redoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 0 });
    room.redoes('ada');
    expect(room.board.doc).toEqual(before);
    expect(room.redoes('ada')).toMatchObject(noop);
    const undone = room.undoes('ada');
    expect(room.undoes('ada', (undone as never as { group: { gestureId: string } }).group.gestureId)).toMatchObject({ ...accepted, group: { kind: 'redo' } });
    expect(room.board.doc).toEqual(before);
    room.undoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 0 });
  });

  it('is over with a new gesture', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.undoes('ada');
    room.does('ada', [add('b')]);
    expect(room.redoes('ada')).toMatchObject(noop);
    expect(shapesOfPage(room.board.doc, 'page-1').map(({ id }) => id)).toEqual(['b']);
  });

  it('leaves what others did since the undo', () => {
    const room = workshop();
    room.does('ada', [add('a')]);
    room.does('ada', [{ op: 'shape.update', id: 'a', set: { x: 1, y: 1 } }]);
    room.undoes('ada');
    room.does('bob', [move('a', 8)]);
    room.redoes('ada');
    expect(at(room, 'a')).toMatchObject({ x: 8, y: 1 });
  });
});
