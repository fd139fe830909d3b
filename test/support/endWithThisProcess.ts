import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Ends a child (kill -9) as soon as this process is gone, however it went: the kernel closes the pipe on which a shell waits. A child in a
 * process group of its own hears no Ctrl-C, and no hook of a test runs after a kill -9; without this what they started would live on.
 * @param child whatever still runs then; nothing happens to a pid that another process has got since
 * @param options.group it leads a process group (`detached`), and all of that ends
 */
export function endWithThisProcess(child: ChildProcess, { group = false } = {}): void {
  if (child.pid === undefined) return;
  const target = group ? `-${child.pid}` : `${child.pid}`;
  const watcher = spawn('sh', ['-c', 'trap "" INT TERM HUP; read -r over || kill -KILL "$1"', 'watcher', target], { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  const { stdin } = watcher;
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  child.once('exit', () => stdin.end('over\n'));
}
