import fc from 'fast-check';
import { emptyBoard, type BoardMemory } from '../../../src/domain/board/index.ts';
import { mostBytesOfGroup, mostBytesOfSteps, mostSteps } from '../../../src/domain/board/limits.ts';
import { remember, rememberedOf } from '../../../src/domain/board/memory.ts';
import { listed } from '../../../src/domain/board/stack.ts';

/* What one person can take back, as plain arrays that are copied at every step: the same as the board's memory must hold. */

type NaiveChange = { kind: 'added'; at: number } | { kind: 'removed'; at: number; was: object };
type NaiveEntry = { gestureId: string; undoneBy?: string; before: number; changes: [string, NaiveChange][] | undefined; bytes: number };
type Naive = { clients: { clientId: string; seq: number }[]; undo: NaiveEntry[]; redo: NaiveEntry[] };
type Effect = { kind: 'added' | 'removed'; target: string; text: string };
type Group = { personId: string; clientId: string; seq: number; gestureId: string; kind: 'ops' | 'undo' | 'redo'; undoes?: string };

const thing = ({ target, text }: Effect) => ({ id: target, text });
const weightOf = (change: NaiveChange): number => (change.kind === 'added' ? 50 : 200 + 2 + Object.values(change.was).reduce<number>((sum, value: string) => sum + 8 + value.length + 2, 0));
const sum = (entries: NaiveEntry[]) => entries.reduce((all, { bytes }) => all + bytes, 0);

function naively(before: Naive, group: Group, effects: Effect[], version: number): Naive {
  const earlier = group.kind === 'ops' ? before.undo.findLast(({ gestureId }) => gestureId === group.gestureId) : undefined;
  let changes: Map<string, NaiveChange> | undefined = earlier ? earlier.changes && new Map(earlier.changes) : new Map<string, NaiveChange>();
  let bytes = 0;
  for (const effect of effects) {
    if (!changes) break;
    if (effect.kind === 'added') changes.set(effect.target, { kind: 'added', at: version });
    else if (changes.get(effect.target)?.kind === 'added') changes.delete(effect.target);
    else changes.set(effect.target, { kind: 'removed', at: version, was: thing(effect) });
    bytes = [...changes.values()].reduce((all, change) => all + weightOf(change), 0);
    if (bytes > mostBytesOfGroup) changes = undefined;
  }
  if (changes) bytes = [...changes.values()].reduce((all, change) => all + weightOf(change), 0);
  const entry: NaiveEntry = { gestureId: group.undoes ?? group.gestureId, before: earlier?.before ?? version - 1, changes: changes && [...changes], bytes: changes ? bytes : 0 };
  const some = changes?.size === 0 ? [] : [entry];
  const { undo, redo } = ((): Pick<Naive, 'undo' | 'redo'> => {
    switch (group.kind) {
      case 'undo': return { undo: before.undo.filter(({ gestureId }) => gestureId !== group.undoes), redo: [...before.redo, ...some.map((one) => ({ ...one, undoneBy: group.gestureId }))] };
      case 'redo': return { undo: [...before.undo, ...some], redo: before.redo.filter(({ gestureId }) => gestureId !== group.undoes) };
      case 'ops': return { undo: earlier ? before.undo.flatMap((one) => (one === earlier ? some : [one])) : [...before.undo, ...some], redo: [] };
    }
  })();
  for (const stack of [undo, redo]) while (stack.length > 1 && (stack.length > mostSteps || sum(undo) + sum(redo) > mostBytesOfSteps)) stack.shift();
  return { clients: [...before.clients.filter(({ clientId }) => clientId !== group.clientId), { clientId: group.clientId, seq: group.seq }], undo, redo };
}

/** The representation says nothing: stacks and small maps become arrays. */
function plain(memory: BoardMemory): Naive & { bytes: number } {
  const { clients, undo, redo, bytes } = rememberedOf(memory, 'ada');
  const [undos, redos] = [undo, redo].map((stack) => listed(stack).map((entry) => ({ ...entry, changes: entry.changes && [...entry.changes] }))) as [NaiveEntry[], NaiveEntry[]];
  return { clients: [...clients], undo: undos, redo: redos, bytes };
}

type Turn = { back: number; kind: 'ops' | 'undo' | 'redo'; going: number | undefined; which: number; effects: number[]; many: number; client: string };
/** `going`: how far down the gesture is that goes on; undefined: a new one. Effects: 0, something is added; -1, what was added last goes again; else the length of the text that goes. */
const turn = (most: number): fc.Arbitrary<Turn> => fc.record({
  back: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 20 }) }),
  kind: fc.oneof({ weight: 8, arbitrary: fc.constant('ops' as const) }, { weight: 2, arbitrary: fc.constantFrom('undo' as const, 'redo' as const) }),
  going: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 90 }) }),
  which: fc.oneof(fc.constant(0), fc.nat({ max: 99 })),
  effects: fc.array(fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(-1) }, { weight: 2, arbitrary: fc.nat({ max: most }) }), { minLength: 1, maxLength: 3 }),
  many: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 20, max: 120 }) }),
  client: fc.constantFrom('tab', 'tab', 'tab', 'phone'),
});

const seen = { full: 0, heavy: 0, below: 0, brought: 0 };

function play(turns: Turn[]): void {
  const all: { memory: BoardMemory; naive: Naive }[] = [{ memory: emptyBoard.memory, naive: { clients: [], undo: [], redo: [] } }];
  let [n, version] = [0, 0];
  let lastAdded = 'nothing';
  const step = (turn: Turn, isMore: boolean) => {
    const { memory, naive } = all.at(-1 - (isMore ? 0 : turn.back % all.length))!;
    n += 1;
    version += 1;
    const from = turn.kind === 'undo' ? naive.undo : turn.kind === 'redo' ? naive.redo : [];
    const undoes = from.at(-1 - (turn.which % Math.max(1, from.length)))?.gestureId ?? 'never';
    const going = turn.going === undefined || isMore ? undefined : naive.undo.at(-1 - turn.going)?.gestureId;
    const group: Group = { personId: 'ada', clientId: turn.client, seq: n, kind: turn.kind, gestureId: going ?? `g${n}`, ...(turn.kind === 'ops' ? {} : { undoes }) };
    const effects = turn.effects.map((what, i): Effect => (what === -1 ? { kind: 'removed', target: lastAdded, text: '' } : what === 0 ? { kind: 'added', target: (lastAdded = `s${n}-${i}`), text: '' } : { kind: 'removed', target: `t${n}-${i}`, text: 'x'.repeat(what) }));
    const { observe, finish } = remember(memory, group, version, {});
    for (const effect of effects) observe({ kind: effect.kind, target: effect.target, value: thing(effect) as never });
    const next = { memory: finish(), naive: naively(naive, group, effects, version) };
    all.push(next);
    if (next.naive.undo.length === mostSteps) seen.full += 1;
    if (sum(next.naive.undo) > mostBytesOfSteps - 2_000) seen.heavy += 1;
    if (going !== undefined && turn.kind === 'ops' && turn.going! > 0) seen.below += 1;
    if (turn.kind === 'redo' && undoes !== 'never') seen.brought += 1;
  };
  for (const one of turns) {
    for (let i = 0; i < one.many; i += 1) step(one, i > 0);
    // New work ends what can be brought back: some of it comes at once.
    if (one.kind === 'undo' && one.which % 2 === 0) step({ ...one, kind: 'redo' }, true);
  }
  // At the end: whatever went on from a memory has left it as it was.
  for (const { memory, naive } of all.filter((_, i) => i % 7 === all.length % 7 || i > all.length - 5)) expect(plain(memory)).toEqual({ ...naive, bytes: sum(naive.undo) + sum(naive.redo) });
}

describe('what a person can take back', () => {
  it.each([['many small steps', 300], ['heavy steps', 40_000]])('is what plain arrays would hold, for good, with %s', (_, most) => {
    fc.assert(fc.property(fc.array(turn(most), { minLength: 10, maxLength: 60 }), play), { numRuns: 50 });
  });

  it('was tried at its limits', () => {
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
  });
});
