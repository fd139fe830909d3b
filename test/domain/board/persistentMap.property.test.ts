import fc from 'fast-check';
import { drop, emptyMap, entries, get, put, visit, type PersistentMap } from '../../../src/domain/board/persistentMap.ts';

/** Three pairs of keys of one 32-bit hash each, found by trying. */
const collide = ['k4uzx', 'kf2ad', 'k4uzy', 'kf2ae', 'k4uzz', 'kf2af'] as const;
const key = fc.oneof(fc.constantFrom(...collide), fc.integer({ min: 0, max: 400 }).map((n) => `key-${n}`), fc.string({ maxLength: 3 }));
const steps = fc.array(fc.record({ put: fc.constantFrom(true, true, false), key, value: fc.nat({ max: 3 }) }), { maxLength: 600 });
type Steps = { put: boolean; key: string; value: number }[];

const play = (map: PersistentMap<number>, script: Steps, owner?: object) => script.reduce((m, step) => (step.put ? put(m, step.key, step.value, owner) : drop(m, step.key, owner)), map);
const model = (script: Steps, start: Iterable<[string, number]> = []) => script.reduce((m, step) => { if (step.put) m.set(step.key, step.value); else m.delete(step.key); return m; }, new Map(start));
const sorted = (all: Iterable<[string, number]>) => [...all].sort(([a], [b]) => (a < b ? -1 : 1));

describe('the persistent map', () => {
  it('holds what a Map would hold, owned or not', () => {
    fc.assert(fc.property(steps, fc.boolean(), (script, owned) => {
      const map = play(emptyMap(), script, owned ? {} : undefined);
      const expected = model(script);
      expect(map.size).toBe(expected.size);
      expect(sorted(entries(map))).toEqual(sorted(expected));
      for (const { key: k } of script) expect(get(map, k)).toBe(expected.get(k));
      expect(get(map, 'never put')).toBe(undefined);
    }), { numRuns: 200 });
  });

  it('never changes an older version, also when an owner writes in place', () => {
    fc.assert(fc.property(steps, steps, steps, (first, second, third) => {
      const owner = {};
      const old = play(emptyMap(), first, owner);
      const before = sorted(entries(old));
      // Another owner's nodes are copied, so are those of nobody.
      const newer = play(old, second, {});
      const newest = play(newer, third);
      expect(sorted(entries(old))).toEqual(before);
      expect(sorted(entries(newer))).toEqual(sorted(model(second, model(first))));
      expect(sorted(entries(newest))).toEqual(sorted(model(third, model(second, model(first)))));
    }), { numRuns: 100 });
  });

  it('is the same trie, in the same order, for the same keys, however they came', () => {
    fc.assert(fc.property(steps, fc.array(key), (script, more) => {
      const map = play(emptyMap(), script);
      const detour = more.reduce((m, k) => (get(map, k) === undefined ? drop(put(m, k, 9), k) : m), map);
      const fresh = sorted(entries(map)).reduce((m, [k, v]) => put(m, k, v), emptyMap<number>());
      expect([...entries(detour)]).toEqual([...entries(map)]);
      expect(fresh).toEqual(map);
      const visited: [string, number][] = [];
      visit(map, (value, k) => visited.push([k, value]));
      expect(visited).toEqual([...entries(map)]);
    }), { numRuns: 100 });
  });

  it('answers itself when nothing changes', () => {
    const map = put(put(emptyMap<number>(), 'a', 1), 'b', 2);
    expect(put(map, 'a', 1)).toBe(map);
    expect(drop(map, 'c')).toBe(map);
  });
});
