import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../../src/adapters/postgres/embedded/freePort.ts';
import type { ConnectOptions, BoardClient, RunningServer } from '../contestant.ts';
import { startPinned } from '../serverProcess.ts';

export const peersFolder = path.resolve(import.meta.dirname, '../../peers');

/** The peers at the versions of bench/peers/package-lock.json, installed if they are not there yet. */
export function installPeers(): void {
  if (!existsSync(path.join(peersFolder, 'node_modules'))) execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peersFolder, stdio: 'inherit' });
}

/** A module of a peer; its types are not there when the project is checked. */
export const importPeer = async <Module>(file: string): Promise<Module> => (await import(path.join(peersFolder, 'node_modules', file))) as Module;

/** Starts bench/peers/<script> with a port and its data. */
export async function startPeer(script: string, data: string, connect: (port: number, options: ConnectOptions) => Promise<BoardClient>): Promise<RunningServer> {
  const port = await freePort();
  const { child, pid, ended } = await startPinned(['--no-warnings', path.resolve(peersFolder, script), String(port), data], { cwd: peersFolder, ready: (line) => (/^(ready|running at)/.test(line) ? true : undefined) });
  const end = (signal: NodeJS.Signals) => async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  const terminate = end('SIGTERM');
  const kill = end('SIGKILL');
  return {
    pid, kill,
    connect: (options) => connect(port, options),
    async stop() {
      const late = setTimeout(() => void kill(), 3_000); // one that would not end by itself
      await terminate();
      clearTimeout(late);
    },
  };
}
