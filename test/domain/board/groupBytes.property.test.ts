import fc from 'fast-check';
import { bytesOf } from '../../../src/domain/board/groupBytes.ts';
import { mostBytesOfGroup } from '../../../src/domain/board/limits.ts';
import type { Op } from '../../../src/domain/board/index.ts';

/** Whatever stands in it; what counts is how it is written. */
const ops = (value: unknown): Op[] => [{ op: 'shape.add', shape: value } as Op];
const real = (value: unknown): number => Buffer.byteLength(JSON.stringify(ops(value)));

describe('the bytes of a group', () => {
  it('are never told too low, and exact from the limit on', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(bytesOf(ops(value))).toBeGreaterThanOrEqual(real(value));
    }), { numRuns: 300 });
    const units = fc.constantFrom('a', 'я', '€', '👩‍🚀', '\u001f', '"', '\\');
    fc.assert(fc.property(fc.array(units, { minLength: 1, maxLength: 4 }), fc.integer({ min: -40, max: 40 }), fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 50 }), (pattern, off, points) => {
      const each = Buffer.byteLength(JSON.stringify(pattern.join(''))) - 2;
      const fill = Math.max(0, Math.floor((mostBytesOfGroup + off - real({ text: '', points })) / each));
      const value = { text: pattern.join('').repeat(fill), points };
      const is = real(value);
      const told = bytesOf(ops(value));
      if (is > mostBytesOfGroup || told > mostBytesOfGroup) expect(told).toBe(is);
      expect(told).toBeGreaterThanOrEqual(is);
    }), { numRuns: 300 });
  });
});
