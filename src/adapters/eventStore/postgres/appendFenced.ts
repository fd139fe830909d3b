import { advisoryLocks } from '../../postgres/advisoryLocks.ts';
import { classifyPostgresError } from '../../postgres/postgresError.ts';
import { int4Array, jsonArray, textArray, uuidArray } from './binaryArrays.ts';
import type { Statement } from './countRows.ts';
import type { PendingAppend } from './pendingAppend.ts';
import type { Writer } from './writer.ts';

/*
 * The short way into the log, one statement, for whoever knows where the log ends (`base`, $1). It writes nothing if the log ends
 * elsewhere (also earlier: a backup was put back), or if somebody holds the append lock alone or waits for it, who is thus never
 * overtaken for long. For the rest the primary key is the fence:
 *   - Who wrote `base` + 1 before makes this a unique violation; who is about to is waited for. So two fenced writers never both write.
 *   - A checked writer has the lock alone from before it looks until its commit is visible. So it never meets one that is fenced.
 *   - Everybody begins behind the last event that is committed, so events become visible in the order of their positions.
 *
 * The unique (stream, revision) judges the revisions: behind a revision that the stream has reached, and at 0 of a stream that
 * must not exist, an insert succeeds only where the append belongs. What remains is an append that expects a revision which
 * this process has never seen: it might lie beyond the end and leave a gap. It is looked up, which is sound in the same
 * statement: its snapshot holds `base`, and if the insert succeeds, nobody has committed `base` + 1; so it holds all there is.
 *
 * The lock is taken once, before the first row; the position's index is the older one, so that of two
 * with the same `base` one waits at the first row with nothing the other needs. `order by … limit 1`, because it takes the index
 * also when the planner believes the table small.
 * Three forms because the general one costs, per statement, more than an idle append's whole insert (measured: docs/decisions).
 */
const fence = `coalesce((select e.position from lectern.events e order by e.position desc limit 1), 0) = $1::bigint
  and (select pg_try_advisory_xact_lock_shared(${advisoryLocks.append}))`;

/** Behind an event: the fence as a row to select from, as a sub-select that is there only to be asked costs 3 µs more. */
const oneEvent = `
insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
select h.position + 1, $2, $3::integer, $4::uuid, $5, $6::integer, $7::json, $8::json
from (select e.position from lectern.events e order by e.position desc limit 1) h
where h.position = $1::bigint and pg_try_advisory_xact_lock_shared(${advisoryLocks.append})`;

const manyEvents = `
insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
select $1::bigint + g.nth, g.stream, g.revision, g.id, g.type, g.schema_version, g.data, g.metadata
from unnest($2::text[], $3::integer[], $4::uuid[], $5::text[], $6::integer[], $7::json[], $8::json[])
  with ordinality as g(stream, revision, id, type, schema_version, data, metadata, nth)
where ${fence}`;

const manyEventsLooked = `${manyEvents}
  and not exists (
    select from unnest($9::text[], $10::integer[]) as u(stream, expected)
    where u.expected is distinct from
      (select e.revision from lectern.events e where e.stream = u.stream order by e.revision desc limit 1)
  )`;

/**
 * All or nothing, for appends that are right by what is known.
 * @param mustStand those of the batch whose revision the caller has not seen.
 * @returns false when nothing was written: somebody else wrote since `base` or is about to, or a stream is not where its append expects it.
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
  if (!append || other || !event || another || base === 0n) return undefined;
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
  return [String(base), textArray(streams), int4Array(revisions), uuidArray(ids), textArray(types), int4Array(schemaVersions), jsonArray(data), jsonArray(metadata)];
}
