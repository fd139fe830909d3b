import fc from 'fast-check';
import { difference, emptyList, find, insert, items, remove, visitFrom, type SortedList } from '../../src/domain/kernel/sortedList.ts';

type Item = { key: number; tag: number };
const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
/** Long enough, and with enough puts, for chunks to be split and emptied. */
const steps = fc.array(fc.record({ put: fc.constantFrom(true, true, false), key: fc.integer({ min: 0, max: 300 }), tag: fc.nat() }), { minLength: 250, maxLength: 600 });

const play = (script: readonly { put: boolean; key: number; tag: number }[]) => {
  const model = new Map<number, Item>();
  let list: SortedList<Item> = emptyList();
  for (const { put, key, tag } of script) {
    if (put) {
      model.set(key, { key, tag });
      list = insert(list, { key, tag }, byKey);
    } else {
      model.delete(key);
      list = remove(list, { key }, byKey);
    }
  }
  return { list, expected: [...model.values()].sort(byKey) };
};

describe('the sorted list', () => {
  it('holds what a map would hold, in order, whatever is put in and taken out', () => {
    fc.assert(fc.property(steps, (script) => {
      const { list, expected } = play(script);
      expect([...items(list)]).toEqual(expected);
      expect(list.size).toBe(expected.length);
      expect(list.chunks.every((chunk) => chunk.length > 0 && chunk.length <= 64)).toBe(true);
    }), { numRuns: 60 });
  });

  it('finds each item, and visits from anywhere', () => {
    fc.assert(fc.property(steps, fc.integer({ min: -1, max: 301 }), (script, from) => {
      const { list, expected } = play(script);
      expect(find(list, { key: from }, byKey)).toEqual(expected.find(({ key }) => key === from));
      const seen: Item[] = [];
      visitFrom(list, { key: from }, byKey, (item) => seen.push(item) < 5);
      expect(seen).toEqual(expected.filter(({ key }) => key >= from).slice(0, 5));
    }));
  });

  it('never changes an older version', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 0, max: 300 }), (script, key) => {
      const { list } = play(script);
      const before = JSON.stringify(list);
      insert(list, { key, tag: -1 }, byKey);
      remove(list, { key }, byKey);
      expect(JSON.stringify(list)).toBe(before);
    }));
  });

  it('tells what one version has more than another', () => {
    fc.assert(fc.property(steps, steps, (first, second) => {
      const { list: older } = play(first);
      let newer = older;
      for (const { put, key, tag } of second) newer = put ? insert(newer, { key, tag }, byKey) : remove(newer, { key }, byKey);
      const { added, removed } = difference(older, newer);
      const kept = new Set([...items(older)].filter((item) => !removed.includes(item)));
      expect(new Set([...kept, ...added])).toEqual(new Set(items(newer)));
      expect(added.every((item) => !kept.has(item))).toBe(true);
    }), { numRuns: 50 });
  });
});
