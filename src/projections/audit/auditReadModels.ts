import { randomBytes } from 'node:crypto';
import type { EventLog } from '../../eventLog/eventLog.ts';
import type { Recorded } from '../../eventLog/recorded.ts';
import { START, type Position } from '../../ports/eventStore.ts';
import type { ReadModel, ReadModels, Sql } from '../engine/readModel.ts';

export type TableDiff = {
  table: string;
  /** Rows that the fold has and the live table has not, or has otherwise; and the other way round. */
  missing: number; unexpected: number;
  /** A few of each, as JSON. Personal data: for whoever runs the audit only. */
  examples: { side: 'missing' | 'unexpected'; row: unknown }[];
};

export type ReadModelAudit = {
  readModel: string;
  /** `busy`: it moved on faster than it could be compared; ask again when less is written. */
  outcome: 'equal' | 'different' | 'busy';
  position: Position;
  events: number;
  tables: TableDiff[];
};

const batchSize = 5_000;

/**
 * Folds the log afresh, beside each live read model, up to the same position, and compares every row. Writes nothing that lasts:
 * its tables live in a schema that is dropped at the end.
 * @param attempts how often it runs after a read model that moves on meanwhile
 * @throws EventStoreError when the log is away; what Postgres throws
 */
export async function auditReadModels(
  deps: { log: Pick<EventLog, 'readAll'>; db: Sql; models: readonly ReadModel[]; readModels: Pick<ReadModels, 'schema' | 'position'> },
  { attempts = 10, onProgress }: { attempts?: number; onProgress?: (readModel: string, events: number) => void } = {},
): Promise<ReadModelAudit[]> {
  const audits: ReadModelAudit[] = [];
  for (const model of deps.models) {
    const schema = `audit_${model.name.toLowerCase()}_${randomBytes(4).toString('hex')}`;
    await deps.db.query(`create schema ${schema}`);
    try {
      await deps.db.query(model.schemaSql(schema));
      audits.push(await auditOne(deps, model, schema, attempts, (events) => onProgress?.(model.name, events)));
    } finally {
      await deps.db.query(`drop schema ${schema} cascade`);
    }
  }
  return audits;
}

async function auditOne(
  { log, db, readModels }: { log: Pick<EventLog, 'readAll'>; db: Sql; readModels: Pick<ReadModels, 'schema' | 'position'> },
  model: ReadModel, fresh: string, attempts: number, onProgress: (events: number) => void,
): Promise<ReadModelAudit> {
  let folded: Position = START;
  let events = 0;
  for (let attempt = 1; ; attempt += 1) {
    const goal = await readModels.position(model.name);
    if (goal > folded) {
      for await (const page of log.readAll({ after: folded, pageSize: batchSize })) {
        const due: Recorded[] = [];
        let beyond = false;
        for (const decoded of page) {
          const position = decoded.ok ? decoded.event.position : decoded.raw.position;
          beyond = position > goal;
          if (beyond) break;
          folded = position;
          events += 1;
          if (decoded.ok) due.push(decoded.event);
        }
        if (due.length > 0) await model.project(due, db, fresh);
        onProgress(events);
        if (beyond) break;
      }
    }
    const live = await readModels.schema(model.name);
    const tables = await compare(db, fresh, live);
    const stood = (await readModels.position(model.name)) === goal && (await readModels.schema(model.name)) === live;
    if (stood) return { readModel: model.name, outcome: tables.length === 0 ? 'equal' : 'different', position: goal, events, tables };
    if (attempt >= attempts) return { readModel: model.name, outcome: 'busy', position: goal, events, tables: [] };
  }
}

async function compare(db: Sql, fresh: string, live: string): Promise<TableDiff[]> {
  const { rows: names } = await db.query<{ tablename: string }>('select tablename from pg_tables where schemaname = $1 order by tablename', [fresh]);
  const diffs: TableDiff[] = [];
  for (const { tablename } of names) {
    // One statement, so both sides are of one moment.
    const { rows } = await db.query<{ side: 'missing' | 'unexpected'; count: number; examples: unknown[] }>(
      `with missing as (select * from ${fresh}.${tablename} except all select * from ${live}.${tablename}),
            unexpected as (select * from ${live}.${tablename} except all select * from ${fresh}.${tablename})
       select 'missing' as side, count(*)::int as count, (select json_agg(e) from (select * from missing limit 5) e) as examples from missing
       union all
       select 'unexpected', count(*)::int, (select json_agg(e) from (select * from unexpected limit 5) e) from unexpected`,
    );
    const of = (side: string) => rows.find((row) => row.side === side)?.count ?? 0;
    if (of('missing') + of('unexpected') === 0) continue;
    const examples = rows.flatMap(({ side, examples: some }) => (some ?? []).map((row) => ({ side, row })));
    diffs.push({ table: tablename, missing: of('missing'), unexpected: of('unexpected'), examples });
  }
  return diffs;
}
