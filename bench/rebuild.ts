import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { createPostgresEventStore } from '../src/adapters/eventStore/postgres/eventStore.ts';
import { createProcessIdentity } from '../src/adapters/processes/processIdentity.ts';
import { schoolEvents } from '../src/domain/schoolEvents.ts';
import { createCodec } from '../src/eventLog/codec.ts';
import { createEventLog, type EventLog } from '../src/eventLog/eventLog.ts';
import { createProjectionEngine } from '../src/projections/engine/engine.ts';
import { readModels } from '../src/projections/readModels.ts';
import { median } from './load.ts';
import { print, rate, type Verdict } from './report.ts';
import { schoolYears } from './schoolYears.ts';
import type { BenchServer } from './server.ts';

/** All read models from an empty schema to the head, against reading and parsing the same log and doing nothing with it. */
export async function benchRebuild(server: Pick<BenchServer, 'database'>, { events, rounds }: { events: number; rounds: number }): Promise<Verdict[]> {
  const url = await server.database();
  await fill(url, events);
  const store = createPostgresEventStore({ url });
  const log = createEventLog(store, createCodec(schoolEvents, { find: async () => new Map(), obtain: () => Promise.reject(new Error('nothing is sealed here')) }));
  const ratios: number[] = [];
  const figures = { raw: [] as number[], parsed: [] as number[], rebuilt: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const raw = await perSecond(events, async () => { for await (const page of store.readAll({ pageSize: 5_000 })) if (page.length === 0) break; });
    const parsed = await perSecond(events, async () => { for await (const page of log.readAll({ pageSize: 5_000 })) if (page.some(({ ok }) => !ok)) throw new Error('unreadable'); });
    const rebuilt = await perSecond(events, () => rebuild(url, log));
    figures.raw.push(raw);
    figures.parsed.push(parsed);
    figures.rebuilt.push(rebuilt);
    ratios.push(rebuilt / parsed);
  }
  await store.close();
  print(`\nRebuild of all ${readModels.length} read models, ${events.toLocaleString('en')} events, ${rounds} round(s)`);
  for (const [name, values] of Object.entries({ 'read, JSON parsed': figures.raw, 'read, parsed, checked': figures.parsed, 'all read models': figures.rebuilt })) {
    print(`  ${name.padEnd(24)}${rate(median(values))}   ${(median(values) / median(figures.parsed)).toFixed(2).padStart(5)} × read, parsed, checked   ${(median(values) / median(figures.raw)).toFixed(2).padStart(5)} × read`);
  }
  return [{ what: 'rebuild of all read models, of reading and parsing the events', ratio: median(ratios), bar: 0.25, atMost: false }];
}

async function rebuild(url: string, log: EventLog): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  await pool.query('truncate lectern.read_models');
  for (const { rows } of [await pool.query<{ nspname: string }>(`select nspname from pg_namespace where nspname not like 'pg\\_%' and nspname not in ('public', 'information_schema', 'lectern')`)]) {
    for (const { nspname } of rows) if (readModels.some(({ name }) => nspname.includes(name))) await pool.query(`drop schema "${nspname}" cascade`);
  }
  const quiet = { info: () => undefined, warn: console.warn, error: console.error };
  const engine = createProjectionEngine({ log, pool, readModels, clock: { now: () => new Date() }, process: createProcessIdentity(), logger: quiet });
  await engine.start();
  const head = await log.head();
  for (const { name } of readModels) if (!(await engine.waitFor(name, head, 600_000))) throw new Error(`${name} did not reach the head`);
  await engine.stop();
  await pool.end();
}

const perSecond = async (events: number, work: () => Promise<void>): Promise<number> => {
  const began = performance.now();
  await work();
  return events / ((performance.now() - began) / 1_000);
};

/** Straight into the table, by COPY: how the events came there is not what is measured. */
async function fill(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
  function* lines() {
    const revisions = new Map<string, number>();
    let position = 0;
    for (const { stream, event, at } of schoolYears()) {
      if (position >= count) return;
      position += 1;
      const revision = (revisions.get(stream) ?? -1) + 1;
      revisions.set(stream, revision);
      const id = randomUUID();
      const metadata = JSON.stringify({ commandId: id, correlationId: id, causationId: id, actor: { id: 'mia', role: 'manager' }, occurredAt: at });
      yield `${position}\t${stream}\t${revision}\t${id}\t${event.type}\t1\t${escape(JSON.stringify(event.data))}\t${escape(metadata)}\n`;
    }
  }
  await pipeline(Readable.from(lines()), client.query(copyFrom('copy lectern.events (position, stream, revision, id, type, schema_version, data, metadata) from stdin')));
  await client.query('vacuum analyze lectern.events');
  await client.end();
}
