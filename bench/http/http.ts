import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { summarise, type Measured } from '../load.ts';
import { printTable, type Verdict } from '../report.ts';
import type { BenchServer } from '../server.ts';
import { hammer, type Call } from './client.ts';

const clients = 64;

/** A real command on one stream against the very same middleware answering without an append, and express bare as the limit. */
export async function benchHttp(server: Pick<BenchServer, 'database'>, { rounds, ms }: { rounds: number; ms: number }): Promise<Verdict[]> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), '--database', await server.database()], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, bareUrl, token } = JSON.parse(line) as { url: string; bareUrl: string; token: string };
  const headers = { Authorization: `Bearer ${token}` };
  const body = (nth: number) => JSON.stringify({ name: `Class ${nth}`, note: 'as the timetable has it' });
  const calls: Record<string, Call> = {
    'express, bare': { url: bareUrl, path: '/bare', headers, body },
    'middleware, no command': { url, path: '/api/v1/nothing/bench', headers, body },
    'command on one stream': { url, path: '/api/v1/groups/bench/rename', headers, body },
  };
  const all = new Map<string, Measured[]>(Object.keys(calls).map((name) => [name, []]));
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, call] of Object.entries(calls)) {
        const measured = await hammer(call, clients, round < 0 ? ms / 2 : ms); // round -1 warms up
        if (round >= 0) all.get(name)?.push(measured);
      }
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  const comparison = summarise(all);
  printTable(`HTTP, ${clients} clients`, comparison.results, 'middleware, no command');
  return [{ what: 'command over HTTP on one stream ÷ same middleware without an append', ratio: comparison.ratio('command on one stream', 'middleware, no command'), bar: 0.7, atMost: false }];
}
