import fc from 'fast-check';
import { toJson, whyNotJson } from '../../src/eventLog/jsonSafety.ts';

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\0', '\ud800', 'a\udc00', '\\u0041', '👩‍🏫', 'Ї'));
const anything = fc.anything({
  key: text, values: [text, fc.boolean(), fc.integer(), fc.double(), fc.constantFrom(undefined, null, () => 1, Symbol('s'))],
  maxDepth: 5, withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true,
});
const nested = fc.tuple(fc.integer({ min: 27, max: 40 }), anything, fc.boolean()).map(([depth, value, isList]) => {
  let whole: unknown = value;
  for (let i = 0; i < depth; i += 1) whole = isList ? [whole] : { in: whole };
  return whole;
});

describe('a value as JSON', () => {
  it('is refused by the quick look exactly when it is by the exact one, and else is what JSON.stringify makes', () => {
    let refusals = 0;
    let kept = 0;
    fc.assert(fc.property(fc.oneof({ weight: 4, arbitrary: anything }, { weight: 1, arbitrary: nested }, { weight: 2, arbitrary: fc.jsonValue({ stringUnit: 'binary' }) }), (value) => {
      const why = whyNotJson(value);
      let got: unknown;
      try {
        got = toJson(value, (reason) => new Error(reason));
      } catch (error) {
        got = error;
      }
      if (why === undefined) kept += 1;
      else refusals += 1;
      expect(got).toEqual(why === undefined ? JSON.stringify(value) : new Error(why));
    }), { numRuns: 2_000 });
    expect(Math.min(refusals, kept)).toBeGreaterThan(200);
  });

  it('may lead back into itself: that is refused, not followed for ever', () => {
    const circle: Record<string, unknown> = {};
    circle['round'] = { circle };
    expect(() => toJson(circle, (why) => new RangeError(why))).toThrow(RangeError);
  });
});
