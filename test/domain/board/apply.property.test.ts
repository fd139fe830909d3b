import fc from 'fast-check';
import { applyOps, boardEvents, countOn, emptyBoard, emptyDoc, evolve, fold, shapeAt, shapesOfPage, type BoardDoc, type BoardEvent, type Op } from '../../../src/domain/board/index.ts';
import { shapeOf } from '../../../src/domain/board/keptShape.ts';
import { entries } from '../../../src/domain/board/persistentMap.ts';
import { layerKey } from '../../../src/domain/board/state.ts';
import { NaiveBoard } from './naiveBoard.ts';
import { anyOp, people, rectangle } from './scribbles.ts';

const groups = fc.array(fc.record({ who: fc.constantFrom(...people), ops: fc.array(anyOp(), { minLength: 1, maxLength: 4 }) }), { maxLength: 25 });
const plain = (doc: BoardDoc) => ({ pages: doc.pages, shapes: Object.fromEntries([...entries(doc.shapes)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, kept]) => [id, shapeOf(kept)])) });

/** What must hold of every doc, whatever made it. */
function expectSound(doc: BoardDoc) {
  expect(doc.pages.length).toBeGreaterThan(0);
  for (const page of doc.pages) expect(page.layers.length).toBeGreaterThan(0);
  let indexed = 0;
  for (const [key, ids] of entries(doc.onLayer)) {
    indexed += ids.size;
    expect(ids.size).toBeGreaterThan(0);
    for (const [id] of entries(ids)) expect(layerKey(shapeAt(doc, id)!.page, shapeAt(doc, id)!.layer)).toBe(key);
  }
  expect(indexed).toBe(doc.shapes.size);
  expect(doc.pages.reduce((sum, page) => sum + countOn(doc, page), 0)).toBe(doc.shapes.size);
}

describe('applying ops', () => {
  it('does what a naive board does, and never changes the doc before', () => {
    fc.assert(fc.property(groups, (script) => {
      const naive = new NaiveBoard();
      let doc = emptyDoc;
      for (const { who, ops } of script) {
        const before = JSON.stringify(plain(doc));
        const next = applyOps(doc, ops, { author: who });
        expect(JSON.stringify(plain(doc))).toBe(before);
        for (const op of ops) naive.apply(op, who);
        doc = next;
        expect(plain(doc)).toEqual({ pages: naive.pages, shapes: Object.fromEntries([...naive.shapes].sort(([a], [b]) => (a < b ? -1 : 1))) });
        expectSound(doc);
      }
    }), { numRuns: 150 });
  });

  it('answers the same doc exactly when nothing changed', () => {
    fc.assert(fc.property(groups, fc.array(anyOp(), { minLength: 1, maxLength: 1 }), (script, last) => {
      const doc = script.reduce((d, { who, ops }) => applyOps(d, ops, { author: who }), emptyDoc);
      const next = applyOps(doc, last, { author: 'ada' });
      expect(next === doc).toBe(JSON.stringify(plain(next)) === JSON.stringify(plain(doc)));
    }), { numRuns: 150 });
  });

  it('draws a page by layer, then z, ties by id, without hidden layers', () => {
    const layer = (id: string, z: string, visible = true): Op => ({ op: 'layer.add', layer: { id, page: 'page-1', name: id, z, visible, locked: false } });
    const doc = applyOps(emptyDoc, [
      layer('top', 'a2'), layer('ghost', 'a3', false),
      { op: 'shape.add', shape: rectangle('d', { layer: 'top', z: 'a0' }) }, { op: 'shape.add', shape: rectangle('c', { z: 'a1' }) },
      { op: 'shape.add', shape: rectangle('b', { z: 'Zz' }) }, { op: 'shape.add', shape: rectangle('a', { z: 'a1' }) }, { op: 'shape.add', shape: rectangle('e', { layer: 'ghost' }) },
    ], { author: 'ada' });
    expect(shapesOfPage(doc, 'page-1').map(({ id }) => id)).toEqual(['b', 'a', 'c', 'd']);
    expect(shapesOfPage(doc, 'page-1', { hidden: true }).map(({ id }) => id)).toEqual(['b', 'a', 'c', 'd', 'e']);
    expect(shapesOfPage(doc, 'gone')).toEqual([]);
  });
});

describe('garbage in the log', () => {
  const anything = fc.jsonValue({ maxDepth: 3 });
  const names = fc.constantFrom('shape.add', 'shape.append', 'shape.update', 'shape.delete', 'shape.split', 'page.add', 'page.update', 'page.delete', 'page.reorder', 'layer.add', 'layer.update', 'layer.delete', 'layer.reorder', 'board.clear', 'board.restore', 'shape.teleport', '__proto__');
  const fields = ['id', 'shape', 'points', 'set', 'unset', 'into', 'page', 'layers', 'layer', 'z', 'pageId', 'layerId', 'toVersion', 'blob'] as const;
  /** Ops that are almost right: known ops with some of their parts replaced by anything. */
  const spoiled = fc.tuple(anyOp(), fc.dictionary(fc.constantFrom(...fields), anything), fc.dictionary(fc.constantFrom('id', 'type', 'style', 'points', 'page', 'layer', 'z', 'x', 'to', 'text', '__proto__', 'constructor'), anything))
    .map(([op, spoil, deeper]) => {
      const copy = JSON.parse(JSON.stringify(op)) as Record<string, unknown>;
      for (const part of ['shape', 'set', 'layer', 'page'] as const) if (typeof copy[part] === 'object' && copy[part] !== null) copy[part] = { ...copy[part], ...deeper };
      return { ...copy, ...spoil, op: op.op };
    });
  const garbage = fc.oneof(spoiled, fc.tuple(names, fc.dictionary(fc.constantFrom(...fields), anything)).map(([op, more]) => ({ ...more, op })));

  it('never makes a fold fail, and leaves a sound board', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.oneof(garbage, anyOp()), { maxLength: 4 }), { maxLength: 15 }), fc.constantFrom('ops', 'undo', 'redo'), (script, kind) => {
      const events = script.map((ops, i) => boardEvents.OpGroupApplied.schema.parse(JSON.parse(JSON.stringify({ roomId: 'r', personId: 'ada', clientId: 'constructor', seq: i, gestureId: '__proto__', kind, undoes: '__proto__', ops, roomRevision: 0 }))))
        .map((data): BoardEvent => ({ type: 'OpGroupApplied', data }));
      const board = fold(emptyBoard, events);
      expect(board.version).toBe(script.length);
      expectSound(board.doc);
      expect(events.reduce((one, event) => evolve(one, event), emptyBoard)).toEqual(board);
      shapesOfPage(board.doc, 'page-1');
    }), { numRuns: 250 });
  });

  it('that is no list of ops, or no group, is unreadable', () => {
    const group = { roomId: 'r', personId: 'ada', clientId: 'c', seq: 1, gestureId: 'g', kind: 'ops', ops: [{ op: 'shape.teleport' }], roomRevision: 0 };
    const { schema } = boardEvents.OpGroupApplied;
    expect(schema.safeParse(group).success).toBe(true);
    for (const spoil of [{ ops: {} }, { ops: [null] }, { ops: [{}] }, { ops: [[]] }, { kind: 'maybe' }, { seq: -1 }, { seq: 1.5 }, { personId: '' }]) expect(schema.safeParse({ ...group, ...spoil }).success).toBe(false);
  });
});
