import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./drainedServer.ts', import.meta.url));

/** `refused`: no connection was made, so nothing was sent. */
export type Outcome = { kind: 'answered'; status: number; close: boolean } | { kind: 'refused' } | { kind: 'lost'; error: string };

export const startServer = async (children: ChildProcess[], noticeMs = 0, withinMs = 10_000) => {
  const child = spawn(process.execPath, [program, '0', String(noticeMs), String(withinMs)], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const url = ((await lines.next()).value as string).slice('url '.length);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  return { child, url, ended, done: async () => Number(((await lines.next()).value as string).slice('done '.length)) };
};

export const send = (url: string, agent: Agent, ms: number): Promise<Outcome> =>
  new Promise((resolve) => {
    const body = JSON.stringify({ ms });
    const request = httpRequest(new URL('/api/v1/work', url), { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
      response.resume().once('end', () => resolve({ kind: 'answered', status: response.statusCode ?? 0, close: response.headers.connection === 'close' }));
    });
    request.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED' ? { kind: 'refused' } : { kind: 'lost', error: error.message }));
    request.end(body);
  });
