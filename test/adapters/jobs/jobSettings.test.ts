import { jobSettingsProblems, scheduleAsSet } from '../../../src/adapters/jobs/jobSettings.ts';

const names = ['release', 'tidyUp', 'sealLog'];
const jobs = names.map((name) => ({ name, schedule: '*/5 * * * *', run: () => Promise.resolve({}) }));

describe('the schedules of jobs', () => {
  it('are set one by one, or turned off; the others stay as they were', () => {
    const set = scheduleAsSet(jobs, 'release=*/2 8-18 * * 1,3,5; sealLog=off;');
    expect(set.map(({ name, schedule, enabled }) => [name, schedule, enabled])).toEqual([
      ['release', '*/2 8-18 * * 1,3,5', true], ['tidyUp', '*/5 * * * *', undefined], ['sealLog', '*/5 * * * *', false],
    ]);
    expect(scheduleAsSet(jobs, '')).toEqual(jobs);
  });

  it('name only jobs that exist', () => {
    expect(jobSettingsProblems('tidyup=off;release=off', names)).toEqual(['for jobs that exist, not tidyup: there are release, tidyUp, sealLog']);
  });

  it('are whole, once, and of days that exist', () => {
    expect(jobSettingsProblems('release=*/2 * * * *;tidyUp=*/10 * * * * *;sealLog=off', names)).toEqual([]);
    expect(jobSettingsProblems('release', names)).toEqual(['"release" should be job=schedule or job=off']);
    expect(jobSettingsProblems('release=every day', names)).toEqual([expect.stringContaining('release: "every day" is no cron pattern')]);
    expect(jobSettingsProblems('release=0 0 31 2 *', names)).toEqual(['release: "0 0 31 2 *" is no cron pattern']);
    expect(jobSettingsProblems('release=off;release=0 * * * *', names)).toEqual(['release should be there once']);
  });
});
