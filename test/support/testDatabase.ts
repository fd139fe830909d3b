import { randomBytes } from 'node:crypto';
import pg from 'pg';

export type TestDatabase = { url: string; pool: pg.Pool; drop(): Promise<void> };

/** A fresh, migrated database in the run's PostgreSQL (globalSetup.ts). Call `drop()` in afterAll: it closes the pool and everybody else's connections. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env.LECTERN_TEST_POSTGRES;
  if (!server) throw new Error('LECTERN_TEST_POSTGRES is not set: run the tests through "npm test".');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await inServer(server, `create database ${name} template lectern_template`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 10 });
  pool.on('error', () => undefined);
  // drop() ends the server's side of connections that may still be closing on ours.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    url: url.href,
    pool,
    async drop() {
      await pool.end();
      await inServer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function inServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
