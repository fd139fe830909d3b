import type { Comparison, Measured } from './load.ts';

export type Verdict = { what: string; ratio: number; bar: number; atMost: boolean };

/** A figure that is none (nothing was measured, or a peer failed and there is nothing to compare with) neither meets its bar nor misses it. */
export const standing = ({ ratio, bar, atMost }: Pick<Verdict, 'ratio' | 'bar' | 'atMost'>): 'met' | 'MISSED' | 'UNKNOWN' =>
  !Number.isFinite(ratio) ? 'UNKNOWN' : (atMost ? ratio <= bar : ratio >= bar) ? 'met' : 'MISSED';

export const print = (line = ''): void => void process.stdout.write(`${line}\n`);
export const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString('en')}/s`.padStart(10);

/** @param ratio default: of the figures printed. */
export function printTable(title: string, results: Map<string, Measured>, against: string, ratio?: Comparison['ratio']): void {
  print(`\n${title}`);
  const reference = results.get(against)?.perSecond ?? NaN;
  for (const [name, { perSecond, p50, p99 }] of results) {
    const times = ratio?.(name, against) ?? perSecond / reference;
    print(`  ${name.padEnd(24)}${rate(perSecond)}   p50 ${p50.toFixed(2).padStart(7)} ms   p99 ${p99.toFixed(2).padStart(7)} ms   ${times.toFixed(2).padStart(5)} × ${against}`);
  }
}

export function printVerdicts(verdicts: readonly Verdict[]): void {
  if (verdicts.length === 0) return;
  print('\nBars (docs: platform, "Speed")');
  for (const verdict of verdicts) {
    const { what, ratio, bar, atMost } = verdict;
    print(`  ${standing(verdict).padEnd(7)}  ${what}: ${Number.isFinite(ratio) ? ratio.toFixed(2) : 'no figure'} (bar ${atMost ? '≤' : '≥'} ${bar})`);
  }
}
