import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { EventStoreError, type Subscription, type SubscriptionBatch } from '../../../ports/eventStore.ts';
import { fromPosition, toPosition } from './position.ts';
import { ask, selectHead } from './readEvents.ts';
import { columns, toRecorded, type EventRow } from './rows.ts';
import type { WakeUp } from './wakeUp.ts';

/** How much of the log one statement may pass over when a filter finds nothing in it: keeps each short, and the checkpoint moving. */
const window = 20_000;

/**
 * Catching up and living on are the same loop: read on from `after` up to the head; at the head, wait to be woken. Head and
 * events are read in one statement, thus of one snapshot, and positions become visible in order, so nothing is skipped. What this
 * process itself wrote, and a subscription to certain types does not want, is passed over without a query.
 */
export async function* subscribeAll(
  pool: Pool,
  wakeUp: WakeUp,
  { after, types, signal, maxBatch = 1_000 }: Subscription,
  log: { warn(message: string): void },
): AsyncGenerator<SubscriptionBatch> {
  let seen = BigInt(fromPosition(after));
  let wasCaughtUp = false;
  const wanted = types && new Set(types);
  let pause = 50;
  while (!signal.aborted) {
    const passed = wasCaughtUp && wanted ? wakeUp.passable(seen, wanted) : undefined;
    if (passed !== undefined) {
      seen = passed;
      yield { events: [], position: toPosition(String(seen)), caughtUp: true };
      await wakeUp.beyond(seen, wanted, signal, true);
      continue;
    }
    try {
      const { rows, head } = await readOn(pool, seen, types, maxBatch);
      pause = 50;
      const reached = rows.length === maxBatch ? BigInt(rows.at(-1)?.[0] ?? seen) : smaller(head, seen + BigInt(window));
      const caughtUp = reached >= head;
      if (signal.aborted) return;
      if (reached > seen || (caughtUp && !wasCaughtUp)) {
        seen = reached > seen ? reached : seen;
        wasCaughtUp = caughtUp;
        yield { events: rows.map(toRecorded), position: toPosition(String(seen)), caughtUp };
      }
      if (caughtUp) await wakeUp.beyond(seen, wanted, signal);
    } catch (error) {
      if (!(error instanceof EventStoreError) || error.code !== 'unavailable') throw error;
      if (pause === 50) log.warn(`A subscription cannot read the event log; it goes on when the log is back. ${String(error.cause)}`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, 1_000);
    }
  }
}

async function readOn(pool: Pool, seen: bigint, types: readonly string[] | undefined, limit: number): Promise<{ rows: EventRow[]; head: bigint }> {
  const { rows } = await ask<[...EventRow, string]>(pool, {
    name: types ? 'lectern_read_on_filtered' : 'lectern_read_on',
    // The left join answers the head also when there is nothing to read.
    text: `select ${columns}, h.position from (${selectHead}) h left join lateral (
        select * from lectern.events e
        where e.position > $1 and e.position <= least(h.position, $1 + ${window}) ${types ? 'and e.type = any($3)' : ''}
        order by e.position limit $2
      ) e on true order by e.position`,
    values: [String(seen), limit, ...(types ? [types] : [])],
  });
  const head = BigInt(rows[0]?.[8] ?? 0);
  const events = rows.filter((row) => row[0] !== null).map((row) => row.slice(0, 8) as EventRow);
  return { rows: events, head };
}

const smaller = (a: bigint, b: bigint) => (a < b ? a : b);
