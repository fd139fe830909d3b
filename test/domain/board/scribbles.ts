import fc from 'fast-check';
import { decideGroup, decideRedo, decideUndo, emptyBoard, type Board, type BoardEvent, type BoardOwners, type BoardRules, type Decision, type Op, type SentShape } from '../../../src/domain/board/index.ts';
import { mayOnBoard, roleDefaults, type RoomRole } from '../../../src/domain/room/permissions.ts';

export const as = (role: RoomRole): BoardRules => ({ may: mayOnBoard(roleDefaults[role]) });

export const rectangle = (id: string, more: Partial<SentShape> = {}): SentShape =>
  ({ id, type: 'rectangle', page: 'page-1', layer: 'layer-1', x: 0, y: 0, rotation: 0, scale: 1, z: 'a0', style: { color: '#000000', width: 2 }, locked: false, width: 10, height: 10, ...more }) as SentShape;
export const stroke = (id: string, points: number[] = [0, 0, 0.5, 0, 1, 1, 0.5, 8], more: Partial<SentShape> = {}): SentShape => {
  const { width: _width, height: _height, ...base } = rectangle(id) as Extract<SentShape, { type: 'rectangle' }>;
  return { ...base, type: 'stroke', points, ...more } as SentShape;
};
export const add = (id: string, more: Partial<SentShape> = {}): Op => ({ op: 'shape.add', shape: rectangle(id, more) });
export const move = (id: string, x: number): Op => ({ op: 'shape.update', id, set: { x } });
export const paint = (id: string, color: string): Op => ({ op: 'shape.update', id, set: { style: { color } } });
export const remove = (id: string): Op => ({ op: 'shape.delete', id });

/** A board that several people work on; each call is one group from the person's only client, and answers the decision. `owners`: of the batch it is in. */
export function workshop(start: Board = emptyBoard, rules: (person: string) => BoardRules = () => as('host'), owners: () => BoardOwners | undefined = () => undefined) {
  const seqs = new Map<string, number>();
  const events: BoardEvent[] = [];
  let board = start;
  let gestures = 0;
  const nextSeq = (person: string) => { const seq = (seqs.get(person) ?? 0) + 1; seqs.set(person, seq); return seq; };
  const take = (decision: Decision): Decision => {
    if ('board' in decision) board = decision.board;
    if (decision.outcome === 'accepted') events.push({ type: 'OpGroupApplied', data: { roomId: 'r', roomRevision: 0, ...decision.group } });
    return decision;
  };
  const of = (person: string) => ({ personId: person, clientId: 'tab', seq: nextSeq(person) });
  return {
    get board() { return board; },
    events,
    /** As stored: through JSON. */
    get log(): BoardEvent[] { return JSON.parse(JSON.stringify(events)) as BoardEvent[]; },
    does: (person: string, ops: Op[], gestureId = `g${gestures += 1}`) => take(decideGroup(board, { ...of(person), gestureId, ops }, rules(person), owners())),
    undoes: (person: string, gestureId?: string) => take(decideUndo(board, { ...of(person), gestureId }, rules(person))),
    redoes: (person: string, gestureId?: string) => take(decideRedo(board, { ...of(person), gestureId }, rules(person))),
  };
}

/* ---- anything a client might send, over few ids, so that it collides ---- */

export const shapeIds = ['s1', 's2', 's3', 's4', 's5', 's6'] as const;
const pageIds = ['page-1', 'p2', 'p3'] as const;
const layerIds = ['layer-1', 'l2'] as const;
const one = fc.constantFrom;
const coordinate = fc.integer({ min: -3, max: 3 });
const z = one('a0', 'a1', 'a2');
const color = one('#000000', '#ff0000', '#00ff00');
const style = fc.record({ color, width: one(1, 2) }, { requiredKeys: ['color', 'width'] });
const place = { page: one(...pageIds), layer: one(...layerIds), x: coordinate, y: coordinate, rotation: one(0, 1), scale: one(1, 2), z, style, locked: one(false, false, false, false, true) };
const points = fc.array(fc.tuple(coordinate, coordinate, one(0.5, 1), one(0, 8)), { minLength: 1, maxLength: 3 }).map((list) => list.flat());
const text = one('', 'Привіт', 'a <b> & "c"', 'two\nlines');

export const anyShape = (id: fc.Arbitrary<string> = one(...shapeIds)): fc.Arbitrary<SentShape> => fc.oneof(
  fc.record({ id, type: one('stroke' as const), ...place, points }),
  fc.record({ id, type: one('line' as const, 'arrow' as const), ...place, to: fc.record({ x: coordinate, y: coordinate }) }),
  fc.record({ id, type: one('rectangle' as const, 'ellipse' as const), ...place, width: one(1, 5), height: one(1, 5) }),
  fc.record({ id, type: one('text' as const, 'sticky' as const), ...place, width: one(1, 5), height: one(1, 5), text }),
  fc.record({ id, type: one('image' as const), ...place, width: one(1, 5), height: one(1, 5), sha256: one('a'.repeat(64)) }),
) as fc.Arbitrary<SentShape>;

const changes = fc.record({ page: one(...pageIds), layer: one(...layerIds), x: coordinate, y: coordinate, z, locked: fc.boolean(), style: fc.record({ color, fill: color, opacity: one(0.5, 1) }, { requiredKeys: [] }), points, width: one(1, 5), text, to: fc.record({ x: coordinate, y: coordinate }) }, { requiredKeys: [] });
const layer = fc.record({ id: one(...layerIds), page: one(...pageIds), name: one('A', 'B'), z, visible: fc.boolean(), locked: one(false, false, false, true) });
const page = fc.record({ id: one(...pageIds), title: one('A', 'B'), z });

export const anyOp = (ids: fc.Arbitrary<string> = one(...shapeIds)): fc.Arbitrary<Op> => fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: one('shape.add' as const), shape: anyShape(ids) }) },
  { weight: 3, arbitrary: fc.record({ op: one('shape.append' as const), id: ids, points }) },
  { weight: 10, arbitrary: fc.record({ op: one('shape.update' as const), id: ids, set: changes }) },
  { weight: 2, arbitrary: fc.record({ op: one('shape.update' as const), id: ids, set: fc.constant({}), unset: fc.subarray(['style.fill' as const, 'style.opacity' as const]) }) },
  { weight: 6, arbitrary: fc.record({ op: one('shape.update' as const), id: ids, set: fc.record({ x: coordinate, y: coordinate }, { requiredKeys: [] }) }) },
  { weight: 3, arbitrary: fc.record({ op: one('shape.delete' as const), id: ids }) },
  { weight: 2, arbitrary: fc.record({ op: one('shape.split' as const), id: ids, into: fc.array(anyShape(ids), { maxLength: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ op: one('page.add' as const), page }) },
  { weight: 1, arbitrary: fc.record({ op: one('page.add' as const), page, layers: fc.array(layer, { minLength: 1, maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ op: one('page.update' as const), id: one(...pageIds), set: fc.record({ title: one('A', 'B', 'C'), background: one(null, { color: '#ffffff' }, { pattern: 'grid' as const }) }, { requiredKeys: [] }) }) },
  { weight: 1, arbitrary: fc.record({ op: one('page.delete' as const), id: one(...pageIds) }) },
  { weight: 1, arbitrary: fc.record({ op: one('page.reorder' as const), id: one(...pageIds), z }) },
  { weight: 2, arbitrary: fc.record({ op: one('layer.add' as const), layer }) },
  { weight: 1, arbitrary: fc.record({ op: one('layer.update' as const), id: one(...layerIds), page: one(...pageIds), set: fc.record({ name: one('A', 'C'), visible: fc.boolean(), locked: one(false, false, true) }, { requiredKeys: [] }) }) },
  { weight: 1, arbitrary: fc.record({ op: one('layer.delete' as const), id: one(...layerIds), page: one(...pageIds) }) },
  { weight: 1, arbitrary: fc.record({ op: one('layer.reorder' as const), id: one(...layerIds), page: one(...pageIds), z }) },
  { weight: 1, arbitrary: fc.oneof(fc.constant({ op: 'board.clear' as const }), fc.record({ op: one('board.clear' as const), pageId: one(...pageIds) }), fc.record({ op: one('board.clear' as const), pageId: one(...pageIds), layerId: one(...layerIds) })) },
) as fc.Arbitrary<Op>;

export type Step = { who: string; act: 'do' | 'undo' | 'redo' | 'undoNamed'; ops: Op[]; gesture: number };
export const people = ['ada', 'bob', 'eve'] as const;
export const anyStep = fc.record({
  who: one(...people), act: one('do' as const, 'do' as const, 'do' as const, 'do' as const, 'undo' as const, 'redo' as const, 'undoNamed' as const),
  ops: fc.array(anyOp(), { minLength: 1, maxLength: 4 }), gesture: fc.integer({ min: 0, max: 6 }),
});

export function play(room: ReturnType<typeof workshop>, { who, act, ops, gesture }: Step): Decision {
  switch (act) {
    case 'do': return room.does(who, ops, `${who}-${gesture}`);
    case 'undo': return room.undoes(who);
    case 'redo': return room.redoes(who);
    case 'undoNamed': return room.undoes(who, `${who}-${gesture}`);
  }
}
