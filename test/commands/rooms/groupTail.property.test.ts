import fc from 'fast-check';
import { asLines, createGroupTail } from '../../../src/commands/rooms/live/groupTail.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const groups = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }).map((some) => JSON.stringify(some)), fc.integer({ min: 1, max: 300_000 }).map((length) => 'я'.repeat(length)));

describe('the groups that no kept board has yet', () => {
  it('are the lines that were pushed behind the place that was dropped to, whatever was done before', () => {
    fc.assert(fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: groups }, { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 40 }), (steps) => {
      const tail = createGroupTail();
      let lines: { line: string; end: number }[] = [];
      const taken: { copy: Uint8Array; was: string }[] = [];
      for (const step of steps) {
        if (typeof step === 'string') {
          const bytes = tail.push(step);
          expect(bytes).toBe(Buffer.byteLength(step) + 1);
          lines.push({ line: step, end: (lines.at(-1)?.end ?? tail.end() - bytes) + bytes });
          expect(tail.end()).toBe(lines.at(-1)!.end);
        } else {
          const place = lines[Math.floor(step * lines.length)]?.end ?? tail.end();
          tail.dropTo(place);
          lines = lines.filter(({ end }) => end > place);
          tail.dropTo(place - 5); // what is gone already is no matter
        }
        const copy = tail.copy();
        expect(text(copy)).toBe(lines.map(({ line }) => `${line}\n`).join(''));
        taken.push({ copy, was: text(copy) });
      }
      for (const { copy, was } of taken) expect(text(copy)).toBe(was); // nobody writes into what was handed out
    }), { numRuns: 60 });
    expect(text(asLines(['1', '2,3']))).toBe('1\n2,3\n');
  });
});
