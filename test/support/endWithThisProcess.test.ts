import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const module = fileURLToPath(new URL('./endWithThisProcess.ts', import.meta.url));
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a test run that is killed', () => {
  it.each([true, false])('takes along what it started (in a process group of its own: %s)', async (group) => {
    const script = `
      const { endWithThisProcess } = await import(${JSON.stringify(module)});
      const child = (await import('node:child_process')).spawn('sleep', ['600'], { detached: ${group}, stdio: 'ignore' });
      endWithThisProcess(child, { group: ${group} });
      console.log(child.pid);
    `;
    const run = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
    const [line] = (await once(run.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    run.kill('SIGKILL');
    await once(run, 'exit');
    await eventually(() => !isAlive(pid));
  });
});
