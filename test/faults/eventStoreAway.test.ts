import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { startEventStoreDbServer } from '../support/eventStoreDbServer/server.ts';
import { startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { createTestDatabase } from '../support/testDatabase.ts';
import { createKillablePostgres } from './support/killablePostgres.ts';

/** How long the store is away; the specification says 60. Seconds. */
const awaySeconds = Number(process.env['AWAY'] ?? 12);
const clients = 8;

type Answer = { status: number; retryAfter: number; staleSince: string | null; ms: number };
type Store = { kill(): Promise<void>; start(): Promise<void>; environment: Record<string, string>; remove(): Promise<void> };

const eventStoreDb = async (): Promise<Store> => {
  const [server, database] = await Promise.all([startEventStoreDbServer(), createTestDatabase()]);
  return {
    kill: () => Promise.resolve(server.kill()), start: () => server.start(), environment: { EVENTSTORE_URL: server.url, DATABASE_URL: database.url },
    remove: async () => { await server.close(); await database.drop(); },
  };
};
const postgres = async (): Promise<Store> => {
  const server = await createKillablePostgres();
  return { kill: server.kill, start: server.start, environment: { DATABASE_URL: server.url }, remove: server.remove };
};

async function ask(server: LecternProcess, method: string, path: string, body?: object): Promise<Answer> {
  const began = performance.now();
  const response = await fetch(`${server.ready.url}${path}`, {
    method, headers: { authorization: `Bearer ${server.ready.tokens.admin}`, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}), signal: AbortSignal.timeout(30_000),
  });
  await response.arrayBuffer();
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? NaN), staleSince: response.headers.get('stale-since'), ms: performance.now() - began };
}
const command = (server: LecternProcess, name: string) => ask(server, 'POST', '/api/v1/groups', { name });
const query = (server: LecternProcess) => ask(server, 'GET', '/api/v1/groups?limit=5');
async function residentMegabytes(server: LecternProcess): Promise<number> {
  const text = await (await fetch(`${server.ready.url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]) / 1e6;
}

/** Takes the store away under load, and gives it back. Only what was asked while it was away is in the answers. */
async function takeAway(open: () => Promise<Store>) {
  const [store, folder] = await Promise.all([open(), temporaryFolder()]);
  let server: LecternProcess | undefined;
  try {
    server = await startLectern({
      dataDir: folder.path, timeoutMs: 60_000,
      environment: { ...store.environment, LECTERN_MASTER_KEY: randomBytes(32).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64'), LECTERN_RATE_LIMIT_PER_MINUTE: '0', LECTERN_LOG_LEVEL: 'error' },
    });
    const running = server;
    for (let n = 0; n < 200; n += 1) expect((await command(running, `before ${n}`)).status).toBe(201);
    await eventually(async () => (await query(running)).status === 200);

    await store.kill();
    const end = performance.now() + awaySeconds * 1_000;
    const commands: Answer[] = [];
    const queries: Answer[] = [];
    const memory: number[] = [];
    const repeat = async (work: () => Promise<unknown>, pauseMs: number) => {
      while (performance.now() < end) {
        await work();
        await sleep(pauseMs);
      }
    };
    await Promise.all([
      ...Array.from({ length: clients }, (_, client) => repeat(async () => commands.push(await command(running, `away ${client} ${randomUUID()}`)), 5)),
      repeat(async () => queries.push(await query(running)), 50),
      repeat(async () => memory.push(await residentMegabytes(running)), 200),
    ]);
    await store.start();
    const backMs = performance.now();
    await eventually(async () => (await command(running, `after ${randomUUID()}`)).status === 201, { timeoutMs: 30_000 });
    const recoveredMs = performance.now() - backMs;
    await eventually(async () => {
      const answer = await query(running);
      return answer.status === 200 && answer.staleSince === null;
    }, { timeoutMs: 30_000 });
    process.stdout.write(`away ${awaySeconds} s: ${commands.length} commands, slowest ${Math.round(Math.max(...commands.map(({ ms }) => ms)))} ms; ${queries.length} queries; ${Math.round(memory[0] ?? 0)} to ${Math.round(Math.max(...memory))} MB; back after ${Math.round(recoveredMs)} ms\n`);
    expect(await running.terminate()).toBe(0);
    expect(running.output()).not.toMatch(/unhandled|uncaught/i);
    server = undefined;
    return { commands, queries, memory, recoveredMs };
  } finally {
    await server?.kill();
    await store.remove();
    await folder.remove();
  }
}

const kinds = (answers: readonly Answer[]) => [...new Set(answers.map(({ status, retryAfter }) => `${status} ${retryAfter >= 1 && retryAfter <= 2 ? 'soon' : retryAfter}`))];
/** The first third is for what has to be learnt: pools grow, code is compiled. */
const isFlat = (memory: readonly number[]) => {
  const third = Math.floor(memory.length / 3);
  return Math.max(...memory.slice(third * 2)) < Math.max(...memory.slice(0, third)) * 1.2 + 30;
};

describe('the event store is away: commands are told to come back, memory is flat, and all goes on', () => {
  it('EventStoreDB: queries answer meanwhile, and say since when they are stale', async () => {
    const { commands, queries, memory, recoveredMs } = await takeAway(eventStoreDb);
    expect(kinds(commands)).toEqual(['503 soon']);
    expect([...new Set(queries.map(({ status }) => status))]).toEqual([200]);
    // Whether it is away is asked once a second.
    const marked = queries.findIndex(({ staleSince }) => staleSince !== null);
    expect(marked).toBeGreaterThanOrEqual(0);
    expect(queries.slice(marked).filter(({ staleSince }) => staleSince === null)).toEqual([]);
    expect(isFlat(memory)).toBe(true);
    expect(recoveredMs).toBeLessThan(15_000);
  });

  it('Postgres, which holds the read models too: queries are told the same', async () => {
    const { commands, queries, memory, recoveredMs } = await takeAway(postgres);
    expect(kinds(commands)).toEqual(['503 soon']);
    expect(kinds(queries)).toEqual(['503 soon']);
    expect(isFlat(memory)).toBe(true);
    expect(recoveredMs).toBeLessThan(5_000);
  });
});
