import { median } from '../load.ts';
import { print } from '../report.ts';

/** `3.4 (3.1–4.0)`: the median of the rounds, and their range. */
export function spread(values: readonly number[], digits = 1): string {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return '–';
  const text = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  if (known.length === 1) return text(known[0] ?? NaN);
  return `${text(median(known))} (${text(Math.min(...known))}–${text(Math.max(...known))})`;
}

/** Columns as wide as their longest cell; the first to the left, the others to the right, the last (words) to the left again. */
export function printColumns(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  print(`\n${title}`);
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    print(`  ${row.map((cell, column) => (column === 0 || column === row.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('   ').trimEnd()}`);
  }
}
