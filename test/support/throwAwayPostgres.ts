import { spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdtemp, readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgresBinaries } from '../../src/adapters/postgres/embedded/binaries.ts';
import { freePort } from '../../src/adapters/postgres/embedded/freePort.ts';
import { initCluster, serverEnvironment, superuser } from '../../src/adapters/postgres/embedded/initCluster.ts';
import { chooseServerUser } from '../../src/adapters/postgres/embedded/serverUser.ts';
import { eventually } from './eventually.ts';

/**
 * Is told the pid of every server started, waits for the end of its standard input (the kernel closes that pipe when the test run ends, even by kill -9), then stops
 * the server and removes the folder. In a process group of its own, so that Ctrl-C does not end it before its work is done.
 */
const keeper = 'trap "" INT TERM HUP; pid=; while read line; do pid=$line; done; [ "$pid" ] && kill -QUIT "$pid" 2>/dev/null; while [ "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; done; rm -rf "$1"';

export type ThrowAwayPostgres = {
  url: string;
  /** kill -9, then a start on the same folder and port; resolves when it takes connections. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Where Linux keeps files in memory; there, a database is made in a fifth of the time. Only where it has room: containers may have next to none. */
const memory = '/dev/shm';
const enough = 2 * 1024 ** 3;

async function quickFolder(): Promise<string> {
  const { bavail, bsize } = await statfs(memory).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= enough ? memory : tmpdir();
}

/**
 * A PostgreSQL in a temporary folder, on a free port, gone when this process is gone. Not durable unless asked for, and then on disk: the
 * ordinary tests are about behaviour, and faster so.
 */
export async function startThrowAwayPostgres({ durable = false } = {}): Promise<ThrowAwayPostgres> {
  const base = durable ? tmpdir() : await quickFolder();
  const [binaries, user, folder] = await Promise.all([findPostgresBinaries(), chooseServerUser(), mkdtemp(join(base, 'lectern-test-'))]);
  const watcher = spawn('sh', ['-c', keeper, 'keeper', folder], { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  if (user) await chown(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  await initCluster(data, join(folder, 'password'), binaries, user, { sync: false });
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  const port = await freePort();
  const settings = {
    port, listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: 200, shared_buffers: '64MB', max_wal_size: '256MB', log_min_messages: 'fatal',
    ...(!durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const url = `postgres://${superuser}:${password}@127.0.0.1:${port}/postgres`;

  const start = async (): Promise<ChildProcess> => {
    const server = spawn(binaries.postgres, ['-D', data, ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])], {
      ...user, cwd: '/', detached: true, stdio: 'ignore', env: serverEnvironment(),
    });
    watcher.stdin.write(`${server.pid}\n`);
    server.unref();
    await eventually(async () => {
      if (server.exitCode !== null) throw new Ended(`PostgreSQL for the tests ended with ${server.exitCode}.`);
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      await client.end();
      return true;
    }, { timeoutMs: 30_000, isFinal: (error) => error instanceof Ended });
    return server;
  };
  let server = await start();

  return {
    url,
    async restart() {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.ref();
      server.kill('SIGKILL');
      await gone;
      // Until the dead server's children have noticed, a new one refuses to start.
      server = await eventually(start, { timeoutMs: 30_000, everyMs: 50 });
    },
    async stop() {
      const gone = new Promise<void>((resolve) => watcher.once('exit', () => resolve()));
      watcher.ref();
      watcher.stdin.end();
      await gone;
    },
  };
}

class Ended extends Error {}
