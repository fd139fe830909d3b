import type { AppendOutcome } from '../../../ports/eventStore.ts';
import { int4Array, jsonArray, textArray, uuidArray } from './binaryArrays.ts';
import type { PendingAppend } from './pendingAppend.ts';
import { toPosition } from './position.ts';
import type { Writer } from './writer.ts';

/** `head` is the stream's revision now (-1 = no stream), whoever wrote it. */
export type Judged = { outcome: AppendOutcome; head: number | undefined };

type Row = { append: number; outcome: 'appended' | 'repeated' | 'conflict'; revision: number; last_position: string | null; head_before: string; head_after: string };

/**
 * Calls lectern.append_checked (migration 070): takes the append lock alone, then judges each append by its stream's
 * revision, writes those that are right, recognises those that are there already (same place, same ids in order), and refuses the others.
 * @param batch at most one append per stream.
 * @returns an answer per append, and the head of the log before and after.
 */
export async function appendChecked(writer: Writer, batch: readonly PendingAppend[]): Promise<{ judged: Judged[]; headBefore: bigint; headAfter: bigint }> {
  const events = batch.flatMap((append, place) => append.events.map((event, index) => ({ append: place + 1, nth: index + 1, ...event })));
  const { rows } = await writer.rows<Row>({
    name: 'lectern_append_checked',
    text: `select append, outcome, revision, last_position, head_before, head_after
      from lectern.append_checked($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) order by append`,
    values: [
      textArray(batch.map(({ stream }) => stream)), int4Array(batch.map(({ expected }) => expected)), int4Array(batch.map((append) => append.events.length)),
      int4Array(events.map(({ append }) => append)), int4Array(events.map(({ nth }) => nth)), uuidArray(events.map(({ id }) => id)),
      textArray(events.map(({ type }) => type)), int4Array(events.map(({ schemaVersion }) => schemaVersion)),
      jsonArray(events.map(({ data }) => data)), jsonArray(events.map(({ metadata }) => metadata)),
    ],
  });
  const first = rows[0];
  if (!first || rows.length !== batch.length) throw new Error(`lectern.append_checked answered ${rows.length} rows for ${batch.length} appends.`);
  return { judged: rows.map(judge), headBefore: BigInt(first.head_before), headAfter: BigInt(first.head_after) };
}

function judge(row: Row): Judged {
  if (row.outcome === 'conflict') {
    return { outcome: { outcome: 'conflict', actualRevision: row.revision < 0 ? 'noStream' : row.revision }, head: row.revision };
  }
  const outcome = { outcome: 'appended', revision: row.revision, position: toPosition(row.last_position ?? '0') } as const;
  // After a repeated append the stream may have gone on.
  return { outcome, head: row.outcome === 'appended' ? row.revision : undefined };
}
