import { z } from 'zod';

/**
 * A backup is gzipped text. One JSON line that says what it is; then for every table a JSON line with its name and columns, its
 * rows as COPY writes them (one line a row, line breaks escaped) and a line `\.`, which no row can be; last a JSON line
 * with the row counts, so that a file that was cut off is recognised before anything is kept of it.
 */
export const header = z.object({
  format: z.literal('lectern-backup'),
  version: z.literal(1),
  createdAt: z.string(),
  logId: z.string(),
  /** Names of the migrations that had run: the restoring database needs them all. */
  migrations: z.array(z.string()),
});
export type BackupHeader = z.infer<typeof header>;

export const tableLine = z.object({ table: z.string().regex(/^[a-z_][a-z0-9_]*$/), columns: z.array(z.string().regex(/^[a-z_][a-z0-9_]*$/)) });
export const footer = z.object({ rows: z.record(z.string(), z.int().nonnegative()) });
export type BackupFooter = z.infer<typeof footer>;

export const endOfRows = '\\.';

/**
 * Tables of schema `lectern` that a backup leaves out: where the read models stand (they are rebuilt from the log), who runs
 * what at the moment, and what the migrations themselves keep.
 */
export const leftOut: readonly string[] = ['migrations', 'read_models', 'processes', 'reported_parkings', 'zoom_tokens'];
