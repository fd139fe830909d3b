import pg from 'pg';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startThrowAwayPostgres } from './throwAwayPostgres.ts';

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

/** One PostgreSQL for the whole run, and in it a migrated database that createTestDatabase() copies. */
export default async function globalSetup(): Promise<void> {
  const server = await startThrowAwayPostgres();
  globalThis.stopTestPostgres = server.stop;
  process.env.LECTERN_TEST_POSTGRES = server.url;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('create database lectern_template');
  const url = new URL(server.url);
  url.pathname = '/lectern_template';
  await migrate(url.href, { info: () => undefined, error: (message) => console.error(message) });
  await client.query('alter database lectern_template with is_template true allow_connections false');
  await client.end();
}
