import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { asNow } from './earlierTables.ts';
import { endOfRows, footer, header, tableLine, type BackupFooter } from './format.ts';
import { restoredChannel } from './restoredChannel.ts';
import { tables } from './writeBackup.ts';

/** The file or the database does not allow it; nothing was changed. */
export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
}

/**
 * Replaces everything in schema `lectern` by what the backup holds, in one transaction: all or nothing. Read models are dropped
 * and fold themselves again. Running servers are told (`restoredChannel`).
 * @param options.replace allow it although the log already holds events
 * @throws RestoreRefused
 */
export async function restoreBackup(databaseUrl: string, file: string, options: { replace: boolean }): Promise<BackupFooter> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lectern restore' });
  await client.connect();
  try {
    await client.query('begin');
    const known = await tables(client);
    await client.query(`lock table ${known.map(({ table }) => `lectern.${table}`).join(', ')} in access exclusive mode`);
    const { rows: [log] } = await client.query<{ restored: number; holds_events: boolean }>('select restored, exists (select from lectern.events) as holds_events from lectern.log_identity');
    if (!options.replace && log?.holds_events) throw new RestoreRefused('the log already holds events; --replace overwrites them');
    const result = await load(client, file, known);
    await client.query('update lectern.log_identity set restored = $1', [(log?.restored ?? 0) + 1]);
    await forgetReadModels(client);
    await client.query(`notify ${restoredChannel}`);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    await client.end();
  }
}

async function load(client: pg.Client, file: string, known: { table: string; columns: string[] }[]): Promise<BackupFooter> {
  const lines = splitLines(createReadStream(file).pipe(createGunzip()));
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next().catch((error: Error) => {
      throw new RestoreRefused(`the file cannot be read: ${error.message}`);
    });
    return done === true ? undefined : value.toString('utf8');
  };
  const first = header.safeParse(parseJson(await next()));
  if (!first.success) throw new RestoreRefused('this is not a backup of Lectern, or of a version that this one cannot read');
  const { rows: ran } = await client.query<{ name: string }>('select name from lectern.migrations');
  const newer = first.data.migrations.filter((name) => !ran.some((row) => row.name === name));
  if (newer.length > 0) throw new RestoreRefused(`the backup comes from a newer Lectern (it has ${newer.join(', ')})`);
  await client.query(`truncate ${known.map(({ table }) => `lectern.${table}`).join(', ')}`);
  const rows: Record<string, number> = {};
  for (;;) {
    const line = parseJson(await next());
    const end = footer.safeParse(line);
    if (end.success) {
      for (const [table, count] of Object.entries(end.data.rows)) if (rows[table] !== count) throw new RestoreRefused(`table ${table} has ${rows[table] ?? 0} of ${count} rows: the file is damaged`);
      await resetSequences(client, known);
      return end.data;
    }
    const start = tableLine.safeParse(line);
    if (!start.success) throw new RestoreRefused('the file is cut off or damaged');
    const { table, columns, keep } = asNow(start.data);
    const target = known.find((one) => one.table === table);
    if (!target || columns.some((column) => !target.columns.includes(column))) throw new RestoreRefused(`there is no table ${table} (${columns.join(', ')}) here`);
    const copy = client.query(copyFrom(`copy lectern.${table} (${columns.map((c) => `"${c}"`).join(', ')}) from stdin`));
    const copied = once(copy, 'finish');
    copied.catch(() => undefined);
    for (;;) {
      const { value: row, done } = await lines.next();
      if (done === true) throw new RestoreRefused('the file is cut off');
      if (row.length === 2 && row.toString('latin1') === endOfRows) break;
      if (!copy.write(Buffer.concat([keep(row), newline]))) await Promise.race([once(copy, 'drain'), copied]);
    }
    copy.end();
    await copied;
    rows[start.data.table] = copy.rowCount;
  }
}

const newline = Buffer.from('\n');

async function* splitLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    let from = 0;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, from)) {
      yield bytes.subarray(from, at);
      from = at + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
  }
  if (rest.length > 0) yield rest;
  return undefined;
}

function parseJson(line: string | undefined): unknown {
  try {
    return line === undefined ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}

async function resetSequences(client: pg.Client, known: { table: string; columns: string[] }[]): Promise<void> {
  for (const { table, columns } of known) {
    for (const column of columns) {
      const { rows: [row] } = await client.query<{ sequence: string | null }>('select pg_get_serial_sequence($1, $2) as sequence', [`lectern.${table}`, column]);
      if (row?.sequence) await client.query(`select setval($1, coalesce((select max("${column}") from lectern.${table}), 0) + 1, false)`, [row.sequence]);
    }
  }
}

async function forgetReadModels(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(`select nspname as schema from pg_namespace where nspname like 'rm\\_%'`);
  for (const { schema } of rows) await client.query(`drop schema ${client.escapeIdentifier(schema)} cascade`);
  await client.query('truncate lectern.read_models');
  // What their owners have in memory is of the other log.
  await client.query('update lectern.reactors set owner = null, lease_until = null');
}
