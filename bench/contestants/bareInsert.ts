import pg from 'pg';
import { countRows, type Statement } from '../../src/adapters/eventStore/postgres/countRows.ts';
import { int4Array, jsonArray, textArray, uuidArray } from '../../src/adapters/eventStore/postgres/binaryArrays.ts';
import type { EventToAppend } from '../../src/ports/eventStore.ts';
import type { Contestant } from '../load.ts';
import { benchEvent } from './event.ts';

const table = `create table bare (like lectern.events including all)`;
type Row = { stream: string; revision: number; event: EventToAppend };

/**
 * The physical limit: the same table and indexes, nothing checked, positions counted here. One batch in flight, what arrives
 * meanwhile is the next, encoded as ours is.
 */
export async function bareBatchedInsert(url: string): Promise<Contestant> {
  const client = await connect(url);
  await client.query(table);
  let position = 0;
  let waiting: { row: Row; done: () => void; failed: (error: unknown) => void }[] = [];
  let running = false;
  const flush = async () => {
    await new Promise(setImmediate);
    for (; waiting.length > 0; await new Promise(setImmediate)) {
      const batch = waiting;
      waiting = [];
      try {
        await insert(client, position, batch.map(({ row }) => row));
        position += batch.length;
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    running = false;
  };
  return {
    name: 'bare batched INSERT',
    append: (stream, nth) =>
      new Promise<void>((done, failed) => {
        waiting.push({ row: { stream, revision: nth, event: benchEvent() }, done, failed });
        if (!running) {
          running = true;
          void flush();
        }
      }),
    close: () => client.end(),
  };
}

async function insert(client: pg.Client, after: number, rows: readonly Row[]): Promise<void> {
  await client.query({
    name: 'bare',
    text: `insert into bare (position, stream, revision, id, type, schema_version, data, metadata)
      select $1::bigint + g.nth, g.stream, g.revision, g.id, g.type, g.schema_version, g.data, g.metadata
      from unnest($2::text[], $3::integer[], $4::uuid[], $5::text[], $6::integer[], $7::json[], $8::json[])
        with ordinality as g(stream, revision, id, type, schema_version, data, metadata, nth)`,
    values: [
      after, textArray(rows.map(({ stream }) => stream)), int4Array(rows.map(({ revision }) => revision)), uuidArray(rows.map(({ event }) => event.id)),
      textArray(rows.map(({ event }) => event.type)), int4Array(rows.map(({ event }) => event.schemaVersion)),
      jsonArray(rows.map(({ event }) => JSON.stringify(event.data))), jsonArray(rows.map(({ event }) => JSON.stringify(event.metadata))),
    ],
  });
}

/** One row a statement, one statement a commit: what an idle append is measured against. */
export function bareSingleInsert(url: string): Promise<Contestant> {
  return singleInsert(url, 'bare single-row INSERT', (client, { name, text, values }) => client.query({ name, text, values: [...values] }));
}

/** The same without the description of its rows, which ours does not ask for either: how far the driver's part goes. Not a bar. */
export function undescribedSingleInsert(url: string): Promise<Contestant> {
  return singleInsert(url, 'the same, undescribed', countRows);
}

async function singleInsert(url: string, name: string, run: (client: pg.Client, statement: Statement) => Promise<unknown>): Promise<Contestant> {
  const client = await connect(url);
  const into = `bare_${name.replaceAll(/\W/g, '_')}`;
  await client.query(table.replace('bare', into));
  let position = 0;
  return {
    name,
    async append(stream, nth) {
      const { id, type, schemaVersion, data, metadata } = benchEvent();
      await run(client, {
        name: 'bare_single',
        text: `insert into ${into} (position, stream, revision, id, type, schema_version, data, metadata) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        values: [String((position += 1)), stream, String(nth), id, type, String(schemaVersion), JSON.stringify(data), JSON.stringify(metadata)],
      });
    },
    close: () => client.end(),
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
