import { parseArgs } from 'node:util';
import { benchAppends, benchIdle } from './appends.ts';
import { benchRebuild } from './rebuild.ts';
import { print, printVerdicts, type Verdict } from './report.ts';
import { startBenchServer } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '21' }, seconds: { type: 'string', default: '0.25' }, events: { type: 'string', default: '1000000' } },
});
const pace = { rounds: Number(values.rounds), ms: Number(values.seconds) * 1_000 };
const sections: Record<string, (server: Awaited<ReturnType<typeof startBenchServer>>) => Promise<Verdict[]>> = {
  append: (server) => benchAppends(server, pace),
  idle: (server) => benchIdle(server, pace),
  rebuild: (server) => benchRebuild(server, { events: Number(values.events), rounds: 1 }),
};
const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
const server = await startBenchServer();
const verdicts: Verdict[] = [];
try {
  for (const name of chosen) {
    const section = sections[name];
    if (!section) throw new Error(`No benchmark "${name}"; there are: ${Object.keys(sections).join(', ')}.`);
    verdicts.push(...(await section(server)));
  }
} catch (error) {
  // Said before the server goes: a peer's pool may end the process then.
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.stop();
}
printVerdicts(verdicts);
print();
