import type { Sql } from './readModel.ts';

/** What the engine needs of a `pg.Pool`. */
export type SqlPool = Sql & { connect(): Promise<Sql & { release(error?: Error | boolean): void }> };

/** Postgres is away or asks to come again: nothing is wrong with the events. */
export class TransientSqlError extends Error {
  override readonly name = 'TransientSqlError';
}

/**
 * Runs `work` in a transaction and commits, unless it answers `rollback`. Commits are asynchronous (synchronous_commit = off):
 * writes and checkpoint are lost together, if at all, and the log brings them back.
 * @throws TransientSqlError when the connection broke or Postgres refused for a reason of its own (then a commit may have
 *   happened: read the checkpoint again); what `work` threw otherwise.
 */
export async function inTransaction<T>(pool: SqlPool, work: (db: Sql, rollback: (answer: T) => Rollback<T>) => Promise<T | Rollback<T>>): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => { throw transient(error); });
  let broken: Error | undefined;
  try {
    await client.query('begin; set local synchronous_commit = off');
    const answer = await work(client, (value) => ({ [undo]: true, value }));
    if (isRollback(answer)) {
      await client.query('rollback');
      return answer.value;
    }
    await client.query('commit');
    return answer;
  } catch (error) {
    // A connection that can still roll back is sound: then the error is about what was asked, not about the way there.
    await client.query('rollback').catch((failed: unknown) => { broken = transient(failed); });
    if (broken) throw transient(error);
    throw isTransient(error) ? transient(error) : error;
  } finally {
    client.release(broken);
  }
}

const undo = Symbol('rollback');
type Rollback<T> = { [undo]: true; value: T };
const isRollback = <T>(answer: T | Rollback<T>): answer is Rollback<T> => typeof answer === 'object' && answer !== null && undo in answer;

const transient = (error: unknown): TransientSqlError =>
  error instanceof TransientSqlError ? error : new TransientSqlError(error instanceof Error ? error.message : String(error), { cause: error });

/**
 * SQLSTATE classes (PostgreSQL, appendix A): 08 connection, 40 rolled back (serialization, deadlock), 53 resources, 57
 * operator intervention, 58 system error, 55P03 lock not available, 25006 read-only (a failover).
 */
function isTransient(error: unknown): boolean {
  if (error instanceof TransientSqlError) return true;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && (/^(08|40|53|57|58)[0-9A-Z]{3}$/.test(code) || code === '55P03' || code === '25006');
}
