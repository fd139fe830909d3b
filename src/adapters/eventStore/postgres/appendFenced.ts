import { classifyPostgresError } from '../../postgres/postgresError.ts';
import { int4Array, jsonArray, textArray, uuidArray } from './binaryArrays.ts';
import type { Statement } from './countRows.ts';
import type { PendingAppend } from './pendingAppend.ts';
import type { Writer } from './writer.ts';

/*
 * The short way into the log, one statement: moving the head row from `base` ($1) is the lock, the fence and the source of
 * positions. It moves only if nobody has written since `base`; nothing is written if it does not move.
 *
 * The unique (stream, revision) judges the revisions: behind a revision that the stream has reached, and at 0 of a stream that
 * must not exist, an insert succeeds only where the append belongs. What remains is an append that expects a revision which
 * this process has never seen: it might lie beyond the end and leave a gap. It is looked up, which is sound in the same
 * statement: its snapshot is younger than our knowledge of `base`, so under a successful fence it holds all there is.
 *
 * Three forms because the general one costs, per statement, more than an idle append's whole insert (measured: docs/decisions).
 */
const oneEvent = `
with moved as (
  update lectern.log_head h set position = h.position + 1 where h.position = $1::bigint returning h.position
)
insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
select m.position, $2, $3::integer, $4::uuid, $5, $6::integer, $7::json, $8::json from moved m`;

const insertAll = `
insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
select $1 + g.nth, g.stream, g.revision, g.id, g.type, g.schema_version, g.data, g.metadata
from unnest($3::text[], $4::integer[], $5::uuid[], $6::text[], $7::integer[], $8::json[], $9::json[])
  with ordinality as g(stream, revision, id, type, schema_version, data, metadata, nth)
where exists (select from moved)`;

const manyEvents = `
with moved as (
  update lectern.log_head h set position = h.position + $2::integer where h.position = $1::bigint returning h.position
)${insertAll}`;

const manyEventsLooked = `
with moved as (
  update lectern.log_head h set position = h.position + $2::integer
  where h.position = $1::bigint and not exists (
    select from unnest($10::text[], $11::integer[]) as u(stream, expected)
    where u.expected is distinct from
      (select e.revision from lectern.events e where e.stream = u.stream order by e.revision desc limit 1)
  )
  returning h.position
)${insertAll}`;

/**
 * All or nothing, for appends that are right by what is known.
 * @param mustStand those of the batch whose revision the caller has not seen.
 * @returns false when nothing was written: somebody else wrote since `base`, or a stream is not where its append expects it.
 */
export async function appendFenced(writer: Writer, base: bigint, batch: readonly PendingAppend[], mustStand: readonly PendingAppend[]): Promise<boolean> {
  try {
    return (await writer.count(mustStand.length > 0 ? looked(base, batch, mustStand) : (single(base, batch) ?? many(base, batch)))) > 0;
  } catch (error) {
    if (classifyPostgresError(error) === 'unique') return false;
    throw error;
  }
}

function single(base: bigint, [append, other]: readonly PendingAppend[]): Statement | undefined {
  const [event, another] = append?.events ?? [];
  if (!append || other || !event || another) return undefined;
  return {
    name: 'lectern_append_one',
    text: oneEvent,
    values: [String(base), append.stream, String(append.expected + 1), event.id, event.type, String(event.schemaVersion), event.data, event.metadata],
  };
}

function many(base: bigint, batch: readonly PendingAppend[]): Statement {
  return { name: 'lectern_append_many', text: manyEvents, values: columnsOf(base, batch) };
}

function looked(base: bigint, batch: readonly PendingAppend[], mustStand: readonly PendingAppend[]): Statement {
  return {
    name: 'lectern_append_looked',
    text: manyEventsLooked,
    values: [...columnsOf(base, batch), textArray(mustStand.map(({ stream }) => stream)), int4Array(mustStand.map(({ expected }) => expected))],
  };
}

function columnsOf(base: bigint, batch: readonly PendingAppend[]): (string | Buffer)[] {
  const streams: string[] = [];
  const revisions: number[] = [];
  const ids: string[] = [];
  const types: string[] = [];
  const schemaVersions: number[] = [];
  const data: string[] = [];
  const metadata: string[] = [];
  for (const append of batch) {
    let revision = append.expected;
    for (const event of append.events) {
      streams.push(append.stream);
      revisions.push((revision += 1));
      ids.push(event.id);
      types.push(event.type);
      schemaVersions.push(event.schemaVersion);
      data.push(event.data);
      metadata.push(event.metadata);
    }
  }
  return [String(base), String(ids.length), textArray(streams), int4Array(revisions), uuidArray(ids), textArray(types), int4Array(schemaVersions), jsonArray(data), jsonArray(metadata)];
}
