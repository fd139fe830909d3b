import type { Sql } from '../../projections/engine/readModel.ts';

export type StoredAnswer = { status: number; headers: Record<string, string>; body: string | null };

/**
 * `run`: ours to run, under a lease of 15 s (`repeat`: someone ran it before and its outcome is unknown) · `stored`: the answer
 * from then · `running`: someone else is at it · `otherRequest`: the key was used for something else.
 */
export type Claim = { kind: 'run'; repeat: boolean } | { kind: 'stored'; answer: StoredAnswer } | { kind: 'running' } | { kind: 'otherRequest' };

export type IdempotencyStore = {
  /** @param keyId who, where, which key · fingerprint what exactly was asked · owner a fresh UUID per attempt */
  claim(keyId: string, fingerprint: Buffer, owner: string): Promise<Claim>;
  /** Keeps the lease of a command that takes long. */
  renew(keyId: string, owner: string): Promise<void>;
  /** Body null: the answer holds a secret; a replay runs anew. Does nothing when the lease was lost. */
  keep(keyId: string, owner: string, answer: StoredAnswer): Promise<void>;
  /** The outcome is unknown, or there was none: the next attempt may run at once, and counts as a repeat. */
  release(keyId: string, owner: string): Promise<void>;
  /** Forgets answers older than 24 h. @returns how many */
  purge(): Promise<number>;
};

const keptFor = `interval '24 hours'`;
const lease = `interval '15 seconds'`;

type Row = { same: boolean; status: number | null; headers: Record<string, string> | null; body: string | null };

export function createIdempotencyStore(sql: Sql): IdempotencyStore {
  return {
    async claim(keyId, fingerprint, owner) {
      for (;;) {
        // Taken when new, older than a day, or left behind by a process that died; the row lock decides between racers.
        const taken = await sql.query<{ attempts: number }>(
          `insert into lectern.idempotency_keys as k (key_id, fingerprint, owner, lease_until) values ($1, $2, $3, now() + ${lease})
           on conflict (key_id) do update set
             owner = excluded.owner, lease_until = excluded.lease_until, fingerprint = excluded.fingerprint, status = null, headers = null, body = null,
             attempts = case when k.created_at < now() - ${keptFor} then 1 else k.attempts + 1 end,
             created_at = case when k.created_at < now() - ${keptFor} then now() else k.created_at end
           where k.created_at < now() - ${keptFor}
              or (k.fingerprint = excluded.fingerprint and (case when k.status is null then k.lease_until <= now() else k.body is null end))
           returning attempts`,
          [keyId, fingerprint, owner],
        );
        const attempts = taken.rows[0]?.attempts;
        if (attempts !== undefined) return { kind: 'run', repeat: attempts > 1 };
        const found = await sql.query<Row>(
          'select fingerprint = $2 as same, status, headers, body from lectern.idempotency_keys where key_id = $1',
          [keyId, fingerprint],
        );
        const row = found.rows[0];
        if (!row) continue; // purged in between
        if (!row.same) return { kind: 'otherRequest' };
        if (row.status === null) return { kind: 'running' };
        return { kind: 'stored', answer: { status: row.status, headers: row.headers ?? {}, body: row.body } };
      }
    },

    async renew(keyId, owner) {
      await sql.query(`update lectern.idempotency_keys set lease_until = now() + ${lease} where key_id = $1 and owner = $2 and status is null`, [keyId, owner]);
    },

    async keep(keyId, owner, { status, headers, body }) {
      // Losing this row's update in a crash only costs a repeat, so nobody waits for the disk.
      await sql.query(
        `with quick as (select set_config('synchronous_commit', 'off', true))
         update lectern.idempotency_keys set status = $3, headers = $4, body = $5 from quick where key_id = $1 and owner = $2`,
        [keyId, owner, status, JSON.stringify(headers), body],
      );
    },

    async release(keyId, owner) {
      await sql.query('update lectern.idempotency_keys set lease_until = now() where key_id = $1 and owner = $2 and status is null', [keyId, owner]);
    },

    async purge() {
      const { rowCount } = await sql.query(`delete from lectern.idempotency_keys where created_at < now() - ${keptFor}`);
      return rowCount ?? 0;
    },
  };
}
