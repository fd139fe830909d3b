import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';

/** This process among others. `isDead` is sure when it says yes: same host, and no such process any more. */
export type ProcessIdentity = { id: string; isDead(id: string): boolean };

/**
 * `<host>.<pid>.<start>.<random>`. Host: name, boot and pid namespace where the system tells (Linux), so that two containers
 * of one name are not taken for one host. Start: when the process began, so that a pid that was given away again is not mistaken.
 */
export function createProcessIdentity(): ProcessIdentity {
  const host = createHash('sha256').update([hostname(), tryRead('/proc/sys/kernel/random/boot_id'), tryLink('/proc/self/ns/pid')].join('|')).digest('hex').slice(0, 12);
  const start = startOf(process.pid) ?? `o${Math.round(performance.timeOrigin)}`;
  return {
    id: [host, process.pid, start, randomBytes(4).toString('hex')].join('.'),
    isDead(id) {
      const [theirHost, pidText, theirStart] = id.split('.');
      const pid = Number(pidText);
      if (theirHost !== host || !Number.isInteger(pid) || pid <= 0 || theirStart === undefined) return false;
      if (pid === process.pid) return theirStart !== start;
      try {
        process.kill(pid, 0); // signal 0 only asks whether it is there
      } catch (error) {
        return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
      }
      const now = startOf(pid);
      return now !== undefined && theirStart.startsWith('t') && now !== theirStart;
    },
  };
}

/** Field 22 of /proc/<pid>/stat (proc(5)): start time in clock ticks since boot. Undefined elsewhere than on Linux; 'dead' for a zombie. */
function startOf(pid: number): string | undefined {
  const stat = tryRead(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // from field 3 on: the name before may hold blanks
  if (fields.length < 20) return undefined;
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : `t${fields[19] ?? ''}`;
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function tryLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
