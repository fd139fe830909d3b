import { joinVerdicts } from '../../bench/board/sections/joins.ts';
import { risingVerdict } from '../../bench/board/sections/rising.ts';
import { median } from '../../bench/load.ts';
import { standing, type Verdict } from '../../bench/report.ts';

describe('a bar of a benchmark', () => {
  it('is met or missed by a figure, and neither by none', () => {
    const atLeast3 = (ratio: number) => standing({ ratio, bar: 3, atMost: false });
    expect([3, 2.99, Infinity, NaN].map(atLeast3)).toEqual(['met', 'MISSED', 'UNKNOWN', 'UNKNOWN']);
    expect([1, 1.01, -Infinity].map((ratio) => standing({ ratio, bar: 1, atMost: true }))).toEqual(['met', 'MISSED', 'UNKNOWN']);
    expect(median([1, NaN, 3])).toBeNaN();
  });

  it('of rising load is not met because the peer failed, in one round or in all, and missed when we did', () => {
    expect(standing(risingVerdict([4_000, 5_000, 6_000], [1_000, 1_200, 1_500]))).toBe('met');
    expect(standing(risingVerdict([4_000, 5_000, 6_000], [1_000, 0, 1_500]))).toBe('UNKNOWN');
    expect(standing(risingVerdict([4_000], [0]))).toBe('UNKNOWN');
    expect(standing(risingVerdict([4_000], []))).toBe('UNKNOWN');
    expect(standing(risingVerdict([0], [1_000]))).toBe('MISSED');
  });

  describe('of a cold join', () => {
    const board = { room: 'join', ops: 100, shapes: 100 };
    const joins = (ours: { ms: number; marks: number }[], theirs: { ms: number; marks: number }[]) => {
      const of = (joined: { ms: number; marks: number }[]) => new Map([[board.room, joined.map((one) => ({ ...one, bytes: 1_000 }))]]);
      return joinVerdicts([board], new Map([['Lectern', of(ours)], ['a slow peer', of([{ ms: 900, marks: 100 }])], ['a peer', of(theirs)]]));
    };
    const stand = (verdicts: readonly Verdict[]) => verdicts.map(standing);

    it('compares whole boards with whole boards', () => {
      expect(stand(joins([{ ms: 80, marks: 100 }], [{ ms: 100, marks: 100 }]))).toEqual(['met', 'met']);
      expect(stand(joins([{ ms: 120, marks: 100 }], [{ ms: 100, marks: 100 }]))).toEqual(['MISSED', 'met']);
    });

    it('is missed when one of our boards came short, however fast', () => {
      expect(stand(joins([{ ms: 10, marks: 100 }, { ms: 10, marks: 99 }], [{ ms: 100, marks: 100 }]))).toEqual(['UNKNOWN', 'MISSED']);
    });

    it('is not met beside a peer that brought only a part', () => {
      expect(stand(joins([{ ms: 80, marks: 100 }], [{ ms: 100, marks: 7 }]))).toEqual(['UNKNOWN', 'met']);
    });
  });
});
