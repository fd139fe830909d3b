import fc from 'fast-check';
import { emptyBoard, type Board, type BoardDoc, type Op } from '../../../src/domain/board/index.ts';
import { shapeOf } from '../../../src/domain/board/keptShape.ts';
import { entries } from '../../../src/domain/board/persistentMap.ts';
import { add, anyOp, anyStep, people, play, remove, workshop, type Step } from './scribbles.ts';

const script = fc.array(anyStep, { minLength: 1, maxLength: 40 });

/** A doc as text values by thing and field; `*` says that the thing is there. */
function flat(doc: BoardDoc): Map<string, string> {
  const values = new Map<string, string>();
  const put = (target: string, thing: object) => {
    values.set(`${target} *`, 'there');
    for (const [field, value] of Object.entries(thing)) {
      if (field === 'style') for (const [part, of] of Object.entries(value as object)) values.set(`${target} style.${part}`, JSON.stringify(of));
      else if (field !== 'layers') values.set(`${target} ${field}`, JSON.stringify(value));
    }
  };
  for (const [id, kept] of entries(doc.shapes)) put(id, shapeOf(kept));
  for (const page of doc.pages) {
    put(`/${page.id}`, page);
    for (const layer of page.layers) put(`${page.id}/${layer.id}`, layer);
  }
  return values;
}

type Write = { version: number; who: string; kind: string; gesture: string; key: string; before: string | undefined; after: string | undefined };

function writesOf(before: BoardDoc, after: BoardDoc, facts: Omit<Write, 'key' | 'before' | 'after'>): Write[] {
  const [a, b] = [flat(before), flat(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key)).map((key) => ({ ...facts, key, before: a.get(key), after: b.get(key) }));
}

const targetOf = (key: string) => key.slice(0, key.indexOf(' '));

/** Plays the script, and calls `each` with every accepted step and all writes before it. */
function history(steps: readonly Step[], each: (facts: { now: Write[]; earlier: Write[]; kind: string; who: string; undoes: string | undefined }) => void): Board {
  const room = workshop();
  const earlier: Write[] = [];
  for (const step of steps) {
    const before = room.board.doc;
    const decision = play(room, step);
    if (decision.outcome !== 'accepted') continue;
    const { kind, personId, gestureId, undoes } = decision.group;
    const now = writesOf(before, room.board.doc, { version: room.board.version, who: personId, kind, gesture: undoes ?? gestureId });
    each({ now, earlier, kind, who: personId, undoes });
    earlier.push(...now);
  }
  return room.board;
}

/** Few things, few fields, many undos: people get in each other's way at almost every step. */
const crowded = fc.array(fc.record({
  who: fc.constantFrom('ada' as const, 'bob' as const), act: fc.constantFrom('do' as const, 'do' as const, 'do' as const, 'undo' as const, 'undo' as const, 'redo' as const, 'undoNamed' as const),
  ops: fc.array(fc.oneof(
    { weight: 6, arbitrary: fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) }, { requiredKeys: [] }).map((set): Op => ({ op: 'shape.update', id: 's', set })) },
    { weight: 1, arbitrary: fc.constant(remove('s')) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 9 }).map((x) => add('s', { x })) },
  ), { minLength: 1, maxLength: 1 }), gesture: fc.integer({ min: 0, max: 5 }),
}), { minLength: 5, maxLength: 30 }).map((steps): Step[] => [{ who: 'ada', act: 'do', ops: [add('s')], gesture: 9 }, ...steps]);

describe('the law of undo', () => {
  it.each([['on a busy board', script, 250], ['around one shape', crowded, 600]] as const)('never touches what others did after the gesture, field by field, %s', (_, scripts, numRuns) => {
    let undone = 0;
    fc.assert(fc.property(scripts as fc.Arbitrary<Step[]>, (steps) => {
      history(steps, ({ now, earlier, kind, who, undoes }) => {
        if (kind === 'ops') return;
        // An undo takes back what the gesture (or its redo) wrote, a redo what the undo did.
        const counts = (write: Write) => write.who === who && write.gesture === undoes && (kind === 'undo' ? write.kind !== 'undo' : write.kind === 'undo');
        for (const { key } of now) {
          const whole = `${targetOf(key)} *`;
          const own = Math.max(0, ...earlier.filter((write) => counts(write) && (write.key === key || write.key === whole)).map(({ version }) => version));
          // A page that goes or comes takes its layers along.
          const mine = own > 0 ? own : Math.max(0, ...earlier.filter((write) => counts(write) && write.key.startsWith(`/${key.split('/')[0]} `)).map(({ version }) => version));
          expect([key, mine]).toEqual([key, expect.any(Number)]);
          expect([key, mine > 0]).toEqual([key, true]);
          // What comes back was gone since the gesture: whatever others wrote meanwhile was on another thing under its id, and went with that.
          const comesBack = now.some((write) => write.key === whole && write.before === undefined);
          const since = earlier.filter((write) => write.who !== who && write.version > mine && ((write.key === key && !comesBack) || write.key === whole));
          expect([key, since]).toEqual([key, []]);
          undone += 1;
        }
      });
    }), { numRuns });
    expect(undone).toBeGreaterThan(200);
  });

  it('brings back what one removed, though others wrote on another thing that stood under its id in between', () => {
    const room = workshop();
    const update = (set: object): Op => ({ op: 'shape.update', id: 's', set });
    room.does('ada', [add('s')], 'drawn');
    room.does('bob', [remove('s')], 'removed');
    room.does('bob', [add('s')], 'came and went');
    room.does('ada', [update({ y: 1 })], 'moved');
    room.does('bob', [remove('s')], 'came and went');
    expect(room.undoes('bob')).toMatchObject({ outcome: 'accepted', group: { undoes: 'removed', ops: [{ op: 'shape.add', shape: { id: 's', y: 0, author: 'ada' } }] } });
  });

  it('takes back all of the last gesture when nobody else acted since: the doc is the one before it', () => {
    let taken = 0;
    fc.assert(fc.property(script, fc.array(fc.array(anyOp(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }), (steps, groups) => {
      const room = workshop();
      for (const step of steps) play(room, step);
      const before = room.board.doc;
      for (const ops of groups) room.does('ada', ops, 'the-gesture');
      if (flatText(room.board.doc) === flatText(before)) return;
      const undo = room.undoes('ada');
      expect([undo.outcome, 'group' in undo && undo.group.undoes]).toEqual(['accepted', 'the-gesture']);
      expect(flatText(room.board.doc)).toBe(flatText(before));
      taken += 1;
    }), { numRuns: 250 });
    expect(taken).toBeGreaterThan(60);
  });

  it('makes undo, undo … redo, redo the identity when nobody else acts meanwhile', () => {
    let walked = 0;
    fc.assert(fc.property(fc.array(anyStep, { minLength: 10, maxLength: 40 }), fc.constantFrom(...people), fc.integer({ min: 1, max: 8 }), (steps, who, depth) => {
      const room = workshop();
      for (const step of steps) play(room, step);
      const docs = [flatText(room.board.doc)];
      for (let i = 0; i < depth && room.undoes(who).outcome === 'accepted'; i += 1) docs.push(flatText(room.board.doc));
      for (docs.pop(); docs.length > 0; docs.pop()) {
        expect(room.redoes(who).outcome).toBe('accepted');
        expect(flatText(room.board.doc)).toBe(docs.at(-1));
        walked += 1;
      }
    }), { numRuns: 200 });
    expect(walked).toBeGreaterThan(60);
  });

  it('takes back everything of one person, and nothing of another, when they worked on different things', () => {
    const of = (ids: string[]) => fc.array(fc.array(anyOp(fc.constantFrom(...ids)).filter((op) => op.op.startsWith('shape.')), { minLength: 1, maxLength: 3 }), { maxLength: 15 });
    fc.assert(fc.property(of(['a1', 'a2', 'a3']), of(['b1', 'b2', 'b3']), fc.infiniteStream(fc.boolean()), (adas, bobs, coin) => {
      const both = workshop();
      const alone = workshop();
      const [mine, theirs] = [[...adas], [...bobs]];
      while (mine.length + theirs.length > 0) {
        const who = theirs.length === 0 || (mine.length > 0 && coin.next().value) ? 'ada' : 'bob';
        const ops = (who === 'ada' ? mine : theirs).shift() as Op[];
        both.does(who, ops);
        if (who === 'bob') alone.does('bob', ops);
      }
      while (both.undoes('ada').outcome === 'accepted');
      expect(flatText(both.board.doc)).toBe(flatText(alone.board.doc));
    }), { numRuns: 150 });
  });
});

const flatText = (doc: BoardDoc): string => JSON.stringify([...flat(doc)].sort(([a], [b]) => (a < b ? -1 : 1)));

describe('a board without steps', () => {
  it('has nothing to undo or redo', () => {
    const room = workshop(emptyBoard);
    expect([room.undoes('ada').outcome, room.redoes('ada').outcome]).toEqual(['noop', 'noop']);
  });
});
