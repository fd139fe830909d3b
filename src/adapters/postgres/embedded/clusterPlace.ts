import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import type { ServerUser } from './serverUser.ts';

/**
 * Where things go that the server's user must reach although it cannot pass the folders above the project: a clone under
 * /root (mode 0700), started by root. Opening /root to everybody is not ours to do.
 */
const outside = '/var/lib/lectern';

/**
 * The folder of the database cluster: `<dataDir>/cluster`. The data folder itself is ours, so a private one of root's is opened
 * for passing through (not for listing). Where the folders above it are closed, the cluster is a folder under /var/lib/lectern that this name links to.
 * @throws Error when that folder is gone: a lost database must not look like a new one.
 */
export async function clusterFolder(dataDir: string, user: ServerUser): Promise<string> {
  const link = join(dataDir, 'cluster');
  if (await lstat(link).then(() => true, () => false)) return realpath(link).catch(() => unfinishedOrLost(link));
  const real = await realpath(dataDir);
  if (!user) return join(real, 'cluster');
  if (!(await mayPass(dirname(real), user))) return moveOut(link);
  if (!(await mayPass(real, user))) await chmod(real, (await stat(real)).mode | 0o001);
  return join(real, 'cluster');
}

/** A first start that was killed leaves the folder around the cluster; when that is gone too, a database was lost. */
async function unfinishedOrLost(link: string): Promise<string> {
  const target = await readlink(link);
  if (await stat(dirname(target)).then(() => true, () => false)) return target;
  throw new Error(
    `The database of this data folder was in ${target}, and that folder is gone. Bring it back; or, to begin anew, ` +
    `remove ${link} and then restore a backup with "lectern restore <file>".`,
  );
}

/** The binaries where the server's user can run them: where npm put them, else a copy. */
export async function reachableBinaries(binaries: PostgresBinaries, user: ServerUser): Promise<PostgresBinaries> {
  const root = dirname(dirname(binaries.postgres));
  if (!user || (await mayPass(await realpath(dirname(binaries.postgres)), user))) return binaries;
  const { name, version } = JSON.parse(await readFile(join(dirname(root), 'package.json'), 'utf8')) as { name: string; version: string };
  const copy = join(outside, `${name.replace(/^.*\//, 'postgresql-')}-${version}`);
  if (!(await stat(copy).then(() => true, () => false))) {
    const unfinished = `${copy}.${randomBytes(4).toString('hex')}`;
    await mkdir(outside, { recursive: true, mode: 0o755 });
    await cp(root, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

async function moveOut(link: string): Promise<string> {
  const around = join(outside, `data-${randomBytes(6).toString('hex')}`);
  await mkdir(around, { recursive: true, mode: 0o755 });
  // Not the umask's business: the server's user must come through.
  await chmod(outside, 0o755);
  await chmod(around, 0o755);
  const target = join(around, 'cluster');
  await symlink(target, link);
  return target;
}

/** Whether `user` may enter `folder` and every folder above it. */
async function mayPass(folder: string, user: NonNullable<ServerUser>): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === parse(at).root) return true;
  }
}
