import type { Comparison, Measured } from './load.ts';

export type Verdict = { what: string; ratio: number; bar: number; atMost: boolean };

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
  for (const { what, ratio, bar, atMost } of verdicts) {
    const met = atMost ? ratio <= bar : ratio >= bar;
    print(`  ${met ? 'met   ' : 'MISSED'}  ${what}: ${ratio.toFixed(2)} (bar ${atMost ? '≤' : '≥'} ${bar})`);
  }
}
