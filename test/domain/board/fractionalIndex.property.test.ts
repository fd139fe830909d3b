import fc from 'fast-check';
import { zBetween, zSeries } from '../../../src/domain/board/fractionalIndex.ts';
import { zIndex } from '../../../src/domain/board/shapes.ts';

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const anyKey = fc.string({ unit: fc.constantFrom(...digits), minLength: 1, maxLength: 64 });
const isKey = (key: string) => zIndex.safeParse(key).success;

describe('an order key', () => {
  it('lies between its neighbours, wherever things are put in', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }), (places) => {
      const keys: string[] = [];
      for (const place of places) {
        const at = Math.round(place * keys.length);
        keys.splice(at, 0, zBetween(keys[at - 1] ?? null, keys[at] ?? null));
      }
      expect(keys).toEqual([...keys].sort());
      expect(new Set(keys).size).toBe(keys.length);
      expect(keys.every(isKey)).toBe(true);
    }));
  });

  it('stays short on top and below of thousands', () => {
    let [top, bottom] = [zBetween(null, null), zBetween(null, null)];
    for (let i = 0; i < 100_000; i += 1) {
      const [above, below] = [zBetween(top, null), zBetween(null, bottom)];
      if (!(above > top && below < bottom)) throw new Error(`${top} → ${above}, ${bottom} → ${below}`);
      [top, bottom] = [above, below];
    }
    expect([top.length, bottom.length]).toEqual([4, 4]);
  });

  it('never grows over 64 characters: in a gap without room it is its neighbour\'s, and ties go by id', () => {
    let [low, high] = [zBetween(null, null), zBetween('a0', null)];
    let between = 0;
    for (let i = 0; i < 1_000; i += 1) {
      const key = zBetween(low, high);
      expect(isKey(key) && key >= low && key < high).toBe(true);
      if (key > low) between += 1;
      if (i % 2 === 0) high = key > low ? key : high;
      else low = key;
    }
    expect(between).toBeGreaterThan(180);
  });

  it('is acceptable between any two texts that a client may have sent', () => {
    fc.assert(fc.property(fc.option(anyKey), fc.option(anyKey), (one, other) => {
      const [low, high] = one !== null && other !== null && one > other ? [other, one] : [one, other];
      const key = zBetween(low, high);
      expect(isKey(key)).toBe(true);
      if (low !== null && high !== null && low !== high) expect(key >= low && key < high).toBe(true);
      else if (low !== null && high === null) expect(key >= low).toBe(true);
      else if (high !== null && low === null) expect(key <= high).toBe(true);
    }), { numRuns: 3_000 });
  });

  it('comes in series, in order', () => {
    for (const [low, high] of [[null, null], ['a0', null], [null, 'a0'], ['a0', 'a1']] as const) {
      const keys = zSeries(low, high, 300);
      expect(keys).toEqual([...keys].sort());
      expect(new Set([...(low === null ? [] : [low]), ...keys, ...(high === null ? [] : [high])]).size).toBe(300 + (low === null ? 0 : 1) + (high === null ? 0 : 1));
      expect((low === null || keys[0]! > low) && (high === null || keys.at(-1)! < high)).toBe(true);
    }
    expect(zSeries('a0', 'a1', 0)).toEqual([]);
  });
});
