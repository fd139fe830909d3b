import type pg from 'pg';
import { START, type EventStore, type Position, type RecordedEvent } from '../../ports/eventStore.ts';
import type { LogContents, Stretch } from '../../ports/logContents.ts';

type Row = { after_position: string; last_position: string; events: number };

/**
 * Rows of lectern.log_contents, one for `perStretch` events, written behind the log's back: an index on every event would cost each
 * append, a read model each batch. Ten million events make ten thousand rows, which are looked through in milliseconds.
 */
export function createPostgresLogContents(pool: Pick<pg.Pool, 'query'>, store: Pick<EventStore, 'readAll' | 'head' | 'logId'>, perStretch = 1_000): LogContents {
  const covered = async (): Promise<Position> => {
    const { rows: [row] } = await pool.query<{ last: string | null }>('select max(last_position) as last from lectern.log_contents where log_id = $1', [await store.logId()]);
    return row?.last ?? START;
  };

  const write = async (logId: string, after: Position, events: readonly RecordedEvent[]): Promise<Position> => {
    const last = events.at(-1)?.position ?? after;
    const distinct = (values: readonly string[]) => [...new Set(values)];
    await pool.query(
      `insert into lectern.log_contents (log_id, last_position, after_position, events, types, people) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [logId, last, after, events.length, distinct(events.map(({ type }) => type)), distinct(events.map(({ metadata }) => metadata.actor.id))]);
    return last;
  };

  return {
    covered,
    async stretches({ types, person }, direction, from, limit) {
      const forwards = direction === 'forwards';
      const { rows } = await pool.query<Row>(
        `select after_position, last_position, events from lectern.log_contents
          where log_id = $1 and ($2::text[] is null or types && $2) and ($3::text is null or $3 = any(people))
            and ($4::text is null or ${forwards ? 'last_position > $4' : 'after_position < $4'})
          order by last_position ${forwards ? 'asc' : 'desc'} limit $5`,
        [await store.logId(), types ?? null, person ?? null, from ?? null, limit]);
      return rows.map((row): Stretch => ({ after: row.after_position, last: row.last_position, events: row.events }));
    },
    async extend(signal) {
      const logId = await store.logId();
      let after = await covered();
      if (after > (await store.head())) {
        // The log was put back to an earlier time: what came after it is another story.
        await pool.query('delete from lectern.log_contents where log_id = $1', [logId]);
        after = START;
      }
      let stretches = 0;
      let gathered: RecordedEvent[] = [];
      for await (const page of store.readAll({ after, pageSize: perStretch })) {
        gathered.push(...page);
        for (; gathered.length >= perStretch; gathered = gathered.slice(perStretch)) {
          if (signal.aborted) return stretches;
          after = await write(logId, after, gathered.slice(0, perStretch));
          stretches += 1;
        }
      }
      return stretches;
    },
  };
}
