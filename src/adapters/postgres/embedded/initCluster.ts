import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import type { ServerUser } from './serverUser.ts';

export const superuser = 'lectern';

/**
 * Makes a database cluster in `folder`: UTF-8, the built-in C.UTF-8 locale (the same order on every machine, whatever
 * locales it has), page checksums, password by SCRAM. The password is random and stays in `passwordFile` (0600).
 * All is made beside `folder` and moved there at the end, so a start that was killed half-way leaves no half cluster.
 * @param options.sync false only for throw-away clusters of tests.
 */
export async function initCluster(
  folder: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  user: ServerUser,
  options: { sync?: boolean } = {},
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  const password = randomBytes(24).toString('base64url');
  const handedOver = join(dirname(folder), `.${randomBytes(6).toString('hex')}.pw`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await chmod(unfinished, 0o700);
  try {
    await writeFile(handedOver, `${password}\n`, { mode: 0o600 });
    if (user) await Promise.all([chown(unfinished, user.uid, user.gid), chown(handedOver, user.uid, user.gid)]);
    await runInitdb(binaries, user, [
      `--pgdata=${unfinished}`, `--username=${superuser}`, `--pwfile=${handedOver}`, '--auth=scram-sha-256',
      '--encoding=UTF8', '--locale-provider=builtin', '--locale=C', '--builtin-locale=C.UTF-8', '--data-checksums',
      // The password has 192 random bits: rounds that slow down guessing protect nothing here, and cost each connection milliseconds on both sides.
      '--set=scram_iterations=1',
      // A new segment of the journal is a file of zeros first: 16 MB at once hold up every commit behind it for 50 ms and more.
      '--wal-segsize=1', '--no-instructions', ...(options.sync === false ? ['--no-sync'] : []),
    ]);
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    await rename(unfinished, folder);
  } finally {
    await rm(handedOver, { force: true });
  }
}

async function runInitdb(binaries: PostgresBinaries, user: ServerUser, args: readonly string[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(binaries.initdb, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], env: serverEnvironment() });
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => { complaint += chunk.toString('utf8'); });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`initdb failed (${code}): ${complaint.trim().slice(-2_000)}`))));
  });
}

/** Neither PG* settings of whoever starts us, nor secrets of Lectern's own environment, reach the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TMPDIR } = process.env;
  return { LC_ALL: 'C', TZ: 'UTC', ...(PATH && { PATH }), ...(SystemRoot && { SystemRoot }), ...(TMPDIR && { TMPDIR }) };
}
