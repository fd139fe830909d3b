import type pg from 'pg';
import type { Secrets } from '../../ports/secrets.ts';
import type { MasterKeys } from './masterKeys.ts';

const place = (ref: string, field: string) => `secrets.${encodeURIComponent(ref)}.${encodeURIComponent(field)}`;

/** Credentials in `lectern.secrets`. A value that was copied to another record or field does not open there. */
export function createPostgresSecrets(pool: pg.Pool, master: MasterKeys): Secrets {
  return {
    async put(ref, fields) {
      const names = Object.keys(fields);
      const sealed = Object.entries(fields).map(([field, value]) => master.seal(value, place(ref, field)));
      // One statement, so that nobody reads half of the old credentials and half of the new.
      await pool.query(
        `with gone as (delete from lectern.secrets where ref = $1 and field <> all($2::text[]))
         insert into lectern.secrets (ref, field, sealed) select $1, * from unnest($2::text[], $3::text[])
         on conflict (ref, field) do update set sealed = excluded.sealed, updated_at = now()`,
        [ref, names, sealed],
      );
    },

    async get(ref) {
      const { rows } = await pool.query<{ field: string; sealed: string }>('select field, sealed from lectern.secrets where ref = $1', [ref]);
      if (rows.length === 0) return undefined;
      return Object.fromEntries(rows.map(({ field, sealed }) => [field, master.open(sealed, place(ref, field)).toString('utf8')]));
    },

    async list() {
      const { rows } = await pool.query<{ ref: string; fields: string[]; updated_at: Date }>(
        'select ref, array_agg(field order by field) as fields, max(updated_at) as updated_at from lectern.secrets group by ref order by ref',
      );
      return rows.map(({ ref, fields, updated_at }) => ({ ref, fields, updatedAt: updated_at.toISOString() }));
    },

    async rotate() {
      const { rows } = await pool.query<{ ref: string; field: string; sealed: string }>('select ref, field, sealed from lectern.secrets');
      let rewritten = 0;
      for (const { ref, field, sealed } of rows.filter((row) => master.isOld(row.sealed))) {
        const fresh = master.seal(master.open(sealed, place(ref, field)), place(ref, field));
        // Only if nobody stored another value meanwhile.
        const { rowCount } = await pool.query('update lectern.secrets set sealed = $4 where ref = $1 and field = $2 and sealed = $3', [ref, field, sealed, fresh]);
        rewritten += rowCount ?? 0;
      }
      return rewritten;
    },
  };
}
