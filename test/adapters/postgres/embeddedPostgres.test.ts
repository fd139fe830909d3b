import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/openEmbeddedPostgres.ts';
import { findPostmaster, isAlive } from '../../../src/adapters/postgres/embedded/postmaster.ts';
import { eventually } from '../../support/eventually.ts';

const log = { info: () => undefined };
let dataDir: string;
let cluster: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lectern-embedded-'));
  cluster = join(dataDir, 'cluster');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await eventually(async () => !(await running()), { timeoutMs: 20_000 });
  await rm(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

const running = () => findPostmaster(cluster).catch(() => undefined);
const runningPid = async () => (await running())?.pid ?? 0;

async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // What breaks the connection is told by the query; without a listener it would end the process besides.
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(statement).finally(() => client.end());
  return rows;
}

/** Another process that uses the same folder. */
async function startUser(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./usePostgres.ts', import.meta.url)), dataDir], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  children.push(child);
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, url: chunk.toString().trim() };
}

test('a new folder becomes a durable UTF-8 database with checksums, on loopback only, behind a password of its own', async () => {
  const server = await openEmbeddedPostgres({ dataDir, log });
  const names = ['server_encoding', 'data_checksums', 'fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'unix_socket_directories'];
  const [row] = await ask(server.url, `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}, current_database() as database`);
  expect(row).toEqual({ server_encoding: 'UTF8', data_checksums: 'on', fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', listen_addresses: '127.0.0.1', unix_socket_directories: '', database: 'lectern' });
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
  const stranger = new URL(server.url);
  stranger.password = 'guess';
  await expect(ask(stranger.href, 'select 1')).rejects.toThrow(/password/);
  await server.release();
  expect(await running()).toBeUndefined();
});

test('a second start keeps the data', async () => {
  const first = await openEmbeddedPostgres({ dataDir, log });
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.release();
  const second = await openEmbeddedPostgres({ dataDir, log });
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await second.release();
});

test('several open one new folder at once: one server, and the last one stops it', async () => {
  const servers = await Promise.all([openEmbeddedPostgres({ dataDir, log }), openEmbeddedPostgres({ dataDir, log }), startUser()]);
  const pid = await runningPid();
  await servers[0].release();
  await servers[0].release();
  await servers[1].release();
  expect(await ask(servers[2].url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await runningPid()).toBe(pid);
  servers[2].child.kill('SIGTERM');
  await once(servers[2].child, 'exit');
  expect(isAlive(pid)).toBe(false);
});

test('kill -9 of its user: a restart takes over the server that still runs, and its end is the server’s end', async () => {
  const { child } = await startUser();
  const pid = await runningPid();
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await openEmbeddedPostgres({ dataDir, log });
  expect(await runningPid()).toBe(pid);
  expect(await ask(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await next.release();
  expect(isAlive(pid)).toBe(false);
});

test('kill -9 of its only user and no restart: the server ends by itself', async () => {
  const { child } = await startUser();
  const pid = await runningPid();
  child.kill('SIGKILL');
  await eventually(() => !isAlive(pid), { timeoutMs: 20_000 });
});

test('kill -9 of one user does not take the server from another, and the other stops it', async () => {
  const { child } = await startUser();
  const server = await openEmbeddedPostgres({ dataDir, log });
  const pid = await runningPid();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.release();
  expect(isAlive(pid)).toBe(false);
});

test('kill -9 of the server: the next start recovers what was committed', async () => {
  const first = await openEmbeddedPostgres({ dataDir, log });
  await ask(first.url, 'create table kept as select 42 as answer');
  process.kill(await runningPid(), 'SIGKILL');
  const second = await openEmbeddedPostgres({ dataDir, log });
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await first.release();
  await second.release();
});

test('kill -9 of the server while the next start asks it who it is: that start begins another', async () => {
  const first = await openEmbeddedPostgres({ dataDir, log });
  await ask(first.url, 'create table kept as select 42 as answer');
  const pid = await runningPid();
  process.kill(pid, 'SIGSTOP'); // it looks ready, and the kernel takes connections for it
  const opening = openEmbeddedPostgres({ dataDir, log });
  opening.catch(() => undefined);
  await eventually(() => isAsked(Number(new URL(first.url).port)), { timeoutMs: 20_000 });
  process.kill(pid, 'SIGKILL');
  const second = await opening;
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  expect(await runningPid()).not.toBe(pid);
  await first.release();
  await second.release();
});

/** Whether somebody has connected to this port of 127.0.0.1; where there is no /proc, nobody knows. */
async function isAsked(port: number): Promise<boolean> {
  const sockets = await readFile('/proc/net/tcp', 'utf8').catch(() => undefined);
  const established = new RegExp(`^ *\\d+: \\S+ 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 01 `, 'm');
  return sockets === undefined || established.test(sockets);
}

test('a postmaster.pid whose pid now belongs to another process is seen through', async () => {
  const first = await openEmbeddedPostgres({ dataDir, log });
  const pidFile = await readFile(join(cluster, 'postmaster.pid'), 'utf8');
  await first.release();
  await writeFile(join(cluster, 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
  const second = await openEmbeddedPostgres({ dataDir, log });
  expect(await ask(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.release();
});

test('Ctrl-C in the terminal reaches the user’s process group, not the database', async () => {
  const { child } = await startUser();
  const other = await openEmbeddedPostgres({ dataDir, log });
  process.kill(-child.pid!, 'SIGINT');
  await once(child, 'exit');
  expect(await ask(other.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await other.release();
});

test('a folder of an older PostgreSQL is refused with the command that upgrades it', async () => {
  const server = await openEmbeddedPostgres({ dataDir, log });
  await server.release();
  await writeFile(join(cluster, 'PG_VERSION'), '17\n');
  await expect(openEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/PostgreSQL 17.*lectern backup.*lectern restore/);
  await writeFile(join(cluster, 'PG_VERSION'), '18\n');
});

test('a database that was moved out of the data folder and is gone is a loud error, never a new empty database', async () => {
  await symlink(join(dataDir, 'elsewhere', 'cluster'), cluster);
  await expect(openEmbeddedPostgres({ dataDir, log })).rejects.toThrow(/folder is gone.*lectern restore/);
  expect(await readlink(cluster)).toBe(join(dataDir, 'elsewhere', 'cluster'));
  // A first start that was killed had made the folder around it already: that one may go on.
  await chmod(dataDir, 0o711);
  await mkdir(join(dataDir, 'elsewhere'));
  const server = await openEmbeddedPostgres({ dataDir, log });
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.release();
});

test('a private data folder keeps its database to itself, also when root starts it', async () => {
  await chmod(dataDir, 0o700);
  const server = await openEmbeddedPostgres({ dataDir, log });
  expect((await lstat(cluster)).isDirectory()).toBe(true);
  // Others may pass at most, never list.
  expect((await stat(dataDir)).mode & 0o066).toBe(0);
  await server.release();
});

test('a first start that was killed half-way leaves nothing that the next one trips over', async () => {
  await writeFile(join(dataDir, 'cluster.unfinished'), 'half');
  const server = await openEmbeddedPostgres({ dataDir, log });
  expect(await ask(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.release();
});
