import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

export const serverCore = 0;
export const driverCore = 1;

/** Two cores and util-linux' taskset: then server and driver get one each, and neither takes from the other. */
export const canPin = (() => {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false;
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Puts this process (all its threads, and what it starts from now on without a core of its own) on the driver's core. */
export function pinDriver(): void {
  if (canPin) execFileSync('taskset', ['-a', '-p', '-c', String(driverCore), String(process.pid)], { stdio: 'ignore' });
}

/**
 * Starts Node with these arguments on the server's core; whatever it starts (a database) is there too.
 * @param ready tells from a line of its output that it is, and what it said
 */
export async function startPinned<Ready>(args: readonly string[], options: { environment?: Record<string, string>; cwd?: string; ready(line: string): Ready | undefined; withinMs?: number }): Promise<{ child: ChildProcess; pid: number; ready: Ready; ended: Promise<unknown> }> {
  const [command, all] = canPin ? ['taskset', ['-c', String(serverCore), process.execPath, ...args]] as const : [process.execPath, args] as const;
  const child = spawn(command, all, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...(options.cwd === undefined ? {} : { cwd: options.cwd }), env: options.environment ?? process.env });
  // A driver that ends by an error must not leave servers behind.
  const end = () => void child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  const said: string[] = [];
  const keep = (line: string) => void (said.push(line) > 200 && said.shift());
  createInterface({ input: child.stderr }).on('line', keep);
  const ended = once(child, 'exit');
  const ready = await new Promise<Ready>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready in time:\n${said.join('\n')}`)), options.withinMs ?? 60_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      const is = options.ready(line);
      if (is === undefined) return;
      clearTimeout(late);
      resolve(is);
    });
    void ended.then(() => {
      clearTimeout(late);
      reject(new Error(`ended before it was ready:\n${said.join('\n')}`));
    });
  });
  if (child.pid === undefined) throw new Error('it has no process id');
  return { child, pid: child.pid, ready, ended };
}

/** Resident memory in MB. Source: proc_pid_status(5), in kB. NaN where there is no /proc. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1_024;
  } catch {
    return NaN;
  }
}

/** Processor time of the process so far, in ms. Source: proc_pid_stat(5): fields 14 and 15, in ticks of 10 ms. */
export function processorMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return NaN;
  }
}
