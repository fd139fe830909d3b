import { acknowledge, begin, edit, giveUpFirst, load, reborn, take, unsaved, unsent, welcomed, type Fold } from '../../client/board/optimistic.ts';
import { inGroups } from '../../client/board/inGroups.ts';
import { applyOps, decideGroup, emptyBoard, emptyDoc, shapeAt, type Op } from '../../src/domain/board/index.ts';
import { cutOut } from '../../web/src/tools/cutOut.ts';

/** A document of words, which a group adds to. */
const fold: Fold<string, string> = (doc, ops) => doc + ops.join('');
const rules = { fold, me: { personId: 'anna', clientId: 'tab' } };
const drawn = (...words: string[]) => words.reduce((state, word) => edit(rules, state, 'g', [word]), begin<string, string>(''));

describe('what a client knows', () => {
  it('keeps a group pending after its acknowledgement, until it comes back in its place', () => {
    const { state } = acknowledge(rules, drawn('a', 'b'), { upTo: 2, version: 3 });
    expect([state.confirmed, state.view, unsaved(state), state.pending.length]).toEqual(['', 'ab', 0, 2]);
    const took = take(rules, state, 0, [{ version: 1, personId: 'bohdan', clientId: 'his', seq: 1, ops: ['X'] }, { version: 2, clientId: 'tab', seq: 1 }]);
    expect(took).toMatchObject({ outcome: 'taken', state: { confirmed: 'Xa', view: 'Xab', version: 2, pending: [{ seq: 2 }] } });
  });

  it('passes over what it has already, and takes nothing after a gap', () => {
    const took = take(rules, drawn(), 0, [{ version: 1, personId: 'b', clientId: 'his', seq: 1, ops: ['X'] }]);
    if (took.outcome !== 'taken') throw new Error(took.outcome);
    expect(take(rules, took.state, 0, [{ version: 1, personId: 'b', clientId: 'his', seq: 1, ops: ['X'] }])).toMatchObject({ state: { confirmed: 'X' } });
    expect(take(rules, took.state, 2, [])).toEqual({ outcome: 'gap' });
    expect(take(rules, took.state, 1, [{ version: 2, clientId: 'tab', seq: 9 }])).toEqual({ outcome: 'stranger' });
  });

  it('after a welcome sends what the server has not decided, and drops what it decided without a trace', () => {
    const { state, dropped } = welcomed(rules, drawn('a', 'b', 'c'), { version: 0, lastSeq: 2 });
    expect(dropped.map(({ code }) => code)).toEqual(['answeredUnheard', 'answeredUnheard']);
    expect(unsent(state, 0).map(({ seq }) => seq)).toEqual([3]);
    expect(state.view).toBe('c');
  });

  it('tells nobody that a group was lost which a loaded board may have, also when the line broke right after it was loaded', () => {
    const loaded = load(rules, welcomed(rules, drawn('a'), { version: 5, lastSeq: 1 }).state, 'a', 2);
    expect(loaded.dropped).toEqual([]); // groups 3 to 5 are still to come; instead the line breaks
    const { dropped } = welcomed(rules, loaded.state, { version: 2, lastSeq: 1 });
    expect(dropped.map(({ code }) => code)).toEqual(['outcomeUnheard']);
  });

  it('has a group that came inside a whole board once, and one that comes after it in its place', () => {
    const { state } = acknowledge(rules, drawn('a', 'b'), { upTo: 2, version: 2 }); // at 1 and 2
    const loaded = load(rules, state, 'a', 1);
    expect([loaded.dropped.length, loaded.state.pending.map(({ seq }) => seq)]).toEqual([0, [1, 2]]); // which of them is in it is not known yet
    expect(take(rules, loaded.state, 1, [{ version: 2, clientId: 'tab', seq: 2 }])).toMatchObject({ outcome: 'taken', dropped: [], state: { confirmed: 'ab', view: 'ab', pending: [] } });
    expect(load(rules, state, 'ab', 2)).toMatchObject({ dropped: [], state: { view: 'ab', pending: [] } });
  });

  it('gives up a group that can never be taken, and numbers the rest on without a gap', () => {
    const { state, dropped } = giveUpFirst(rules, acknowledge(rules, drawn('a', 'b', 'c'), { upTo: 1, version: 1 }).state, 'badMessage');
    expect(dropped).toMatchObject([{ code: 'badMessage', group: { seq: 2 } }]);
    expect(state.pending.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(state.nextSeq).toBe(3);
  });

  it('as another client begins at 1 with what nobody has seen', () => {
    const { state, dropped } = reborn(rules, acknowledge(rules, drawn('a', 'b'), { upTo: 1, version: 1 }).state, '');
    expect(dropped).toMatchObject([{ group: { seq: 1 }, code: 'outcomeUnheard' }]);
    expect(state).toMatchObject({ version: 0, view: 'b', nextSeq: 2, ackedSeq: 0, pending: [{ seq: 1 }] });
  });
});

describe('the eraser', () => {
  const line = [0, 0, 0.5, 0, 50, 0, 0.5, 10, 100, 0, 0.5, 10];

  it('cuts a stroke exactly where it touches it', () => {
    expect(cutOut(line, { x: 50, y: 0 }, 10)).toEqual([[0, 0, 0.5, 0, 40, 0, 0.5, 8], [60, 0, 0.5, 2, 100, 0, 0.5, 10]]);
  });

  it('cuts between two points that lie far apart', () => {
    expect(cutOut([0, 0, 0.5, 0, 100, 0, 0.5, 10], { x: 50, y: 3 }, 5)).toEqual([[0, 0, 0.5, 0, 46, 0, 0.5, 5], [54, 0, 0.5, 5, 100, 0, 0.5, 10]]);
  });

  it('leaves alone what it does not touch, and nothing of what it covers', () => {
    expect(cutOut(line, { x: 50, y: 30 }, 10)).toBeUndefined();
    expect(cutOut(line, { x: 50, y: 0 }, 90)).toEqual([]);
  });
});

describe('a long list of ops', () => {
  const stroke = (id: string, count: number): Op => ({ op: 'shape.add', shape: { id, type: 'stroke', page: 'page-1', layer: 'layer-1', x: 0, y: 0, rotation: 0, scale: 1, z: 'a1', locked: false, style: { color: '#112233', width: 1 }, points: Array.from({ length: count }, (_, i) => [i * 1.23, i + 0.57, 0.5, 16]).flat() } });

  it('is cut into groups that the board takes, strokes of any length included, and comes to the same', () => {
    const ops = [...Array.from({ length: 700 }, (_, i) => stroke(`short-${i}`, 5)), stroke('long', 19_000), { op: 'shape.append' as const, id: 'long', points: Array.from({ length: 900 }, (_, i) => [i, i, 0.5, 9]).flat() }];
    let board = emptyBoard;
    inGroups(ops).forEach((group, i) => {
      const decision = decideGroup(board, { personId: 'anna', clientId: 'tab', seq: i + 1, gestureId: 'g', ops: group }, { may: () => true });
      if (decision.outcome !== 'accepted') throw new Error(JSON.stringify(decision).slice(0, 200));
      board = decision.board;
    });
    const long = shapeAt(board.doc, 'long')!;
    expect(board.doc.shapes.size).toBe(701);
    expect(long.type === 'stroke' && long.points).toEqual((shapeAt(applyOps(emptyDoc, ops, { author: 'anna' }), 'long') as { points: number[] }).points);
  });
});
