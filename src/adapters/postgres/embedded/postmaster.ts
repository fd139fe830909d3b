import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a running server writes into its folder: postmaster.pid, lines 1, 4 and 8 (PostgreSQL's src/include/utils/pidfile.h). */
export type Postmaster = { pid: number; port: number; status: 'starting' | 'ready' | 'stopping' | 'unknown' };

const file = (folder: string) => join(folder, 'postmaster.pid');

/** The server that runs on this folder now; undefined when none does, also where a crash left the file behind. */
export async function findPostmaster(folder: string): Promise<Postmaster | undefined> {
  const lines = (await readFile(file(folder), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return undefined;
  if (!(await worksOn(pid, folder))) {
    // The pid was given to somebody else since. PostgreSQL itself would refuse to start as long as that process lives.
    await rm(file(folder), { force: true });
    return undefined;
  }
  const status = lines[7]?.trim();
  return { pid, port: Number(lines[3]), status: status === 'ready' || status === 'starting' || status === 'stopping' ? status : 'unknown' };
}

/** A fast shutdown: sessions are ended, everything is on disk. After `patienceMs` an immediate one: the next start recovers from the log. */
export async function stopPostmaster(folder: string, patienceMs = 20_000): Promise<void> {
  for (const [signal, ms] of [['SIGINT', patienceMs], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
    const running = await findPostmaster(folder);
    if (!running) return;
    kill(running.pid, signal);
    if (await within(ms, async () => !(await findPostmaster(folder)))) {
      // The file goes a moment before the process. Not for ever: a dead child that nobody reaps still counts as alive.
      await within(2_000, () => Promise.resolve(!isAlive(running.pid)));
      return;
    }
  }
}

async function within(ms: number, done: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline;) {
    if (await done()) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

/** A process that belongs to somebody else lives too (EPERM). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

function kill(pid: number, signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (isAlive(pid)) throw error;
  }
}

/** A server's working directory is its data folder, and its command line names it. */
async function worksOn(pid: number, folder: string): Promise<boolean> {
  const real = await realpath(folder);
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (cwd !== undefined) return cwd === real;
  const args = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(({ stdout }) => stdout, () => undefined);
  return args === undefined || args.includes(real);
}
