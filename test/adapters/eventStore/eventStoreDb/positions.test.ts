import fc from 'fast-check';
import { decodePosition, encodePosition } from '../../../../src/adapters/eventStore/eventStoreDb/positions.ts';
import { START } from '../../../../src/ports/eventStore.ts';

const offset = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const position = fc.record({ commit: offset, prepare: offset });

describe('positions of EventStoreDB as strings', () => {
  it('are read back as they were', () => {
    fc.assert(fc.property(position, (one) => expect(decodePosition(encodePosition(one))).toEqual(one)));
    expect(decodePosition(START)).toBeUndefined();
  });

  it('compare as the positions do, commit first, and lie after START', () => {
    fc.assert(fc.property(position, position, (a, b) => {
      const before = a.commit < b.commit || (a.commit === b.commit && a.prepare < b.prepare);
      expect(encodePosition(a) < encodePosition(b)).toBe(before);
      expect(encodePosition(a) > START).toBe(true);
      expect(encodePosition(a)).toHaveLength(encodePosition(b).length);
    }));
  });

  it.each(['1', '00-00', 'zz', `${'0'.repeat(16)}-${'0'.repeat(15)}`])('refuse %s', (text) => {
    expect(() => decodePosition(text)).toThrow(expect.objectContaining({ name: 'EventStoreError', code: 'invalid' }));
  });
});
