import { jest } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createImportCommand } from '../../src/cli/importCommand.ts';
import { runProgram } from '../../src/cli/program.ts';
import { calendar, event } from '../commands/lessonImport/calendars.ts';
import { openSchool, type School } from '../commands/lessonImport/school.ts';

describe('lectern import', () => {
  let school: School;
  let folder: string;
  beforeAll(async () => {
    school = await openSchool();
    await school.addTeacher('olena');
    folder = await mkdtemp(path.join(tmpdir(), 'lectern-import-'));
  });
  afterAll(async () => {
    await school.close();
    await rm(folder, { recursive: true });
  });
  const run = async (...args: string[]): Promise<{ code: number; out: string }> => {
    const pieces: string[] = [];
    const take = (chunk: unknown) => {
      pieces.push(String(chunk));
      return true;
    };
    const spies = [jest.spyOn(process.stdout, 'write').mockImplementation(take as never), jest.spyOn(process.stderr, 'write').mockImplementation(take as never)];
    try {
      process.exitCode = undefined;
      const code = await runProgram([createImportCommand((work) => work(school.imports))], ['node', 'lectern', 'import', ...args]);
      return { code, out: pieces.join('') };
    } finally {
      process.exitCode = undefined;
      for (const spy of spies) spy.mockRestore();
    }
  };

  test('reports in words and as JSON; exit code 1 says that something was refused', async () => {
    const file = path.join(folder, 'timetable.ics');
    const good = event('RRULE:FREQ=WEEKLY;COUNT=3', 'ORGANIZER:mailto:olena@school.example', 'X-LECTERN-PROVIDER:none');
    await writeFile(file, calendar(good));
    expect(await run(file, '--dry-run')).toMatchObject({ code: 0, out: expect.stringContaining('Would be: 3 scheduled.') });
    const first = await run(file, '--json');
    const report = JSON.parse(first.out) as { id: string; counts: object };
    expect(report.counts).toMatchObject({ scheduled: 3 });
    await writeFile(file, calendar(good, event('UID:day', 'SUMMARY:Open day', 'DTSTART;VALUE=DATE:20260401')));
    const second = await run(file);
    expect(second.code).toBe(1);
    expect(second.out).toMatch(/line 17 +Open day +it lasts all day/);
    expect(second.out).toContain('3 unchanged, 1 refused.');
    expect(await run('--undo', report.id)).toMatchObject({ code: 0, out: expect.stringContaining('3 lessons cancelled, 0 kept') });
  });

  test('called wrongly: exit code 2', async () => {
    expect((await run()).code).toBe(2);
    expect((await run('nowhere.ics')).code).toBe(2);
    expect((await run('a.ics', '--undo', 'x')).code).toBe(2);
    expect((await run('a.ics', '--provider', 'teams')).code).toBe(2);
  });
});
