import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { endOfRows, leftOut, type BackupFooter, type BackupHeader } from './format.ts';

/**
 * Writes everything that cannot be folded again (the log, keys, credentials, runs) into one file, as of one instant, while
 * the server goes on. The file appears under its name only when it is whole.
 * @returns rows per table
 */
export async function writeBackup(databaseUrl: string, file: string, onTable: (table: string) => void = () => undefined): Promise<BackupFooter> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'lectern backup' });
  await client.connect();
  const draft = `${file}.part`;
  try {
    await client.query('begin isolation level repeatable read read only');
    const lines = new PassThrough();
    const written = pipeline(lines, createGzip({ level: 6 }), createWriteStream(draft, { mode: 0o600, flush: true }));
    written.catch((error: Error) => lines.destroy(error));
    const say = (value: object) => lines.write(`${JSON.stringify(value)}\n`);
    const opening: BackupHeader = {
      format: 'lectern-backup', version: 1, createdAt: new Date().toISOString(), logId: await logId(client), migrations: await migrations(client),
    };
    say(opening);
    const rows: Record<string, number> = {};
    for (const { table, columns } of await tables(client)) {
      onTable(table);
      say({ table, columns });
      const copy = client.query(copyTo(`copy lectern.${table} (${columns.map((c) => `"${c}"`).join(', ')}) to stdout`));
      await into(copy, lines);
      rows[table] = copy.rowCount;
      lines.write(`${endOfRows}\n`);
    }
    say({ rows });
    lines.end();
    await written;
    await client.query('commit');
    await rename(draft, file);
    return { rows };
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await client.end();
  }
}

async function into(from: Readable, to: PassThrough): Promise<void> {
  for await (const chunk of from) {
    if (!to.write(chunk)) await new Promise<void>((resolve, reject) => {
      const failed = (error: Error) => reject(error);
      to.once('error', failed);
      to.once('drain', () => {
        to.off('error', failed);
        resolve();
      });
    });
  }
}

const logId = async (client: pg.Client) => (await client.query<{ log_id: string }>('select log_id from lectern.log_identity')).rows[0]?.log_id ?? '';
const migrations = async (client: pg.Client) => (await client.query<{ name: string }>('select name from lectern.migrations order by id')).rows.map(({ name }) => name);

export async function tables(client: pg.Client): Promise<{ table: string; columns: string[] }[]> {
  const { rows } = await client.query<{ table: string; columns: string[] }>(
    `select t.table_name as table, array_agg(c.column_name::text order by c.ordinal_position) as columns
     from information_schema.tables t join information_schema.columns c using (table_schema, table_name)
     where t.table_schema = 'lectern' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' and t.table_name <> all($1)
     group by 1 order by 1`,
    [leftOut],
  );
  return rows;
}
