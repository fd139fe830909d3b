import { mkdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { findPostgresBinaries, majorVersion } from './binaries.ts';
import { clusterFolder, reachableBinaries } from './clusterPlace.ts';
import { leaveToFolderOwner, lock, tryLock } from './fileLock.ts';
import { initCluster, superuser } from './initCluster.ts';
import { holdKeeper } from './keeper.ts';
import { findPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts';
import { chooseServerUser, type ServerUser } from './serverUser.ts';
import { startPostmaster } from './startPostmaster.ts';

export type EmbeddedPostgres = {
  /** Of the database `lectern`, with its password: never log it. */
  url: string;
  /** This user is done; the last one stops the server, and waits until it has stopped. */
  release(): Promise<void>;
};

type Log = { info(message: string): void };

const files = (dataDir: string) => ({
  password: join(dataDir, 'password'),
  log: join(dataDir, 'server.log'),
  gate: join(dataDir, 'gate.lock'),
  inUse: join(dataDir, 'use.lock'),
});

/** A first start (initdb) of somebody else on a slow machine, or a recovery, is waited for. */
const gateMs = 120_000;
/** A server that does not answer is not taken for a living one before this long. */
const dyingMs = 5_000;

/**
 * The bundled PostgreSQL on a data folder: made if new, started if stopped, adopted if it runs already, whoever started it.
 * Any number of processes, and of calls in one process, may use one folder. Starts and stops go one at a time through the gate
 * (an exclusive file lock); every user holds a shared lock on the second file; who can have that one exclusively is the last.
 * Both locks die with their process, so a crashed user neither keeps the server alive nor takes it from another.
 * @throws Error that says what to do: another major version's folder, a folder of another user, no binaries for this platform.
 */
export async function openEmbeddedPostgres({ dataDir: folder, log }: { dataDir: string; log: Log }): Promise<EmbeddedPostgres> {
  const dataDir = resolve(folder);
  await mkdir(dataDir, { recursive: true });
  const paths = files(dataDir);
  const gate = await lock(paths.gate, 'exclusive', gateMs);
  try {
    const inUse = await lock(paths.inUse, 'shared', gateMs);
    try {
      const { password, port } = await ensureRunning(dataDir, log);
      const keeper = await holdKeeper(dataDir);
      let released: Promise<void> | undefined;
      const release = async () => {
        const closing = await lock(paths.gate, 'exclusive', gateMs);
        try {
          inUse.release();
          const last = tryLock(paths.inUse, 'exclusive');
          if (!last) return keeper.letGo();
          await stopPostmaster(await clusterFolder(dataDir, undefined));
          keeper.dismiss();
          last.release();
        } finally {
          closing.release();
        }
      };
      return { url: url(password, port, 'lectern'), release: () => (released ??= release()) };
    } catch (error) {
      inUse.release();
      throw error;
    }
  } finally {
    gate.release();
  }
}

/** For the keeper: stops the server if no process uses it. */
export async function stopIfUnused(dataDir: string): Promise<void> {
  const paths = files(dataDir);
  const gate = await lock(paths.gate, 'exclusive', gateMs);
  try {
    const last = tryLock(paths.inUse, 'exclusive');
    if (!last) return;
    await stopPostmaster(await clusterFolder(dataDir, undefined));
    last.release();
  } finally {
    gate.release();
  }
}

async function ensureRunning(dataDir: string, log: Log): Promise<{ password: string; port: number }> {
  const paths = files(dataDir);
  const found = await findPostgresBinaries();
  const chosen = await chooseServerUser();
  const cluster = await clusterFolder(dataDir, chosen);
  const user = (await ownerOf(cluster)) ?? chosen;
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').then((text) => text.trim(), () => undefined);
  if (version === undefined) {
    log.info(`making a new database in ${cluster}`);
    await initCluster(cluster, paths.password, await reachableBinaries(found, user), user);
    leaveToFolderOwner(paths.password);
  } else {
    refuseOtherMajor(version, await majorVersion(found), dataDir);
  }
  const password = (await readFile(paths.password, 'utf8')).trim();
  for (;;) {
    const running = version === undefined ? undefined : await settled(cluster);
    const { pid, port } = running ?? (await startPostmaster(cluster, paths.log, await reachableBinaries(found, user), user));
    try {
      await prepareDatabase(url(password, port, 'postgres'), cluster);
      return { password, port };
    } catch (error) {
      // One that was there already may have been killed a moment ago, and look ready until it is gone.
      if (!running || !(await isGone(cluster, pid))) throw error;
    }
  }
}

/** Whether that server is no longer there; the dying are given a moment. */
async function isGone(cluster: string, pid: number): Promise<boolean> {
  for (const deadline = Date.now() + dyingMs; ;) {
    if ((await findPostmaster(cluster))?.pid !== pid) return true;
    if (Date.now() > deadline) return false;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** As root, a folder's owner runs its server; otherwise only the owner may. */
async function ownerOf(cluster: string): Promise<ServerUser> {
  const owner = await stat(cluster).catch(() => undefined);
  const me = process.getuid?.();
  if (!owner || me === undefined || owner.uid === me) return undefined;
  if (me === 0) return { uid: owner.uid, gid: owner.gid };
  throw new Error(`The database in ${cluster} belongs to another user (uid ${owner.uid}): start Lectern as that user or as root, or give the folder away (chown -R ${me} ${cluster}).`);
}

function refuseOtherMajor(folderVersion: string, bundledVersion: string, dataDir: string): void {
  if (folderVersion === bundledVersion) return;
  throw new Error(
    `The database in ${dataDir} was made by PostgreSQL ${folderVersion}, and this Lectern brings PostgreSQL ${bundledVersion}. ` +
    `With the Lectern that made it run "lectern backup lectern.backup"; move ${dataDir} away; then, with this one, "lectern restore lectern.backup".`,
  );
}

/** A server that is starting or stopping is waited for, so that what remains is either ready or gone. */
async function settled(cluster: string): Promise<Postmaster | undefined> {
  for (const deadline = Date.now() + gateMs; ;) {
    const running = await findPostmaster(cluster);
    if (!running || running.status === 'ready') return running;
    if (Date.now() > deadline) throw new Error(`A PostgreSQL (pid ${running.pid}) has been "${running.status}" on ${cluster} for ${gateMs / 1_000} s.`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Asks the server whose it is, and makes the database `lectern` if it is missing. */
async function prepareDatabase(connectionString: string, cluster: string): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'lectern start', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows: [answer] } = await client.query<{ folder: string; there: boolean }>(
      `select current_setting('data_directory') as folder, exists (select from pg_database where datname = 'lectern') as there`);
    if (answer?.folder !== cluster) throw new Error(`The server that answers for ${cluster} works on ${answer?.folder ?? 'another folder'}.`);
    if (!answer.there) await client.query('create database lectern');
  } finally {
    await client.end();
  }
}

function url(password: string, port: number, database: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
}
