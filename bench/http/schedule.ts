import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { summarise, type Measured } from '../load.ts';
import { printTable, type Verdict } from '../report.ts';
import type { BenchServer } from '../server.ts';
import { hammer, type Call } from './client.ts';

const clients = 64;
const gapAndHour = 65 * 60_000;

/** Opens the server on a new database and gives the two calls: the real one fills the pool slot by slot, so that each finds a place. */
async function openSchool(server: Pick<BenchServer, 'database'>, accounts: number) {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'scheduleServer.ts'), '--database', await server.database(), '--accounts', String(accounts)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, token, teachers } = JSON.parse(line) as { url: string; token: string; teachers: string[] };
  let nth = 0;
  const begin = Date.UTC(new Date().getUTCFullYear() + 1, 0, 4);
  const body = () => {
    const i = (nth += 1);
    // Eight lessons a slot, whatever the pool's size: the same plan for a small and a large one.
    const localStart = new Date(begin + Math.floor(i / 8) * gapAndHour).toISOString().slice(0, 16);
    return JSON.stringify({ title: `Optics ${i}`, teacherId: teachers[i % teachers.length], groupId: null, localStart, zone: 'UTC', durationMinutes: 60, provider: 'zoom', autoRecord: false });
  };
  const call = (to: string): Call => ({ url, path: `/api/v1${to}`, headers: { Authorization: `Bearer ${token}` }, body });
  return {
    real: call('/lessons'), nothing: call('/nothing'),
    async close() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** `schedule` (teacher, account, lesson: three streams) against the same route without it; and again with 1,000 accounts in the pool. */
export async function benchSchedule(server: Pick<BenchServer, 'database'>, { rounds, ms }: { rounds: number; ms: number }): Promise<Verdict[]> {
  const small = await openSchool(server, 8);
  const large = await openSchool(server, 1_000);
  const calls: Record<string, Call> = { 'same route, no schedule': small.nothing, 'schedule, 8 accounts': small.real, 'schedule, 1,000 accounts': large.real };
  const all = new Map<string, Measured[]>(Object.keys(calls).map((name) => [name, []]));
  try {
    for (let round = -1; round < rounds; round += 1) {
      for (const [name, call] of Object.entries(calls)) {
        const measured = await hammer(call, clients, round < 0 ? ms * 4 : ms); // round -1 warms up
        if (round >= 0) all.get(name)?.push(measured);
      }
    }
  } finally {
    await small.close();
    await large.close();
  }
  const comparison = summarise(all);
  printTable(`Schedule over HTTP, ${clients} clients`, comparison.results, 'same route, no schedule');
  return [
    { what: 'schedule over HTTP, 8 accounts ÷ same route without it', ratio: comparison.ratio('schedule, 8 accounts', 'same route, no schedule'), bar: 0.3, atMost: false },
    { what: 'growth: schedule with 8 accounts ÷ with 1,000', ratio: comparison.ratio('schedule, 8 accounts', 'schedule, 1,000 accounts'), bar: 1.3, atMost: true },
  ];
}
