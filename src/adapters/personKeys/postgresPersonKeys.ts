import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import type pg from 'pg';
import { SubjectForgotten, type PersonKeys } from '../../ports/personKeys.ts';
import type { MasterKeys } from '../secrets/masterKeys.ts';

type Row = { subject: string; sealed_key: string | null };

/** How long a key stays in memory: a forgotten person's key must be gone from every process soon after. */
const cachedForMs = 60_000;

/** Where a sealed key belongs: authenticated, so that a key that was moved to another person does not open. */
const placeOf = (subject: string) => `person_keys.${subject}`;

/** Person keys in `lectern.person_keys`, sealed under the master key. A row whose key is null is a subject that was forgotten. */
export function createPostgresPersonKeys(pool: pg.Pool, master: MasterKeys): PersonKeys {
  const cache = new LRUCache<string, Buffer>({ ...atMost(10_000), ttl: cachedForMs });
  const opened = ({ subject, sealed_key }: Row): Buffer => {
    if (sealed_key === null) throw new SubjectForgotten(`subject ${subject} was forgotten`);
    const key = master.open(sealed_key, placeOf(subject));
    cache.set(subject, key);
    return key;
  };

  return {
    async find(subjects) {
      const found = new Map<string, Buffer>();
      const missing: string[] = [];
      for (const subject of subjects) {
        const key = cache.get(subject);
        if (key) found.set(subject, key);
        else missing.push(subject);
      }
      if (missing.length > 0) {
        const { rows } = await pool.query<Row>('select subject, sealed_key from lectern.person_keys where subject = any($1) and sealed_key is not null', [missing]);
        for (const row of rows) found.set(row.subject, opened(row));
      }
      return found;
    },

    async obtain(subject) {
      const cached = cache.get(subject);
      if (cached) return cached;
      const fresh = master.seal(randomBytes(32), placeOf(subject));
      // The no-op update makes `returning` answer with the row that is there: two processes agree on one key.
      const { rows } = await pool.query<Row>(
        `insert into lectern.person_keys as k (subject, sealed_key) values ($1, $2)
         on conflict (subject) do update set subject = k.subject returning subject, sealed_key`,
        [subject, fresh],
      );
      const [row] = rows;
      if (!row) throw new Error('the insert of a person key answered no row');
      return opened(row);
    },
  };
}

/** Seals every person key that an older master key sealed under the current one. Repeatable. @returns how many */
export async function rotatePersonKeys(pool: pg.Pool, master: MasterKeys): Promise<number> {
  let rotated = 0;
  for (;;) {
    const { rows } = await pool.query<{ subject: string; sealed_key: string }>(
      `select subject, sealed_key from lectern.person_keys where sealed_key is not null and sealed_key not like $1 limit 500`, [`${master.currentId}.%`],
    );
    if (rows.length === 0) return rotated;
    for (const { subject, sealed_key: old } of rows) {
      const anew = master.seal(master.open(old, placeOf(subject)), placeOf(subject));
      // Only if it is still what was read: a person may be forgotten at this moment.
      const { rowCount } = await pool.query('update lectern.person_keys set sealed_key = $1 where subject = $2 and sealed_key = $3', [anew, subject, old]);
      rotated += rowCount ?? 0;
    }
  }
}
