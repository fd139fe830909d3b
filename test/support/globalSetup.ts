import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startThrowAwayPostgres } from './throwAwayPostgres.ts';

declare global {
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Every node process that a test starts takes what node made of the sources (types stripped, compiled) from a folder, by the content of
 * each file: a start costs less than half of the processor's time. It is written at a process's orderly end, which a server that a test
 * kills never has: so the first run of a checkout fills it.
 */
async function keepCompiledSources(): Promise<void> {
  const folder = (process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/compiled-sources`);
  if (!existsSync(folder)) await promisify(execFile)(process.execPath, [`${root}src/cli/lectern.js`, '--help']);
}

/** One PostgreSQL for the whole run, and in it a migrated database that createTestDatabase() copies. */
export default async function globalSetup(): Promise<void> {
  const [server] = await Promise.all([startThrowAwayPostgres(), keepCompiledSources()]);
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
