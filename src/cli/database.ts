import path from 'node:path';
import { openEmbeddedPostgres } from '../adapters/postgres/embedded/openEmbeddedPostgres.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import type { Config } from '../config.ts';

export type Database = {
  url: string;
  /** True when it is the bundled server in the data folder. */
  embedded: boolean;
  /** Lets go of it; the embedded server stops when its last user has let go. */
  close(): Promise<void>;
};

type Log = { info(message: string): void; error(message: string): void };
const quiet: Log = { info: () => undefined, error: (message) => void process.stderr.write(`${message}\n`) };

/** The school's own PostgreSQL, or the embedded one (started if nobody has), migrated. */
export async function openDatabase(config: Config, log: Log = quiet): Promise<Database> {
  if (config.DATABASE_URL !== undefined) {
    await migrate(config.DATABASE_URL, log);
    return { url: config.DATABASE_URL, embedded: false, close: () => Promise.resolve() };
  }
  const server = await openEmbeddedPostgres({ dataDir: path.resolve(config.LECTERN_DATA_DIR), log });
  try {
    await migrate(server.url, log);
  } catch (error) {
    await server.release();
    throw error;
  }
  return { url: server.url, embedded: true, close: () => server.release() };
}
