import { LRUCache } from 'lru-cache';
import { atMost } from '../../src/domain/kernel/atMost.ts';

describe('a memory of at most so many entries', () => {
  it('forgets what was used longest ago', () => {
    const memory = new LRUCache<string, number>(atMost(3));
    for (const [index, name] of ['a', 'b', 'c'].entries()) memory.set(name, index);
    memory.get('a');
    memory.set('d', 3);
    expect([...memory.keys()].toSorted()).toEqual(['a', 'c', 'd']);
  });

  it('makes no room for what is not there yet', () => {
    const placesIn = (memory: LRUCache<string, number>) => LRUCache.unsafeExposeInternals(memory).keyList.length;
    const memory = new LRUCache<string, number>(atMost(20_000));
    expect(placesIn(memory)).toBe(0);
    memory.set('a', 1);
    expect(placesIn(memory)).toBeLessThan(10);
    expect(placesIn(new LRUCache<string, number>({ max: 20_000 }))).toBe(20_000);
  });
});
