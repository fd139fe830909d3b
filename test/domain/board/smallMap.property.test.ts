import fc from 'fast-check';
import { closed, emptySmallMap, opened, smallMapOf, withValue, type SmallMap } from '../../../src/domain/board/smallMap.ts';

/** A value or, undefined, that the key goes. Few keys, so that maps often hold one thing. */
const writes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat({ max: 5 }), { nil: undefined })), { maxLength: 5 });

describe('the small map', () => {
  it('holds what a Map would hold, in its order, and for good once it is closed', () => {
    fc.assert(fc.property(fc.array(writes, { minLength: 1, maxLength: 5 }), (rounds) => {
      const all: [SmallMap<number>, [string, number][]][] = [];
      let map: SmallMap<number> = emptySmallMap();
      const model = new Map<string, number>();
      for (const round of rounds) {
        let open = opened(map);
        for (const [key, value] of round) {
          open = withValue(open, key, value);
          if (value === undefined) model.delete(key);
          else model.set(key, value);
          expect([...open]).toEqual([...model]);
        }
        map = closed(open);
        all.push([map, [...model]]);
      }
      for (const [one, pairs] of all) {
        expect([[...one], one.size]).toEqual([pairs, pairs.length]);
        for (const key of ['a', 'b', 'c']) expect(one.get(key)).toBe(new Map(pairs).get(key));
        // However it came about, it is of one form.
        expect(one).toEqual(smallMapOf(pairs));
        expect(one instanceof Map).toBe(pairs.length !== 1);
      }
    }), { numRuns: 500 });
  });
});
