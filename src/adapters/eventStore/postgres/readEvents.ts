import type { Pool } from 'pg';
import { EventStoreError, START, type Position, type ReadAllOptions, type ReadStreamOptions, type RecordedEvent } from '../../../ports/eventStore.ts';
import { fromPosition, toPosition } from './position.ts';
import { columns, toRecorded, type EventRow } from './rows.ts';

/** Rows of one statement: `pg` holds a whole answer in memory. */
const streamPage = 2_000;

/** One stream, by revision. @throws EventStoreError `unavailable`. */
export async function readStream(pool: Pool, stream: string, { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {}): Promise<RecordedEvent[]> {
  const forwards = direction === 'forwards';
  const events: RecordedEvent[] = [];
  for (let next = from ?? (forwards ? 0 : 2_147_483_647); next >= 0;) {
    const wanted = Math.min(streamPage, limit - events.length);
    if (wanted <= 0) break;
    const { rows } = await ask(pool, {
      name: `lectern_read_stream_${direction}`,
      text: `select ${columns} from lectern.events e where e.stream = $1 and e.revision ${forwards ? '>=' : '<='} $2
        order by e.revision ${forwards ? 'asc' : 'desc'} limit $3`,
      values: [stream, next, wanted],
    });
    for (const row of rows) events.push(toRecorded(row));
    const last = events.at(-1);
    if (rows.length < wanted || !last) break;
    next = last.revision + (forwards ? 1 : -1);
  }
  return events;
}

/** The whole log, page by page; the next page is on its way while the caller works on one. @throws EventStoreError `unavailable`. */
export async function* readAll(pool: Pool, { after, direction = 'forwards', limit = Infinity, pageSize = 1_000 }: ReadAllOptions = {}): AsyncGenerator<RecordedEvent[]> {
  const forwards = direction === 'forwards';
  const end = forwards ? fromPosition(await readHead(pool)) : '0';
  const page = (beyond: string, rows: number) =>
    ask(pool, {
      name: `lectern_read_all_${direction}`,
      text: forwards
        ? `select ${columns} from lectern.events e where e.position > $1 and e.position <= $2 order by e.position limit $3`
        : `select ${columns} from lectern.events e where e.position < $1 and e.position > $2 order by e.position desc limit $3`,
      values: [beyond, end, rows],
    });
  let left = limit;
  const size = () => Math.min(pageSize, left);
  if (size() <= 0) return;
  const start = after === undefined && !forwards ? String(2n ** 63n - 1n) : fromPosition(after ?? START);
  let coming = page(start, size());
  for (;;) {
    const wanted = size();
    const { rows } = await coming;
    const last = rows.at(-1);
    if (!last) return;
    left -= rows.length;
    const more = rows.length === wanted && left > 0;
    if (more) {
      coming = page(last[0], size());
      // If the caller never asks for it, its failure is nobody's.
      coming.catch(() => undefined);
    }
    yield rows.map(toRecorded);
    if (!more) return;
  }
}

/** Where the log ends: at its last event. */
export const selectHead = 'select coalesce(max(position), 0) as position from lectern.events';

/** @throws EventStoreError `unavailable`. */
export async function readHead(pool: Pool): Promise<Position> {
  const { rows } = await ask<[string]>(pool, { name: 'lectern_head', text: selectHead, values: [] });
  return toPosition(rows[0]?.[0] ?? '0');
}

/** @throws EventStoreError `unavailable`. */
export async function readLogId(pool: Pool): Promise<string> {
  const { rows: [row] } = await ask<[string]>(pool, { name: 'lectern_log_id', text: 'select log_id from lectern.log_identity', values: [] });
  if (!row) throw new EventStoreError('unavailable', 'The database holds no event log: it was not migrated.');
  return row[0];
}

type Statement = { name: string; text: string; values: unknown[] };

/** A query whose failure is the port's. */
export async function ask<Row extends unknown[] = EventRow>(pool: Pool, statement: Statement): Promise<{ rows: Row[] }> {
  return pool.query<Row>({ ...statement, rowMode: 'array' }).catch((cause: unknown) => {
    throw new EventStoreError('unavailable', 'The event log cannot be read now.', { cause });
  });
}
