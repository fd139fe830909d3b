import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { role } from '../../src/domain/kernel/fields.ts';
import { createTokenIssuer } from '../../src/http/auth/tokens.ts';
import { endWithThisProcess } from './endWithThisProcess.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm start` gives to node: its flags, the program, its command. */
const startArguments = async (): Promise<string[]> => {
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').slice(1);
};

/** What `lectern start --json` prints once it is ready. */
export type Ready = {
  url: string;
  docs: string;
  health: string;
  dataDir: string;
  vendors: Record<string, { mode: 'sandbox' | 'real'; url?: string }>;
  tokens: Record<'admin' | 'manager' | 'teacher' | 'student' | 'auditor', string>;
};

export type LecternProcess = {
  ready: Ready;
  child: ChildProcess;
  /** Everything it wrote so far. */
  output(): string;
  /** What Ctrl-C sends: SIGINT to the whole process group. Answers the exit code. */
  interrupt(): Promise<number | null>;
  terminate(): Promise<number | null>;
  /** kill -9: nothing gets a chance to clean up. */
  kill(): Promise<void>;
};

/** A clean environment: this test run's own variables must not leak into what it starts. */
export const cleanEnvironment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined || /^(LECTERN_|NODE_OPTIONS$|JEST_|ZOOM_|DATABASE_URL$|EVENTSTORE_URL$|KAFKA_)/.test(name) ? [] : [[name, value]]))),
  ...more,
});

/** A folder of its own for one test; `remove` it afterwards. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lectern-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Starts a real server process, as `npm start` does, and waits until it says that it is ready. One that does not is ended; none outlives the test run. */
export async function startLectern(options: { dataDir: string; nodeFlags?: readonly string[]; environment?: Record<string, string>; uid?: number; gid?: number; timeoutMs?: number }): Promise<LecternProcess> {
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), ...(await startArguments()), '--json'], {
    cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment({ LECTERN_PORT: '0', LECTERN_SANDBOX: 'true', LECTERN_DATA_DIR: options.dataDir, LECTERN_LOG_LEVEL: 'warn', ...options.environment }),
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  endWithThisProcess(child, { group: true });
  const lines: string[] = [];
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready in time:\n${lines.join('\n')}`)), options.timeoutMs ?? 30_000);
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (!line.startsWith('{"ready":')) return;
      clearTimeout(late);
      resolve((JSON.parse(line) as { ready: Ready }).ready);
    });
    void ended.then((code) => {
      clearTimeout(late);
      reject(new Error(`ended with ${code} before it was ready:\n${lines.join('\n')}`));
    });
  }).catch(async (error: unknown) => {
    child.kill('SIGKILL');
    await ended;
    throw error;
  });
  // With a database of its own the server prints no tokens; whoever has its secret signs them.
  const secret = options.environment?.['LECTERN_JWT_SECRET'];
  if (secret !== undefined && Object.keys(ready.tokens).length === 0) {
    const issue = createTokenIssuer({ secret, issuer: 'lectern', audience: 'lectern' });
    for (const one of role.options) ready.tokens[one] = await issue(one, one, 86_400);
  }
  const signal = async (name: NodeJS.Signals, group: boolean) => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) process.kill(group ? -child.pid : child.pid, name);
    return ended;
  };
  return {
    ready, child,
    output: () => lines.join('\n'),
    interrupt: () => signal('SIGINT', true),
    terminate: () => signal('SIGTERM', false),
    kill: async () => void (await signal('SIGKILL', false)),
  };
}

/** Runs one `lectern` command to its end. */
export async function runLectern(args: readonly string[], options: { dataDir: string; environment?: Record<string, string>; timeoutMs?: number }): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'src/cli/lectern.js'), ...args], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: options.timeoutMs ?? 60_000, killSignal: 'SIGKILL',
    env: cleanEnvironment({ LECTERN_SANDBOX: 'true', LECTERN_DATA_DIR: options.dataDir, LECTERN_LOG_LEVEL: 'warn', ...options.environment }),
  });
  endWithThisProcess(child);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}
