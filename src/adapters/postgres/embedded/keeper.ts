import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/**
 * Cleans up after users that were killed. A keeper is a sleeping shell that reads a FIFO which every user of the server
 * holds open for writing: the kernel closes it for the dead, and when nobody has it open any more the keeper wakes, leaves a
 * restart two seconds to come, and runs stopWhenUnused.ts, which does nothing if the server is in use after all.
 * Users that leave in order stop the server themselves and send the keeper home.
 */
const script = `trap "" INT TERM HUP
[ -p "$1" ] || mkfifo -m 600 "$1" || exit 1
word=; read word < "$1"
[ "$word" = done ] && exit 0
sleep 2
exec "$2" "$3" "$4"`;

export type KeeperHold = {
  /** The server is stopped: the keeper may go. */
  dismiss(): void;
  /** Others still use the server. */
  letGo(): void;
};

/** Registers with the folder's keeper, starting one if there is none. Where there is no `sh` (Windows) nobody cleans up after kill -9 before the next start. */
export async function holdKeeper(dataDir: string): Promise<KeeperHold> {
  const fifo = join(dataDir, 'users');
  let fd = openForWriting(fifo);
  if (fd === undefined && process.platform !== 'win32') {
    const stopWhenUnused = fileURLToPath(new URL('./stopWhenUnused.ts', import.meta.url));
    const keeper = spawn('sh', ['-c', script, 'lectern-keeper', fifo, process.execPath, stopWhenUnused, dataDir], {
      detached: true, cwd: '/', stdio: 'ignore', env: { PATH: process.env.PATH },
    });
    keeper.on('error', () => undefined);
    keeper.unref();
    for (let wait = 0; fd === undefined && wait < 200; wait += 1) {
      await sleep(10);
      fd = openForWriting(fifo);
    }
  }
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  return {
    letGo: close,
    dismiss() {
      try {
        if (fd !== undefined) writeSync(fd, 'done\n');
      } catch {
        // The keeper is gone already (EPIPE).
      }
      close();
    },
  };
}

/** undefined: nobody reads it, or it is not there. Never blocks. */
function openForWriting(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}
