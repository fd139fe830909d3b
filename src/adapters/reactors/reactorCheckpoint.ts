import type pg from 'pg';
import type { Position } from '../../ports/eventStore.ts';

export type ReactorCheckpoint = { name: string; logId: string; position: Position; owner: string | undefined; leased: boolean; unreadableCount: number };

type Db = Pick<pg.Pool, 'query'> | pg.PoolClient;
type Row = { name: string; log_id: string; position: string; owner: string | null; leased: boolean | null; unreadable_count: string };
const columns = 'name, log_id, position, owner, lease_until > now() as leased, unreadable_count';
const fromRow = (row: Row): ReactorCheckpoint => ({
  name: row.name, logId: row.log_id, position: row.position, owner: row.owner ?? undefined, leased: row.leased === true, unreadableCount: Number(row.unreadable_count),
});

export async function readCheckpoint(db: Db, name: string): Promise<ReactorCheckpoint | undefined> {
  const { rows: [row] } = await db.query<Row>(`select ${columns} from lectern.reactors where name = $1`, [name]);
  return row && fromRow(row);
}

/** A reactor that was never seen before begins at the head: what happened before it existed is none of its business. */
export async function beginAt(db: Db, name: string, logId: string, head: Position): Promise<void> {
  await db.query('insert into lectern.reactors (name, log_id, position) values ($1, $2, $3) on conflict do nothing', [name, logId, head]);
}

export async function acquireReactor(db: Db, name: string, owner: string, leaseMs: number, deadOwner: string | undefined): Promise<ReactorCheckpoint | undefined> {
  const { rows: [row] } = await db.query<Row>(
    `update lectern.reactors set owner = $2, lease_until = now() + $3 * interval '1 millisecond'
      where name = $1 and (owner is null or owner = $2 or lease_until < now() or owner = $4) returning ${columns}`,
    [name, owner, leaseMs, deadOwner ?? null]);
  return row && fromRow(row);
}

/** @returns false when somebody else owns it now. */
export async function renewReactor(db: Db, name: string, owner: string, leaseMs: number): Promise<boolean> {
  const { rowCount } = await db.query(`update lectern.reactors set lease_until = now() + $3 * interval '1 millisecond' where name = $1 and owner = $2`, [name, owner, leaseMs]);
  return rowCount === 1;
}

export async function releaseReactors(db: Db, owner: string): Promise<void> {
  await db.query('update lectern.reactors set owner = null, lease_until = null where owner = $1', [owner]);
}

/** The compare-and-set that a batch's transaction opens with: two owners can never both move it. */
export async function moveCheckpoint(db: Db, name: string, owner: string, from: Position, to: Position, unreadable: { count: number; last: object | undefined }): Promise<boolean> {
  const { rowCount } = await db.query(
    `update lectern.reactors set position = $4, unreadable_count = unreadable_count + $5, last_unreadable = coalesce($6::jsonb, last_unreadable)
      where name = $1 and owner = $2 and position = $3`,
    [name, owner, from, to, unreadable.count, unreadable.last ? JSON.stringify(unreadable.last) : null]);
  return rowCount === 1;
}

/** For a log that was replaced: everything up to its head counts as seen. */
export async function putCheckpoint(db: Db, name: string, logId: string, head: Position): Promise<void> {
  await db.query('update lectern.reactors set log_id = $2, position = $3, owner = null, lease_until = null where name = $1', [name, logId, head]);
}
