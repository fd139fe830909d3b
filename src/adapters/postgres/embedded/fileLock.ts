import { chownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Held until released, or until the process ends in whatever way. */
export type FileLock = { release(): void };

/**
 * Locks that the kernel gives back when their process dies, kill -9 included: no stale lock, no pid that belongs to somebody
 * else by now. Node has no flock; its built-in SQLite has file locks on every platform, so a lock is a transaction on an
 * empty database that nothing is ever written to. Never open these files in any other way: closing them would drop POSIX locks.
 */
export function tryLock(file: string, mode: 'shared' | 'exclusive'): FileLock | undefined {
  const database = new DatabaseSync(file);
  try {
    leaveToFolderOwner(file);
    database.exec('pragma busy_timeout = 0');
    database.exec(mode === 'exclusive' ? 'begin exclusive' : 'begin; select count(*) from sqlite_schema');
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Waits its turn. @throws Error after `timeoutMs`. */
export async function lock(file: string, mode: 'shared' | 'exclusive', timeoutMs: number): Promise<FileLock> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    const held = tryLock(file, mode);
    if (held) return held;
    if (Date.now() > deadline) throw new Error(`Another process has held ${file} for ${timeoutMs / 1_000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A file that root makes in an ordinary user's folder must not lock that user out later. */
export function leaveToFolderOwner(file: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(file));
  chownSync(file, uid, gid);
}

const SQLITE_BUSY = 5;
function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;
}
