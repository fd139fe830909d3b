import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Whom PostgreSQL runs as; undefined: whoever runs Node. */
export type ServerUser = { uid: number; gid: number } | undefined;

const run = promisify(execFile);

/**
 * PostgreSQL refuses to run as root (postgresql.org, "Creating a Database Cluster"), and initdb needs the user to have an
 * entry in the password file. As root we therefore take, in this order: the user `postgres` where there is one, a
 * system user `postgres` made with whatever this machine has for it, and at last `nobody`, which every Unix has.
 */
export async function chooseServerUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp('postgres')) ?? (await createUser()) ?? (await lookUp('nobody')) ?? fail();
}

async function lookUp(name: string): Promise<ServerUser> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const entry = passwd.split('\n').find((line) => line.startsWith(`${name}:`))?.split(':');
  if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) };
  // Users of a directory service (and of macOS) are in no file.
  const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name]).then(({ stdout }) => Number(stdout), () => undefined)));
  return ids[0] !== undefined && ids[1] !== undefined ? { uid: ids[0], gid: ids[1] } : undefined;
}

async function createUser(): Promise<ServerUser> {
  const shadow = () => run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  const busybox = () => run('adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', 'postgres']);
  await shadow().catch(busybox).catch(() => undefined);
  return lookUp('postgres');
}

function fail(): never {
  throw new Error('PostgreSQL does not run as root, and neither a user "postgres" nor "nobody" could be found or made. Create one (useradd --system postgres), or start Lectern as an ordinary user.');
}
