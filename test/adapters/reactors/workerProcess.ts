/**
 * A process of its own that runs reactors' jobs, to be killed: `node workerProcess.ts <database url> <hang|work> <mark>`.
 * Prints one line per job that it begins; `hang` never ends one.
 */
import { createPool } from '../../../src/adapters/postgres/pool.ts';
import { createHeartbeat } from '../../../src/adapters/processes/heartbeat.ts';
import { createProcessIdentity } from '../../../src/adapters/processes/processIdentity.ts';
import { defineTask, type Reactor } from '../../../src/adapters/reactors/reactor.ts';
import { createReactors } from '../../../src/adapters/reactors/reactors.ts';
import { openTestLog, quiet } from '../../support/engineLog.ts';

const [url = '', mode = 'work', reactorName = 'r'] = process.argv.slice(2);
const pool = createPool({ url, applicationName: 'lectern worker', log: quiet });
const self = createProcessIdentity();
const heartbeat = createHeartbeat({ pool, process: self, logger: quiet, everyMs: 500 });
const look = defineTask<{ person: string }>({
  name: 'look',
  parse: (payload) => payload as { person: string },
  async run({ person }) {
    process.stdout.write(`begin ${person}\n`);
    if (mode === 'hang') await new Promise(() => { setInterval(() => undefined, 1_000); });
    await pool.query('insert into done values ($1, $2)', [person, process.pid]);
  },
});
const reactor: Reactor = { name: reactorName, jobs: (event) => (event.type === 'PersonDeactivated' ? [{ task: 'look', key: event.data.personId, payload: { person: event.data.personId } }] : []) };
const reactors = createReactors({ log: openTestLog(url), pool, reactors: [reactor], tasks: [look], process: self, heartbeat, logger: quiet, sweepMs: 200 });
await heartbeat.start();
await reactors.start();
process.stdout.write('ready\n');
