import { lazily } from '../../src/ports/lazily.ts';

describe('what is made when it is first asked for', () => {
  it('is made once for all who ask, and anew after it could not be made', async () => {
    let made = 0;
    const get = lazily(async () => {
      made += 1;
      if (made === 1) throw new Error('not now');
      return { made };
    });
    const failed = await Promise.allSettled([get(), get()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const [one, other] = await Promise.all([get(), get()]);
    expect(one).toBe(other);
    expect([one, made]).toEqual([{ made: 2 }, 2]);
  });
});
