import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('../../src/cli/server/standBack.ts', import.meta.url));
const program = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { standBack } from ${JSON.stringify(source)};
  standBack();
  // proc_pid_stat(5): the nice value is field 19; what precedes it is counted from behind the name, which may hold anything.
  const all = process.platform !== 'linux' ? [] : readdirSync('/proc/self/task').map((thread) => readFileSync('/proc/self/task/' + thread + '/stat', 'utf8'));
  const of = (stat) => [stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
  console.log(JSON.stringify(all.map(of)));`;

describe('the threads of V8', () => {
  it('stand behind the event loop, which keeps its own priority; where threads have none of their own, nothing changes', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', program]);
    const threads = JSON.parse(stdout) as [string, number][];
    const isWorker = ([name]: [string, number]) => name === 'V8Worker';
    expect(threads.some(isWorker)).toBe(process.platform === 'linux');
    expect(threads.filter((one) => isWorker(one) !== (one[1] >= 10))).toEqual([]);
  });
});
