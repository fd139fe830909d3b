import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { advisoryLocks } from './advisoryLocks.ts';

const folder = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Brings the database's `lectern` schema to what this code needs: runs, in order, the numbered SQL files of ./migrations
 * that have not run yet, each in a transaction. Any number of processes may call it at once: one does the work, the others wait.
 * The lock belongs to a transaction, not to a session, so a pooler in between does no harm.
 * @param databaseUrl of a role that may create the schema.
 * @throws with words for people where a migration does not get a table within the time it may wait for it.
 */
export async function migrate(databaseUrl: string, log: { info(message: string): void; error(message: string): void }): Promise<void> {
  const guard = new pg.Client({ connectionString: databaseUrl, application_name: 'lectern migrate' });
  guard.on('error', (error) => log.error(`migration guard: ${error.message}`));
  await guard.connect();
  try {
    if (await isUpToDate(guard)) return;
    const { runner } = await import('node-pg-migrate'); // only a new database or a new release needs it, and a server would keep it for good
    await guard.query('begin');
    await guard.query('select pg_advisory_xact_lock($1)', [advisoryLocks.migrate]);
    const failures: string[] = [];
    await runner({
      databaseUrl,
      dir: folder,
      direction: 'up',
      migrationsTable: 'migrations',
      migrationsSchema: 'lectern',
      createMigrationsSchema: true,
      noLock: true,
      logger: { debug: () => undefined, info: (message) => log.info(message), warn: (message) => log.info(message), error: (message) => void failures.push(message) },
    }).catch((error: unknown) => {
      if (isLockTimeout(error)) throw new Error(inUse, { cause: error });
      for (const failure of failures) log.error(failure); // whole migrations, with the place that failed
      throw error;
    });
    await guard.query('commit');
  } finally {
    await guard.end();
  }
}

const inUse = 'The database cannot be brought up to this release: something else is using the log, perhaps a backup. Nothing is lost, and servers of the release before go on. Start again when that is over.';

function isLockTimeout(error: unknown): boolean {
  return (error as { code?: string } | undefined)?.code === '55P03';
}

async function isUpToDate(client: pg.Client): Promise<boolean> {
  const { rows: [exists] } = await client.query<{ there: boolean }>(`select to_regclass('lectern.migrations') is not null as there`);
  if (!exists?.there) return false;
  const { rows } = await client.query<{ name: string }>('select name from lectern.migrations');
  const ran = new Set(rows.map((row) => row.name));
  const known = (await readdir(folder)).filter((file) => file.endsWith('.sql')).map((file) => basename(file, '.sql'));
  return known.every((name) => ran.has(name));
}
