import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const source = fileURLToPath(new URL('../../src/cli/server/standBack.ts', import.meta.url));
const program = `
  import { readdirSync, readFileSync } from 'node:fs';
  import { standBack } from ${JSON.stringify(source)};
  standBack();
  // proc_pid_stat(5): the nice value is field 19; what precedes it is counted from behind the name, which may hold anything.
  const all = readdirSync('/proc/self/task').map((thread) => readFileSync('/proc/self/task/' + thread + '/stat', 'utf8'));
  const of = (stat) => [stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
  console.log(JSON.stringify(all.map(of)));`;

(process.platform === 'linux' ? describe : describe.skip)('the threads of V8', () => {
  it('stand behind the event loop, which keeps its own priority', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', program]);
    const threads = JSON.parse(stdout) as [string, number][];
    const workers = threads.filter(([name]) => name === 'V8Worker');
    expect(workers.length).toBeGreaterThan(0);
    expect(new Set(workers.map(([, nice]) => nice))).toEqual(new Set([10]));
    expect(threads.filter(([name]) => name !== 'V8Worker').every(([, nice]) => nice < 10)).toBe(true);
  });
});
