import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandFailed } from '../output.ts';

export type ThrowAwayServer = { url: string; environment: NodeJS.ProcessEnv; stop(): Promise<void> };

/** A server of its own in a temporary data folder, as `npm start` would run it; gone without a trace afterwards. */
export async function startThrowAwayServer(): Promise<ThrowAwayServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lectern-demo-'));
  const environment: NodeJS.ProcessEnv = { ...process.env, LECTERN_DATA_DIR: folder, LECTERN_HOST: '127.0.0.1', LECTERN_PORT: '0', LECTERN_LOG_LEVEL: 'warn' };
  for (const name of ['DATABASE_URL', 'EVENTSTORE_URL', 'LECTERN_PUBLIC_URL', 'LECTERN_ROLES', 'ZOOM_ACCOUNT_ID', 'ZOOM_CLIENT_ID', 'ZOOM_CLIENT_SECRET', 'ZOOM_WEBHOOK_SECRET_TOKEN']) delete environment[name];
  const child = spawn(process.execPath, [fileURLToPath(new URL('../lectern.js', import.meta.url)), 'start', '--json'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new CommandFailed(`The server ended before it was ready (${code}).`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = readyIn(line);
        if (ready) resolve(ready);
      });
    });
    return { url, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const readyIn = (line: string): string | undefined => {
  try {
    const { ready } = JSON.parse(line) as { ready?: { url?: unknown } };
    return typeof ready?.url === 'string' ? ready.url : undefined;
  } catch {
    return undefined; // another line
  }
};
