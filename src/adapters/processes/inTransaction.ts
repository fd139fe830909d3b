import type pg from 'pg';

/** Commits what `work` did; a checkpoint and its jobs are lost together if at all, so the commit need not wait for the disk. */
export async function inTransaction<T>(pool: pg.Pool, work: (db: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin; set local synchronous_commit = off');
    const answer = await work(client);
    await client.query('commit');
    return answer;
  } catch (error) {
    await client.query('rollback').catch((failed: unknown) => { broken = failed instanceof Error ? failed : new Error(String(failed)); });
    throw error;
  } finally {
    client.release(broken);
  }
}
