/**
 * Everything that runs behind the API, in a process of its own, to be tormented: `node enginesProcess.ts <database url> <name>`.
 * Writes events of its own, one after the other, each acknowledged before the next (line `ack <n>`). Understands `quiet` (stops
 * writing, answers `written <n>`), `quit` (stops everything, exits 0). An unhandled rejection ends it, as it would end Lectern.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createJobs } from '../../../src/adapters/jobs/jobs.ts';
import { createPool } from '../../../src/adapters/postgres/pool.ts';
import { createHeartbeat } from '../../../src/adapters/processes/heartbeat.ts';
import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { defineTask, type Reactor } from '../../../src/adapters/reactors/reactor.ts';
import { createReactors } from '../../../src/adapters/reactors/reactors.ts';
import { createProjectionEngine } from '../../../src/projections/engine/engine.ts';
import { ledger } from '../../projections/engine/support.ts';
import { deactivated, openTestLog } from '../../support/engineLog.ts';

const [url = '', name = 'w'] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);
const complain = (level: string) => (facts: object, message: string) => {
  const err = 'err' in facts && facts.err instanceof Error ? facts.err.message : '';
  process.stderr.write(`${name} ${level}: ${message} ${err}\n`);
};
const logger = { info: () => undefined, warn: complain('warn'), error: complain('error') };
const pool = createPool({ url, applicationName: `engines ${name}`, max: 12, log: { warn: () => undefined } });
const log = openTestLog(url);
const self = createProcessIdentity();
const clock = { now: () => new Date() };
const heartbeat = createHeartbeat({ pool, process: self, logger, everyMs: 500, staleMs: 4_000 });
const engine = createProjectionEngine({ log, pool, readModels: [ledger('a'), ledger('b')], process: self, clock, logger, leaseMs: 2_000, tickMs: 200 });
const reactor: Reactor = { name: 'people', jobs: (event) => (event.type === 'PersonDeactivated' ? [{ task: 'look', key: event.data.personId, payload: { person: event.data.personId } }] : []) };
const look = defineTask<{ person: string }>({
  name: 'look',
  parse: (payload) => payload as { person: string },
  async run({ person }) { await pool.query('insert into done values ($1) on conflict (person) do update set runs = done.runs + 1', [person]); },
});
const reactors = createReactors({ log, pool, reactors: [reactor], tasks: [look], process: self, heartbeat, logger, leaseMs: 2_000, sweepMs: 500 });
const jobs = createJobs({ pool, log, clock, zone: 'UTC', process: self, heartbeat, logger, jobs: [{ name: 'tick', schedule: '* * * * * *', run: async () => ({ by: name }) }] });

await heartbeat.start();
await Promise.all([engine.start(), reactors.start(), jobs.start()]);

let writing = true;
const writer = (async () => {
  const by = { actor: { id: 'anna', role: 'admin' }, occurredAt: new Date().toISOString() };
  let revision = (await log.store.readStream(`person-${name}`, { direction: 'backwards', limit: 1 }))[0]?.revision ?? -1;
  for (let n = revision + 1; writing; n += 1) {
    const commandId = randomUUID();
    const event = await log.codec.encode(deactivated(`${name}.${n}`), randomUUID(), { commandId, correlationId: commandId, causationId: commandId, ...by });
    for (;;) {
      try {
        const { outcome } = await log.append(`person-${name}`, [event], { expectedRevision: revision < 0 ? 'noStream' : revision });
        if (outcome !== 'appended') throw Object.assign(new Error(`conflict at ${n}`), { code: 'conflict' });
        break;
      } catch (error) {
        if (error instanceof Error && 'code' in error && (error.code === 'unavailable' || error.code === 'unknownOutcome')) {
          await new Promise((resolve) => setTimeout(resolve, 50)); // the very same append again
          continue;
        }
        throw error;
      }
    }
    revision = n;
    say(`ack ${n} rss ${Math.round(process.memoryUsage().rss / 1e6)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return revision + 1;
})();

say('ready');
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'quiet') {
    writing = false;
    say(`written ${await writer}`);
  }
  if (line === 'quit') break;
}
writing = false;
await writer;
await Promise.all([engine.stop().then(() => say('engine stopped')), reactors.stop().then(() => say('reactors stopped')), jobs.stop().then(() => say('jobs stopped'))]);
await heartbeat.stop();
await log.store.close();
await pool.end();
process.stdin.destroy();
say(`all stopped; still there: ${process.getActiveResourcesInfo().filter((one) => one !== 'PipeWrap').join(' ')}`); // whatever is left keeps the process from ending
