import type { Pool } from 'pg';
import { int4Array, jsonArray, textArray, uuidArray } from './binaryArrays.ts';
import type { PendingAppend } from './pendingAppend.ts';

/**
 * The short way into the log, one statement: moving the head row from `base` is the lock, the fence and the source of positions.
 * It moves only if nobody has written since `base`. Then the statement's snapshot, which is younger than our knowledge of
 * `base`, holds every event up to it, so looking up streams that this process does not know yet is sound in the same statement.
 */
const text = `
with moved as (
  update lectern.log_head h set position = h.position + $2
  where h.position = $1 and not exists (
    select from unnest($3::text[], $4::integer[]) as u(stream, expected)
    where u.expected is distinct from
      coalesce((select e.revision from lectern.events e where e.stream = u.stream order by e.revision desc limit 1), -1)
  )
  returning h.position
), inserted as (
  insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
  select $1 + g.nth, g.stream, g.revision, g.id, g.type, g.schema_version, g.data, g.metadata
  from moved, unnest($5::text[], $6::integer[], $7::uuid[], $8::text[], $9::integer[], $10::json[], $11::json[])
    with ordinality as g(stream, revision, id, type, schema_version, data, metadata, nth)
)
select pg_notify('lectern_log', position::text) from moved`;

/**
 * All or nothing, for appends that are right by what is known at `base`.
 * @param unknown those of the batch whose stream's head the statement must look up.
 * @returns false when nothing was written: somebody else wrote, or an unknown stream is not where its append expects it.
 */
export async function appendFenced(pool: Pool, base: bigint, batch: readonly PendingAppend[], unknown: readonly PendingAppend[]): Promise<boolean> {
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
  const { rowCount } = await pool.query({
    name: 'lectern_append_fenced',
    text,
    values: [
      String(base), ids.length, textArray(unknown.map(({ stream }) => stream)), int4Array(unknown.map(({ expected }) => expected)),
      textArray(streams), int4Array(revisions), uuidArray(ids), textArray(types), int4Array(schemaVersions), jsonArray(data), jsonArray(metadata),
    ],
  });
  return rowCount === 1;
}
