import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { MasterKeys } from '../secrets/masterKeys.ts';

export type AccessToken = { token: string; fetchedAt: number };

/** Access tokens that all nodes share, in `lectern.zoom_tokens`. */
export type TokenTable = {
  /** A token younger than `maxAgeMs`, or the one that `fetch` brings; of all nodes, one fetches and the others wait. */
  obtain(credential: string, maxAgeMs: number, fetch: () => Promise<string>): Promise<AccessToken>;
  /** Forgets this very token; a newer one stays. */
  drop(credential: string, token: string): Promise<void>;
};

type Row = { sealed_token: string | null; age_ms: number };

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

export function createTokenTable(pool: pg.Pool, master: MasterKeys): TokenTable {
  const place = (credential: string) => `zoom_tokens.${credential}`;
  const select = `select sealed_token, (extract(epoch from clock_timestamp() - fetched_at) * 1000)::float8 as age_ms from lectern.zoom_tokens where credential = $1`;

  function usable(row: Row | undefined, credential: string, maxAgeMs: number): AccessToken | undefined {
    if (!row?.sealed_token || row.age_ms >= maxAgeMs) return undefined;
    try {
      return { token: master.open(row.sealed_token, place(credential)).toString('utf8'), fetchedAt: Date.now() - row.age_ms };
    } catch {
      return undefined; // sealed under a master key that is gone: fetch a new one
    }
  }

  return {
    async obtain(credential, maxAgeMs, fetch) {
      const { rows } = await pool.query<Row>(select, [credential]);
      const there = usable(rows[0], credential, maxAgeMs);
      if (there) return there;
      const client = await pool.connect();
      try {
        // The row's lock belongs to the transaction: it ends with the connection, however this process ends.
        await client.query('begin');
        await client.query('insert into lectern.zoom_tokens (credential) values ($1) on conflict do nothing', [credential]);
        const locked = await client.query<Row>(`${select} for update`, [credential]);
        const meanwhile = usable(locked.rows[0], credential, maxAgeMs);
        if (meanwhile) {
          await client.query('commit');
          return meanwhile;
        }
        const token = await fetch();
        await client.query('update lectern.zoom_tokens set sealed_token = $2, token_hash = $3, fetched_at = clock_timestamp() where credential = $1', [
          credential, master.seal(token, place(credential)), hashOf(token),
        ]);
        await client.query('commit');
        return { token, fetchedAt: Date.now() };
      } catch (error) {
        await client.query('rollback').catch(() => undefined);
        throw error;
      } finally {
        client.release();
      }
    },
    async drop(credential, token) {
      await pool.query('update lectern.zoom_tokens set sealed_token = null, token_hash = null, fetched_at = null where credential = $1 and token_hash = $2', [
        credential, hashOf(token),
      ]);
    },
  };
}
