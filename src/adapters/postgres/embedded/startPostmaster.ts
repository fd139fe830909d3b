import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { PostgresBinaries } from './binaries.ts';
import { leaveToFolderOwner } from './fileLock.ts';
import { freePort } from './freePort.ts';
import { serverEnvironment } from './initCluster.ts';
import { findPostmaster, type Postmaster } from './postmaster.ts';
import type { ServerUser } from './serverUser.ts';

/** Recovery after a crash may take long on a slow disk; a server that says nothing at all for this long is given up. */
const patienceMs = 120_000;
const keptLogBytes = 5_000_000;

/** Durable as PostgreSQL ships it; only sizes are chosen, for a small server. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: 100,
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  wal_buffers: '4MB', // a batch of the log; left alone it is one segment at most
  min_wal_size: '160MB',
  log_min_messages: 'warning',
  // A power cut costs a slower start, not data: fsync and synchronous_commit stay on.
  checkpoint_timeout: '10min',
};

/**
 * Starts the server on `folder`, in a session of its own: Ctrl-C in the terminal reaches Lectern, which then drains, and not
 * the database under it. Waits until it takes connections.
 */
export async function startPostmaster(folder: string, logFile: string, binaries: PostgresBinaries, user: ServerUser): Promise<Postmaster> {
  let complaint = '';
  // Twice is for a port that was taken meanwhile; more for a killed server's children, which need a moment to notice.
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const outcome = await startOnce(folder, logFile, binaries, user);
    if (typeof outcome !== 'string') return outcome;
    complaint = outcome;
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
  }
  throw new Error(`The bundled PostgreSQL does not start on ${folder}. It says:\n${complaint}`);
}

async function startOnce(folder: string, logFile: string, binaries: PostgresBinaries, user: ServerUser): Promise<Postmaster | string> {
  const loggedBefore = await stat(logFile).then(({ size }) => size, () => 0);
  const log = openSync(logFile, loggedBefore > keptLogBytes ? 'w' : 'a', 0o600);
  leaveToFolderOwner(logFile);
  const args = Object.entries({ ...settings, port: await freePort() }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(binaries.postgres, ['-D', folder, ...args], {
    ...user, cwd: '/', detached: true, stdio: ['ignore', log, log], env: serverEnvironment(),
  });
  closeSync(log);
  let failed: Error | undefined;
  server.on('error', (error) => { failed = error; });
  server.unref();
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    if (failed) throw failed;
    if (server.exitCode !== null || server.signalCode !== null) {
      const all = await readFile(logFile, 'utf8');
      return all.slice(loggedBefore > keptLogBytes ? 0 : loggedBefore).trim().slice(-2_000);
    }
    const running = await findPostmaster(folder);
    if (running?.status === 'ready' && running.pid === server.pid) return running;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  server.kill('SIGQUIT');
  return `not ready after ${patienceMs / 1_000} s; see ${logFile}`;
}
