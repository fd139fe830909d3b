import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type Pg from 'pg';
import type { Contestant } from '../load.ts';
import { benchEvent } from './event.ts';

type EmmettStore = {
  appendToStream(stream: string, events: object[], options: { expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' }): Promise<unknown>;
  close(): Promise<void>;
  schema: { migrate(): Promise<unknown> };
};

const folder = import.meta.dirname + '/..';

/** The peer, installed from bench/package-lock.json if it is not there yet. */
export async function emmett(url: string): Promise<Contestant> {
  if (!existsSync(path.join(folder, 'node_modules'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  const { default: pg } = (await import(path.join(folder, 'node_modules/pg/lib/index.js'))) as { default: typeof Pg };
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => undefined);
  const peer = path.join(folder, 'node_modules/@event-driven-io/emmett-postgresql/dist/index.js');
  const { getPostgreSQLEventStore } = (await import(peer)) as { getPostgreSQLEventStore(url: string, options: object): EmmettStore };
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } });
  await store.schema.migrate();
  return {
    name: 'Emmett',
    async append(stream, nth) {
      const { type, data, metadata } = benchEvent();
      await store.appendToStream(stream, [{ type, data, metadata }], { expectedStreamVersion: nth === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(nth) });
    },
    async close() {
      await store.close();
      await pool.end();
    },
  };
}
