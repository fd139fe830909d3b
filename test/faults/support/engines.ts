import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';

export type Engines = {
  pid: number;
  alive(): boolean;
  /** Of the last acknowledged event; -1: none. */
  acknowledged(): number;
  /** MB, at each acknowledgement. */
  memory(): number[];
  complaints(): string;
  /** Stops its writer. @returns how many events it wrote */
  quiet(): Promise<number>;
  /** @returns the exit code of an orderly stop */
  quit(): Promise<number | null>;
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
};

/** Starts enginesProcess.ts. */
export async function startEngines(url: string, name: string): Promise<Engines> {
  const script = fileURLToPath(new URL('./enginesProcess.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, url, name], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let complaints = '';
  const memory: number[] = [];
  child.stdout.on('data', (bytes: Buffer) => {
    const text = bytes.toString();
    output = (output + text).slice(-4_000);
    for (const [, rss] of text.matchAll(/ack \d+ rss (\d+)/g)) memory.push(Number(rss));
  });
  child.stderr.on('data', (bytes: Buffer) => { complaints = (complaints + bytes.toString()).slice(-20_000); });
  child.stdin.on('error', () => undefined);
  const last = (pattern: RegExp) => [...output.matchAll(pattern)].at(-1)?.[1];
  const engines: Engines = {
    pid: child.pid ?? 0,
    alive: () => child.exitCode === null && child.signalCode === null,
    acknowledged: () => Number(last(/ack (\d+) /g) ?? -1),
    memory: () => memory,
    complaints: () => complaints,
    async quiet() {
      child.stdin.write('quiet\n');
      return Number(await eventually(() => last(/written (\d+)/g), { timeoutMs: 30_000 }));
    },
    async quit() {
      child.stdin.write('quit\n');
      await eventually(() => !engines.alive(), { timeoutMs: 30_000 }).catch(() => { throw new Error(`they do not stop: ${output.slice(-300)} ${complaints}`); });
      return child.exitCode;
    },
    signal: (signal) => void child.kill(signal),
  };
  await eventually(() => {
    if (!engines.alive()) throw new Error(`the engines ended: ${complaints}`);
    return output.includes('ready');
  }, { timeoutMs: 60_000 });
  return engines;
}
