import { readdirSync, readFileSync } from 'node:fs';
import { createPictureProcess, type PictureProcess } from '../../../src/adapters/rendering/pictureProcess.ts';
import { eventually } from '../../support/eventually.ts';

let pictures: PictureProcess | undefined;
afterEach(() => pictures?.close());
const open = (options: Parameters<typeof createPictureProcess>[0]) => (pictures = createPictureProcess(options));
const small = { svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', maxPixels: 100 };

/** The picture processes that this one began: by /proc, so on Linux. */
const children = (): number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('pictureChild');
  } catch {
    return false;
  }
});

test('is begun for the first picture, ends when it has none, and begins again', async () => {
  const process = open({ idleMs: 1 });
  expect(children()).toEqual([]);
  for (let round = 0; round < 2; round += 1) {
    expect((await process.run('render', small)).bytes.length).toBeGreaterThan(50);
    await eventually(() => children().length === 0);
  }
});

test('does one job at a time, in order, and turns away what is too much', async () => {
  const process = open({ most: 3 });
  const done: number[] = [];
  const jobs = [1, 2, 3].map((n) => process.run('render', small).then(() => done.push(n)));
  await expect(process.run('render', small)).rejects.toMatchObject({ why: 'busy' });
  await Promise.all(jobs);
  expect([done, children().length]).toEqual([[1, 2, 3], 1]);
});

test('that dies takes only its job with it', async () => {
  const process = open({});
  await process.run('render', small);
  const [victim = 0] = children();
  const jobs = [process.run('render', { svg: heavy(), maxPixels: 16_000_000 }), process.run('render', small)];
  global.process.kill(victim, 'SIGKILL');
  await expect(jobs[0]).rejects.toMatchObject({ why: 'refused', message: expect.stringContaining('SIGKILL') });
  expect((await jobs[1])?.bytes.length).toBeGreaterThan(50);
});

test('that is too slow is ended, and the next job gets another', async () => {
  const process = open({ deadlineMs: 5_000 });
  const job = process.run('render', { svg: heavy(2_000), maxPixels: 16_000_000 });
  job.catch(() => undefined);
  const before = await eventually(() => { const all = children(); return all.length === 1 && all; });
  await expect(job).rejects.toMatchObject({ why: 'tooSlow' });
  const { bytes } = await eventually(() => process.run('render', small), { timeoutMs: 40_000 }); // on a busy machine a start may be too slow, too
  expect(bytes.length).toBeGreaterThan(50);
  expect(children()).not.toEqual(before);
}, 60_000);

test('leaves nothing behind when it is closed, also in the middle', async () => {
  const process = open({});
  const job = process.run('render', { svg: heavy(), maxPixels: 16_000_000 });
  job.catch(() => undefined);
  await eventually(() => children().length === 1);
  await process.close();
  await expect(job).rejects.toMatchObject({ why: 'closed' });
  await expect(process.run('render', small)).rejects.toMatchObject({ why: 'closed' });
  expect(children()).toEqual([]);
});

/** Blurs of a large picture, one after the other: about a tenth of a second each. */
function heavy(blurs = 60): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="3000" height="3000"><filter id="f"><feGaussianBlur stdDeviation="40"/></filter>${'<circle cx="1500" cy="1500" r="1200" filter="url(#f)"/>'.repeat(blurs)}</svg>`;
}
