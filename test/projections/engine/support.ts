import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { createProjectionEngine } from '../../../src/projections/engine/engine.ts';
import type { EngineOptions } from '../../../src/projections/engine/engineOptions.ts';
import type { ReadModel, Sql } from '../../../src/projections/engine/readModel.ts';
import { quiet, type TestLog } from '../../support/engineLog.ts';
import type { TestDatabase } from '../../support/testDatabase.ts';

/** Keeps every event it was given, once: a second time breaks the primary key. */
export const ledger = (name: string, more: Partial<ReadModel> = {}): ReadModel => ({
  name,
  version: 1,
  schemaSql: (schema) => `create table ${schema}.seen (position text collate "C" primary key, person text not null)`,
  async project(events, db, schema) {
    const rows = events.filter((event) => event.type === 'PersonDeactivated').map((event) => ({ position: event.position, person: (event.data as { personId: string }).personId }));
    if (rows.length === 0) return;
    await db.query(`insert into ${schema}.seen select position, person from jsonb_to_recordset($1::jsonb) as r (position text, person text)`, [JSON.stringify(rows)]);
  },
  ...more,
});

/** A ledger that cannot take one person's events. */
export const allergic = (name: string, to: string, more: Partial<ReadModel> = {}): ReadModel => ledger(name, {
  schemaSql: (schema) => `create table ${schema}.seen (position text collate "C" primary key, person text not null check (person <> '${to}'))`,
  ...more,
});

export const startEngine = async (db: TestDatabase, log: TestLog, readModels: readonly ReadModel[], more: Partial<EngineOptions> = {}) => {
  const engine = engineOf(db, log, readModels, more);
  await engine.start();
  return engine;
};

export const engineOf = (db: TestDatabase, log: TestLog, readModels: readonly ReadModel[], more: Partial<EngineOptions> = {}) =>
  createProjectionEngine({ log, pool: db.pool, readModels, clock: { now: () => new Date() }, process: createProcessIdentity(), logger: quiet, tickMs: 100, ...more });

export async function peopleIn(db: { pool: Sql }, engine: { schema(name: string): Promise<string> }, name: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ person: string }>(`select person from ${await engine.schema(name)}.seen order by position`);
  return rows.map((row) => row.person);
}

export const people = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `p${from + i}`);
