/** What tables of older releases are called now, and which of their columns are gone. */
const earlier: Readonly<Record<string, { table: string; without: readonly string[] } | undefined>> = {
  log_head: { table: 'log_identity', without: ['position'] }, // migration 070
};

/** A table of a backup, as this release has it. `keep` makes of its row, as COPY writes it, one of ours. */
export function asNow({ table, columns }: { table: string; columns: readonly string[] }): { table: string; columns: string[]; keep(row: Buffer): Buffer } {
  const now = earlier[table];
  if (!now) return { table, columns: [...columns], keep: (row) => row };
  const kept = columns.map((column) => !now.without.includes(column));
  const only = <Value>(values: readonly Value[]) => values.filter((_, index) => kept[index]);
  // COPY escapes a tab within a value.
  return { table: now.table, columns: only(columns), keep: (row) => Buffer.from(only(row.toString('latin1').split('\t')).join('\t'), 'latin1') };
}
