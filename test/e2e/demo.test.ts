import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const lectern = fileURLToPath(new URL('../../src/cli/lectern.js', import.meta.url));
const folders = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('lectern-demo-'));

test('the demo plays a whole day, everything holds, and nothing is left behind', async () => {
  const before = await folders();
  const { LECTERN_TEST_POSTGRES: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [lectern, 'demo'], { env: { ...env, NODE_OPTIONS: '' }, timeout: 150_000 });
  expect(stdout).toContain('Everything held');
  expect(stdout).not.toContain('✗');
  for (const seen of ['409 noZoomAccountFree', 'Zoom is back', 'meeting.started', 'Finished by the release job', 'health: healthy']) expect(stdout).toContain(seen);
  expect((await folders()).filter((name) => !before.includes(name))).toEqual([]);
}, 180_000);
