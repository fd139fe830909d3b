import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { openEmbeddedPostgres } from '../src/adapters/postgres/embedded/openEmbeddedPostgres.ts';
import { migrate } from '../src/adapters/postgres/migrate.ts';

export type BenchServer = {
  /** A new, migrated database. */
  database(): Promise<string>;
  stop(): Promise<void>;
};

/** The very server that `npm start` runs, with its settings (fsync on), in a temporary folder on the disk that also holds ./data. tmpfs would flatter by 10 to 100 times. */
export async function startBenchServer(): Promise<BenchServer> {
  const folder = path.resolve(import.meta.dirname, '..', 'data', `bench-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  const server = await openEmbeddedPostgres({ dataDir: folder, log: { info: () => undefined } });
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  let count = 0;
  return {
    async database() {
      const name = `bench_${(count += 1)}`;
      await admin.query(`create database ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      await migrate(url.href, { info: () => undefined, error: (message) => console.error(message) });
      return url.href;
    },
    async stop() {
      await admin.end();
      await server.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
