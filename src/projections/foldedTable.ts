import type { Recorded } from '../eventLog/recorded.ts';
import type { Sql } from './engine/readModel.ts';

/**
 * A table whose rows are folds: each event belongs to at most one row, and a row is a function of its events alone. That is what
 * makes a read model the same however the log is cut into batches. Rows are written as JSON, so a column's Postgres type decides
 * its form.
 */
export type FoldedTable<Row extends object> = {
  name: string;
  /** The primary key, in the order of `keyOf`. */
  key: readonly (keyof Row & string)[];
  columns: readonly (keyof Row & string)[];
  /** Those of type timestamptz: they are read as text and written back as they are. */
  timestamps: readonly (keyof Row & string)[];
  /** The row that an event belongs to; undefined when it does not concern this table. */
  keyOf(event: Recorded): readonly string[] | undefined;
  /** True for an event after which nothing that was in the row before matters: then the row need not be read. */
  beginsAnew?(event: Recorded): boolean;
  /** A row before its first event. */
  fresh(key: readonly string[]): Row;
  /** Changes the row in place; it belongs to this fold alone. */
  evolve(row: Row, event: Recorded): void;
};

/** Folds a batch into a table: one read of the rows concerned, one write of them. */
export async function foldInto<Row extends object>(table: FoldedTable<Row>, events: readonly Recorded[], db: Sql, schema: string): Promise<void> {
  const concerned = new Map<string, { key: readonly string[]; events: Recorded[] }>();
  for (const event of events) {
    const key = table.keyOf(event);
    if (!key) continue;
    const name = key.length === 1 ? (key[0] as string) : key.join('\n');
    const entry = concerned.get(name);
    if (entry) entry.events.push(event);
    else concerned.set(name, { key, events: [event] });
  }
  if (concerned.size === 0) return;

  const known: (readonly string[])[] = [];
  for (const { key, events: own } of concerned.values()) if (!(own[0] && table.beginsAnew?.(own[0]))) known.push(key);
  const rows = known.length > 0 ? await load(table, known, db, schema) : new Map<string, Row>();
  const changed: Row[] = [];
  for (const [name, { key, events: own }] of concerned) {
    const row = rows.get(name) ?? table.fresh(key);
    for (const event of own) table.evolve(row, event);
    changed.push(row);
  }
  await write(table, changed, db, schema);
}

async function load<Row extends object>(table: FoldedTable<Row>, keys: readonly (readonly string[])[], db: Sql, schema: string): Promise<Map<string, Row>> {
  const match = table.key.map((column, i) => `t.${column} = k.k${i}`).join(' and ');
  const arrays = table.key.map((_, i) => `$${i + 1}::text[]`).join(', ');
  const names = table.key.map((_, i) => `k${i}`).join(', ');
  const columns = table.columns.map((column) => (table.timestamps.includes(column) ? `t.${column}::text` : `t.${column}`)).join(', ');
  const { rows } = await db.query<Row>(
    `select ${columns} from unnest(${arrays}) as k(${names}) join ${schema}.${table.name} t on ${match}`,
    table.key.map((_, i) => keys.map((key) => key[i])),
  );
  const found = new Map<string, Row>();
  for (const row of rows) found.set(table.key.map((column) => String(row[column])).join('\n'), row);
  return found;
}

async function write<Row extends object>(table: FoldedTable<Row>, rows: readonly Row[], db: Sql, schema: string): Promise<void> {
  const target = `${schema}.${table.name}`;
  const others = table.columns.filter((column) => !table.key.includes(column));
  const columns = table.columns.join(', ');
  await db.query(
    `insert into ${target} (${columns}) select ${columns} from json_populate_recordset(null::${target}, $1::json)
     on conflict (${table.key.join(', ')}) do update set (${others.join(', ')}) = row(${others.map((column) => `excluded.${column}`).join(', ')})`,
    [JSON.stringify(rows.map(withoutNulls))],
  );
}

/** A column that is missing in the JSON is null, and two fifths faster to parse. Only of the row itself: JSON inside it stays as it is. */
function withoutNulls(row: object): object {
  const slim: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) if (value !== null) slim[column] = value;
  return slim;
}
