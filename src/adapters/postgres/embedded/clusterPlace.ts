import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import type { ServerUser } from './serverUser.ts';

/**
 * Where things go that the server's user must reach although it cannot pass the folders above the project: a clone under
 * /root (mode 0700), started by root. Opening /root to everybody is not ours to do.
 */
const outside = '/var/lib/lectern';

/**
 * The folder of the database cluster: `<dataDir>/cluster`, or, where the server's user could not get there, a folder
 * under /var/lib/lectern that this name links to.
 */
export async function clusterFolder(dataDir: string, user: ServerUser): Promise<string> {
  const link = join(dataDir, 'cluster');
  if (await lstat(link).then(() => true, () => false)) return realpath(link).catch(() => moveOut(link));
  if (!user || (await mayPass(await realpath(dataDir), user))) return join(await realpath(dataDir), 'cluster');
  return moveOut(link);
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
  const target = join(outside, `cluster-${randomBytes(6).toString('hex')}`);
  await mkdir(outside, { recursive: true, mode: 0o755 });
  await chmod(outside, 0o755);
  await rm(link, { force: true });
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
