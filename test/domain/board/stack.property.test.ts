import fc from 'fast-check';
import { emptyStack, itemAt, listed, placeOf, pushed, stackOf, withNewest, withoutOldest, type Stack } from '../../../src/domain/board/stack.ts';

type Turn = { of: number; act: 'push' | 'replace' | 'drop' | 'rebuild'; count: number };
const push = { weight: 12, arbitrary: fc.record({ of: fc.constant(0), act: fc.constant('push' as const), count: fc.constant(0) }) };
/** `of`: how many stacks back it goes on from; mostly from the last. */
const turn: fc.Arbitrary<Turn> = fc.oneof(push, { weight: 4, arbitrary: fc.record({ of: fc.oneof(fc.constant(0), fc.nat({ max: 60 })), act: fc.constantFrom('push', 'replace', 'drop', 'drop', 'rebuild'), count: fc.nat({ max: 40 }) }) });

type Item = { gestureId: string; n: number };
/** Few gestures, so that some are there twice; of ids that end alike, and of ids that do not. */
const itemOf = (n: number): Item => ({ gestureId: n % 3 === 0 ? `${n % 50}-the-same-end` : `${n % 200}`, n });

function turned(stack: Stack<Item>, items: Item[], { act, count }: Turn, item: Item): [Stack<Item>, Item[]] {
  switch (act) {
    case 'push': return [pushed(stack, item), [...items, item]];
    case 'replace': return items.length === 0 ? [stack, items] : [withNewest(stack, item), items.with(-1, item)];
    case 'drop': { const some = Math.min(count, Math.max(0, items.length - 1)); return [withoutOldest(stack, some), items.slice(some)]; }
    case 'rebuild': { const kept = items.filter(({ n }) => n % 7 !== count % 7); return [stackOf(kept), kept]; }
  }
}

describe('the stack', () => {
  it('holds what an array would hold, and for good, whatever comes of stacks that go on from it', () => {
    fc.assert(fc.property(fc.array(turn, { minLength: 30, maxLength: 300 }), (turns) => {
      const all: [Stack<Item>, Item[]][] = [[emptyStack(), []]];
      turns.forEach((one, n) => {
        const [stack, items] = all.at(-1 - (one.of % all.length))!;
        all.push(turned(stack, items, one, itemOf(n)));
      });
      for (const [stack, items] of all) {
        expect(listed(stack)).toEqual(items);
        expect([stack.size, stack.newest]).toEqual([items.length, items.at(-1)]);
        expect(items.map((_, at) => itemAt(stack, at))).toEqual(items);
        const ids = [...new Set(items.map(({ gestureId }) => gestureId)), '3-the-same-end', 'never'];
        expect(ids.map((id) => placeOf(stack, id))).toEqual(ids.map((id) => items.findLastIndex(({ gestureId }) => gestureId === id)));
      }
    }), { numRuns: 60 });
  });

  it('shares what is below, and holds hardly more than what is on it, however long it goes on', () => {
    let stack = stackOf(Array.from({ length: 100 }, (_, i) => itemOf(i)));
    let made = 0;
    for (let i = 100; i < 1_000; i += 1) {
      const before = stack;
      stack = withoutOldest(pushed(before, itemOf(i)), 1);
      made += stack.chunks.filter((chunk) => !before.chunks.includes(chunk)).length;
      expect(stack.chunks.flatMap(({ items }) => items).length).toBeLessThan(100 + 16);
    }
    expect(made).toBeLessThanOrEqual(1 + 900 / 16);
    expect(listed(stack)).toEqual(Array.from({ length: 100 }, (_, i) => itemOf(900 + i)));
  });
});
