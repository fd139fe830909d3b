import type pg from 'pg';
import type { Recorded } from '../../../src/eventLog/recorded.ts';
import type { ReadModel, ReadModels, Sql } from '../../../src/projections/engine/readModel.ts';

/** Makes the tables of a read model in a schema of its own and projects events into them, a transaction per batch. */
export async function projectInto(pool: pg.Pool, model: ReadModel, schema: string, batches: readonly (readonly Recorded[])[]): Promise<void> {
  await pool.query(`create schema ${schema}`);
  await pool.query(model.schemaSql(schema));
  const client = await pool.connect();
  try {
    for (const batch of batches) {
      await client.query('begin');
      await model.project(batch, client as unknown as Sql, schema);
      await client.query('commit');
    }
  } finally {
    client.release();
  }
}

/** Every row of every table, in a fixed order. */
export async function dump(pool: pg.Pool, schema: string): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await pool.query<{ tablename: string }>('select tablename from pg_tables where schemaname = $1 order by tablename', [schema.replaceAll('"', '')]);
  const content: Record<string, unknown[]> = {};
  for (const { tablename } of tables) {
    const { rows } = await pool.query<{ row: unknown }>(`select to_jsonb(t) as row from ${schema}.${tablename} t order by to_jsonb(t)::text collate "C"`);
    content[tablename] = rows.map(({ row }) => row);
  }
  return content;
}

/** The queries' view of read models that were projected by hand. */
export const atSchemas = (schemas: Record<string, string>): Pick<ReadModels, 'schema'> => ({
  schema: async (name) => schemas[name] ?? Promise.reject(new Error(`no read model ${name}`)),
});
