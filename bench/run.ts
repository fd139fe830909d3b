import { parseArgs } from 'node:util';
import { print, printVerdicts, type Verdict } from './report.ts';
import { startBenchServer, type BenchServer } from './server.ts';

const usage = `npm run bench [-- [section…] [--rounds n] [--seconds s] [--size events] [--events events]]
  append      acknowledged appends beside Emmett and a bare batched INSERT
  idle        one append at a time beside one bare INSERT
  growth      with --size events in the log (default 1,000,000), 10,000 in a stream
  rebuild     all read models over --events events (default 100,000)
  http        a command over HTTP beside its middleware alone
  schedule    a lesson scheduled over HTTP, 8 and 1,000 accounts
  memory      what Node holds after a school day (Linux)
  eventstore  appends to EVENTSTORE_URL beside the bare client; only if that is set
Without a section: all. Rounds of --seconds go in turns between the contestants, after one that is not counted; figures are medians.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '21' },
    seconds: { type: 'string', default: '0.25' },
    size: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '100000' },
    help: { type: 'boolean', default: false },
  },
});
const pace = { rounds: Number(values.rounds), ms: Number(values.seconds) * 1_000 };
const eventStore = process.env.EVENTSTORE_URL;

/** Loaded one by one: what a section does not need shall not weigh on it. */
const sections: Record<string, (server: BenchServer) => Promise<Verdict[]>> = {
  append: async (server) => (await import('./appends.ts')).benchAppends(server, pace),
  idle: async (server) => (await import('./appends.ts')).benchIdle(server, pace),
  growth: async (server) => (await import('./growth.ts')).benchGrowth(server, { ...pace, size: Number(values.size) }),
  rebuild: async (server) => (await import('./rebuild.ts')).benchRebuild(server, { events: Number(values.events), rounds: 3 }),
  http: async (server) => (await import('./http/http.ts')).benchHttp(server, { rounds: 5, ms: 1_000 }),
  schedule: async (server) => (await import('./http/schedule.ts')).benchSchedule(server, { rounds: 5, ms: 1_000 }),
  memory: async () => (await import('./memory.ts')).benchMemory(),
  ...(eventStore && { eventstore: async () => (await import('./eventStoreDb.ts')).benchEventStoreDb(eventStore, pace) }),
};

async function run(): Promise<void> {
  const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
  const unknown = chosen.filter((name) => !(name in sections));
  if (values.help || unknown.length > 0) {
    print(unknown.length > 0 ? `There is no benchmark "${unknown.join('", "')}".\n${usage}` : usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const server = await startBenchServer();
  const verdicts: Verdict[] = [];
  for (const name of chosen) {
    try {
      verdicts.push(...((await sections[name]?.(server)) ?? []));
    } catch (error) {
      // The other sections still have something to say.
      console.error(`\n${name} failed:`, error);
      process.exitCode = 1;
    }
  }
  await server.stop();
  printVerdicts(verdicts);
  print();
}

await run();
