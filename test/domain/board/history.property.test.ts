import fc from 'fast-check';
import { applyOps, boardOf, decideGroup, docLines, docReader, emptyBoard, emptyDoc, evolve, fold, heard, lastSeq, memoryLines, memoryReader, normaliseOps, placesIn, type Board, type BoardDoc, type BoardEvent, type Op } from '../../../src/domain/board/index.ts';
import { shapeOf } from '../../../src/domain/board/keptShape.ts';
import { entries } from '../../../src/domain/board/persistentMap.ts';
import { listed } from '../../../src/domain/board/stack.ts';
import type { Remembered } from '../../../src/domain/board/state.ts';
import { add, anyOp, anyStep, as, people, play, stroke, workshop } from './scribbles.ts';

const script = fc.array(anyStep, { maxLength: 30 });

/** Owners of nodes, how stacks share what is on them, and the order of steps in a Map, say nothing. */
const plain = (board: Board) => ({
  version: board.version, doc: plainDoc(board.doc), stampsFrom: board.memory.stampsFrom,
  people: plainPeople(board.memory.people), stamps: Object.fromEntries(entries(board.memory.stamps)),
});
const plainSteps = ({ undo, redo, ...rest }: Remembered) => ({ ...rest, undo: listed(undo), redo: listed(redo) });
const plainPeople = (all: Board['memory']['people']) => Object.fromEntries([...entries(all)].map(([person, remembered]) => [person, plainSteps(remembered)]));
const plainDoc = (doc: BoardDoc) => ({ pages: doc.pages, shapes: Object.fromEntries([...entries(doc.shapes)].map(([id, kept]) => [id, shapeOf(kept)])), onLayer: [...entries(doc.onLayer)].map(([key, ids]) => [key, [...entries(ids)]]) });
/** No-ops and refusals are counted in a live board only. */
const withoutSeqs = (board: Board) => ({
  ...plain(board),
  people: [...entries(board.memory.people)].filter(([, { undo, redo }]) => undo.size + redo.size > 0).map(([person, { undo, redo, bytes }]) => ({ person, undo: listed(undo), redo: listed(redo), bytes })),
});

const written = (board: Board): { doc: string[]; memory: string[] } => ({ doc: [...docLines(board.version, board.doc)], memory: [...memoryLines(board.version, board.memory)] });
function readBack({ doc, memory }: { doc: string[]; memory: string[] }): Board {
  const [docs, memories] = [docReader(), memoryReader()];
  for (const line of doc) docs.line(line.slice(0, -1));
  for (const line of memory) memories.line(line.slice(0, -1));
  return boardOf(docs.done(), memories.done());
}

describe('a board\'s history', () => {
  it('folds to the live board, by one or by many, and through JSON', () => {
    fc.assert(fc.property(script, (steps) => {
      const room = workshop();
      for (const step of steps) play(room, step);
      const folded = fold(emptyBoard, room.log);
      expect(withoutSeqs(folded)).toEqual(withoutSeqs(room.board));
      expect(plain(room.log.reduce((board, event) => evolve(board, event), emptyBoard))).toEqual(plain(folded));
      for (const { data } of room.events) expect(lastSeq(folded, data.personId, data.clientId)).toBeLessThanOrEqual(lastSeq(room.board, data.personId, data.clientId));
    }), { numRuns: 150 });
  });

  it('remembers of a stroke that grew what each group found, however many are folded at once', () => {
    const room = workshop();
    room.does('ada', [{ op: 'shape.add', shape: stroke('s', [0, 0, 1, 0]) }]);
    for (const x of [1, 2, 3]) room.does('ada', [{ op: 'shape.append', id: 's', points: [x, x, 1, 1] }, { op: 'shape.append', id: 's', points: [x, x, 1, 2] }], `more-${x}`);
    expect(withoutSeqs(fold(emptyBoard, room.log))).toEqual(withoutSeqs(room.board));
  });

  it('continues from a snapshot of any version as if it had been folded from the start', () => {
    fc.assert(fc.property(script, fc.double({ min: 0, max: 1, noNaN: true }), (steps, where) => {
      const room = workshop();
      for (const step of steps) play(room, step);
      const cut = Math.round(where * room.log.length);
      const kept = written(fold(emptyBoard, room.log.slice(0, cut)));
      const resumed = fold(readBack(kept), room.log.slice(cut));
      expect(plain(resumed)).toEqual(plain(fold(emptyBoard, room.log)));
      // The same board is the same text, so that a blob's hash means something.
      expect(written(readBack(kept))).toEqual(kept);
    }), { numRuns: 150 });
  });

  it('is the same for a client that applies what it is told, its own groups by their place alone', () => {
    fc.assert(fc.property(script, (steps) => {
      const room = workshop();
      let confirmed = emptyDoc;
      for (const step of steps) {
        const decision = play(room, step);
        if (decision.outcome !== 'accepted') continue;
        const { kind, personId, ops } = decision.group;
        const mine = kind === 'ops' && personId === 'ada' ? normaliseOps(step.ops, 'ada') : (JSON.parse(JSON.stringify(ops)) as Op[]);
        confirmed = applyOps(confirmed, mine, { author: personId });
      }
      expect(plainDoc(confirmed)).toEqual(plainDoc(room.board.doc));
    }), { numRuns: 150 });
  });

  it('never changes the board that a decision was made on, whatever comes out', () => {
    fc.assert(fc.property(script, fc.array(anyOp(), { minLength: 1, maxLength: 5 }), (steps, ops) => {
      const room = workshop();
      for (const step of steps) play(room, step);
      const before = room.board;
      const text = JSON.stringify(written(before));
      const decision = decideGroup(before, { personId: 'new', clientId: 'c', seq: 1, gestureId: 'g', ops }, as('student'));
      expect(JSON.stringify(written(before))).toBe(text);
      if (decision.outcome === 'rejected' || decision.outcome === 'noop') expect(decision.board.doc).toBe(before.doc);
    }), { numRuns: 200 });
  });

  it('comes out the same when groups share their copies: the doc for good, the memory in a batch, before which it stays as it was', () => {
    fc.assert(fc.property(script, fc.integer({ min: 1, max: 8 }), (steps, size) => {
      const rules = (person: string) => as(person === people[0] ? 'host' : 'student');
      const owners = { doc: {}, memory: {} };
      const [alone, batched] = [workshop(emptyBoard, rules), workshop(emptyBoard, rules, () => owners)];
      const memoryOf = ({ version, memory }: Board) => [...memoryLines(version, memory)];
      let before = { board: batched.board, memory: memoryOf(batched.board) };
      steps.forEach((step, i) => {
        if (i % size === 0) {
          owners.memory = {};
          before = { board: batched.board, memory: memoryOf(batched.board) };
        }
        expect(play(batched, step).outcome).toBe(play(alone, step).outcome);
        expect(memoryOf(before.board)).toEqual(before.memory);
      });
      expect(batched.events).toEqual(alone.events);
      expect(plain(batched.board)).toEqual(plain(alone.board));
    }), { numRuns: 200 });
  });

  it('takes each group once, whatever the network drops, repeats and delays, crashes included', () => {
    const turn = fc.record({ who: fc.constantFrom(...people), ops: fc.array(anyOp(), { minLength: 1, maxLength: 3 }), fate: fc.constantFrom('arrives', 'arrives', 'lost', 'ackLost', 'twice', 'crash') });
    fc.assert(fc.property(fc.array(turn, { maxLength: 40 }), (turns) => {
      const log: BoardEvent[] = [];
      let board = emptyBoard;
      const waiting = new Map<string, { seq: number; ops: Op[] }[]>(people.map((who) => [who, []]));
      const sent = new Map<string, number>(people.map((who) => [who, 0]));
      const told = new Map<string, number>(people.map((who) => [who, 0]));
      const deliver = (who: string, { seq, ops }: { seq: number; ops: Op[] }) => {
        const decision = decideGroup(board, { personId: who, clientId: `${who}-tab`, seq, gestureId: `g${seq}`, ops }, as('host'));
        if (decision.outcome === 'accepted') log.push(JSON.parse(JSON.stringify({ type: 'OpGroupApplied', data: { roomId: 'r', roomRevision: 0, ...decision.group } })) as BoardEvent);
        if ('board' in decision) board = decision.board;
        return decision.outcome;
      };
      const flush = (who: string) => {
        const outcomes = (waiting.get(who) ?? []).map((group) => deliver(who, group));
        expect(outcomes).not.toContain('seqGap');
        told.set(who, sent.get(who) ?? 0);
        waiting.set(who, []);
      };
      for (const { who, ops, fate } of turns) {
        const seq = (sent.get(who) ?? 0) + 1;
        sent.set(who, seq);
        const queue = waiting.get(who) ?? [];
        queue.push({ seq, ops });
        if (fate === 'lost') continue; // stays in the client's queue, and goes again with the next
        for (const group of queue) deliver(who, group);
        if (fate === 'twice') for (const group of queue) expect(deliver(who, group)).toBe('repeated');
        if (fate === 'ackLost') continue;
        told.set(who, seq);
        waiting.set(who, []);
        if (fate !== 'crash') continue;
        board = fold(emptyBoard, log);
        for (const other of people) board = heard(board, other, `${other}-tab`, told.get(other) ?? 0);
      }
      for (const who of people) flush(who);
      const identities = log.map(({ data }) => `${data.clientId} ${data.seq}`);
      expect(new Set(identities).size).toBe(identities.length);
      expect(plainDoc(fold(emptyBoard, log).doc)).toEqual(plainDoc(board.doc));
      for (const who of people) expect(lastSeq(board, who, `${who}-tab`)).toBe(sent.get(who));
    }), { numRuns: 200 });
  });
});

describe('a snapshot', () => {
  it('has every client\'s place in its first line, so that people are let in before the rest is read', () => {
    fc.assert(fc.property(script, (steps) => {
      const { board } = steps.reduce((room, step) => { play(room, step); return room; }, workshop());
      const [first = ''] = memoryLines(board.version, board.memory);
      const places = placesIn(first);
      expect(plainPeople(places!.people)).toEqual(Object.fromEntries([...entries(board.memory.people)].map(([person, { at, clients }]) => [person, { at, clients, undo: [], redo: [], bytes: 0 }])));
      for (const [person, { clients }] of entries(board.memory.people)) for (const { clientId, seq } of clients) expect(lastSeq({ ...board, memory: places! }, person, clientId)).toBe(seq);
    }), { numRuns: 50 });
  });

  it('of an earlier release has no places: the whole of it is read', () => {
    expect(placesIn('{"format":"lectern.boardMemory","schemaVersion":1,"version":3,"stampsFrom":0,"lines":2}')).toBeUndefined();
    expect(() => placesIn('{"format":"lectern.board","schemaVersion":1,"version":3}')).toThrow('not a lectern.boardMemory');
  });

  it('is read in lines of a bounded size, and refused unless whole', () => {
    const room = workshop();
    for (let g = 0; g < 6; g += 1) room.does('ada', Array.from({ length: 200 }, (_, i) => add(`s${g}-${i}`)));
    const lines = [...docLines(room.board.version, room.board.doc)];
    expect(lines).toHaveLength(2 + 3);
    const read = (from: string[]) => () => { const reader = docReader(); for (const line of from) reader.line(line); return reader.done(); };
    expect(read(lines)().version).toBe(6);
    for (const broken of [[], lines.slice(1), lines.slice(0, -1), ['{"format":"other"}\n', ...lines.slice(1)], [lines[0]!.replace('"schemaVersion":1', '"schemaVersion":9'), ...lines.slice(1)]]) expect(read(broken)).toThrow();
    const memory = [...memoryLines(room.board.version, room.board.memory)];
    const partly = memoryReader();
    partly.line(memory[0] as string);
    expect(() => partly.done()).toThrow('not a whole memory');
    expect(() => boardOf({ version: 1, doc: emptyDoc }, { version: 2, memory: emptyBoard.memory })).toThrow('version');
  });
});
