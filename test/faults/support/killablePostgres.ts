import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgresBinaries } from '../../../src/adapters/postgres/embedded/binaries.ts';
import { freePort } from '../../../src/adapters/postgres/embedded/freePort.ts';
import { initCluster, serverEnvironment, superuser } from '../../../src/adapters/postgres/embedded/initCluster.ts';
import { chooseServerUser } from '../../../src/adapters/postgres/embedded/serverUser.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { endWithThisProcess } from '../../support/endWithThisProcess.ts';
import { eventually } from '../../support/eventually.ts';

export type KillablePostgres = {
  url: string;
  /** As the power going: no shutdown, nothing flushed that was not. */
  kill(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
};

/** A migrated PostgreSQL of its own, to be killed and started again on the same port and data. Commits are written at once, as in production. */
export async function createKillablePostgres(): Promise<KillablePostgres> {
  const [binaries, user, folder, port] = await Promise.all([findPostgresBinaries(), chooseServerUser(), mkdtemp(join(tmpdir(), 'lectern-fault-')), freePort()]);
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await initCluster(data, join(folder, 'password'), binaries, user, { sync: false });
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_connections: 100, log_min_messages: 'fatal' };
  let server: ChildProcess | undefined;

  const answers = async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    await client.connect();
    await client.end();
    return true;
  };
  const postgres: KillablePostgres = {
    url,
    async kill() {
      const victim = server;
      server = undefined;
      if (!victim || victim.exitCode !== null) return;
      victim.kill('SIGKILL');
      await once(victim, 'exit');
    },
    async start() {
      await eventually(async () => {
        // Right after a kill its children still hold the shared memory: then a new one ends at once, and is tried again.
        if (server === undefined || server.exitCode !== null) {
          server = spawn(binaries.postgres, ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])], { ...user, cwd: '/', stdio: 'ignore', env: serverEnvironment() });
          endWithThisProcess(server);
        }
        return await answers();
      }, { timeoutMs: 30_000, everyMs: 100 });
    },
    async remove() {
      await postgres.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
  await postgres.start();
  await migrate(url, { info: () => undefined, error: () => undefined });
  return postgres;
}
