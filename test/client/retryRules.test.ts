import { delayBefore, reasonOf, retryAfter } from '../../client/retryRules.ts';
import { closeCodes } from '../../src/commands/rooms/protocol/closeCodes.ts';

describe('after a close', () => {
  it.each(Object.entries(closeCodes))('%s: the client does what the protocol says', (code, { retry, reason }) => {
    expect(retryAfter(Number(code))).toBe(retry);
    expect(reasonOf(Number(code))).toBe(reason);
  });

  it('that is not ours, it comes back', () => {
    expect(retryAfter(1006)).toBe('backOff');
    expect(reasonOf(1006)).toBe('lineBroke');
  });

  it('waits longer each time, at most 20 s, and never as long as the others', () => {
    expect(delayBefore('atOnce', 0, 0.5)).toBe(200);
    for (let attempt = 0; attempt < 20; attempt++) {
      const [least, most] = [delayBefore('backOff', attempt, 0), delayBefore('backOff', attempt, 0.999)];
      expect(least).toBeGreaterThanOrEqual(Math.min(10_000, 200 * 2 ** attempt));
      expect(most).toBeLessThanOrEqual(20_000);
      expect(most).toBeGreaterThan(least * 1.9);
    }
    expect(delayBefore('atOnce', 3, 0)).toBe(delayBefore('backOff', 3, 0));
  });
});
