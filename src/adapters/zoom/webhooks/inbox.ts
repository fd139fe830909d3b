import type pg from 'pg';
import type { MasterKeys } from '../../secrets/masterKeys.ts';

export type StoredWebhook = { id: string; source: string; deliveryKey: string; raw: Buffer; handled: boolean };

/** Webhooks as they came, in `lectern.webhook_inbox`; bodies sealed, since they name people and may hold tokens. */
export type WebhookInbox = {
  /** @returns the row's id, or undefined when this delivery is there already */
  store(source: string, deliveryKey: string, raw: Buffer): Promise<string | undefined>;
  read(id: string): Promise<StoredWebhook | undefined>;
  /** @param note why nothing came of it; names no person */
  handled(id: string, note?: string): Promise<void>;
  /** Stored longer ago than that and not handled, oldest first: their job was lost. */
  waiting(olderThanMs: number, limit: number): Promise<string[]>;
  /** @returns how many were removed */
  purge(olderThanDays: number): Promise<number>;
};

export function createWebhookInbox(pool: pg.Pool, master: MasterKeys): WebhookInbox {
  const place = (source: string, key: string) => `webhook_inbox.${source}.${key}`;
  return {
    async store(source, deliveryKey, raw) {
      const { rows } = await pool.query<{ id: string }>(
        'insert into lectern.webhook_inbox (source, delivery_key, sealed_body) values ($1, $2, $3) on conflict (source, delivery_key) do nothing returning id::text',
        [source, deliveryKey, master.seal(raw, place(source, deliveryKey))],
      );
      return rows[0]?.id;
    },
    async read(id) {
      const { rows } = await pool.query<{ source: string; delivery_key: string; sealed_body: string; handled: boolean }>(
        'select source, delivery_key, sealed_body, handled_at is not null as handled from lectern.webhook_inbox where id = $1', [id],
      );
      const [row] = rows;
      if (!row) return undefined;
      return { id, source: row.source, deliveryKey: row.delivery_key, handled: row.handled, raw: master.open(row.sealed_body, place(row.source, row.delivery_key)) };
    },
    async handled(id, note) {
      await pool.query('update lectern.webhook_inbox set handled_at = now(), error = $2 where id = $1 and handled_at is null', [id, note ?? null]);
    },
    async waiting(olderThanMs, limit) {
      const { rows } = await pool.query<{ id: string }>(
        `select id::text from lectern.webhook_inbox where handled_at is null and received_at < now() - $1 * interval '1 millisecond' order by id limit $2`, [olderThanMs, limit],
      );
      return rows.map(({ id }) => id);
    },
    async purge(olderThanDays) {
      const { rowCount } = await pool.query('delete from lectern.webhook_inbox where received_at < now() - make_interval(days => $1)', [olderThanDays]);
      return rowCount ?? 0;
    },
  };
}
