import { parseArgs } from 'node:util';
import { print, printVerdicts, type Verdict } from '../report.ts';
import type { Bench, Section } from './bench.ts';
import { hocuspocus } from './contestants/hocuspocus.ts';
import { lectern } from './contestants/lectern.ts';
import { limit } from './contestants/limit.ts';
import { installPeers } from './contestants/peerServer.ts';
import { tldraw } from './contestants/tldraw.ts';
import { yWebsocket } from './contestants/yWebsocket.ts';
import { canPin, pinDriver } from './serverProcess.ts';
import { benchCrash } from './sections/crash.ts';
import { benchClass, benchLessons } from './sections/fanOut.ts';
import { benchHistory, benchJoins } from './sections/joins.ts';
import { benchResume, benchSnapshot } from './sections/ours.ts';
import { benchRising } from './sections/rising.ts';
import { benchSlowReader } from './sections/slowReader.ts';
import { benchSteady } from './sections/steady.ts';

const sections: Record<string, Section> = {
  lessons: benchLessons, class: benchClass, rising: benchRising, crash: benchCrash, joins: benchJoins, history: benchHistory,
  slow: benchSlowReader, resume: benchResume, snapshot: benchSnapshot, steady: benchSteady,
};
const everybody = [lectern, tldraw, hocuspocus, yWebsocket];
/** Where what is physically possible is shown beside the peers. */
const withLimit = ['lessons', 'rising'];

const usage = `npm run bench:board [-- [section…] [--quick] [--only name,…] [--rounds n] [--seconds s]]
  lessons     4 rooms × 8 clients × 10 op/s
  class       1 room × 30 clients × 10 op/s, without and with 30 pointers/s each
  rising      more and more rooms until the p99 is over 100 ms
  crash       kill -9 under load: what was acknowledged and is gone
  joins       a newcomer on a cold server: boards of 10,000 and 100,000 ops
  history     a newcomer on a cold server: 100,000 ops over 5,000 shapes beside 5,000 ops
  slow        one client that does not read
  resume      bytes after 100 missed ops (Lectern alone)
  snapshot    stalls of the event loop while 100,000 shapes are saved (Lectern alone)
  steady      memory over a minute of 30 clients
Without a section: all. --quick: one short round each. --only: some of ${everybody.map(({ name }) => name).join(', ')}.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, rounds: { type: 'string' }, seconds: { type: 'string' }, help: { type: 'boolean', default: false } },
});

async function run(): Promise<void> {
  const chosen = positionals.length > 0 ? positionals : Object.keys(sections);
  const unknown = chosen.filter((name) => !(name in sections));
  if (values.help || unknown.length > 0) {
    print(unknown.length > 0 ? `There is no benchmark "${unknown.join('", "')}".\n${usage}` : usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  installPeers();
  pinDriver();
  const names = values.only?.split(',').map((name) => name.trim().toLowerCase());
  const bench: Bench = {
    contestants: everybody.filter(({ name }) => names === undefined || names.includes(name.toLowerCase())),
    rounds: Number(values.rounds ?? (values.quick ? 1 : 3)), seconds: Number(values.seconds ?? (values.quick ? 5 : 30)), warmUpSeconds: values.quick ? 3 : 8, isQuick: values.quick,
  };
  print(canPin ? 'Server (and its database) on one core, driver on another.' : 'No taskset or no second core here: server and driver share, which is unfair to all alike.');
  const verdicts: Verdict[] = [];
  for (const name of chosen) {
    try {
      const section = sections[name];
      if (section) verdicts.push(...(await section(withLimit.includes(name) ? { ...bench, contestants: [...bench.contestants, limit] } : bench)));
    } catch (error) {
      // The other sections still have something to say.
      console.error(`\n${name} failed:`, error);
      process.exitCode = 1;
    }
  }
  printVerdicts(verdicts);
  print();
}

await run();
