import { DomainError } from '../../domain/kernel/domainError.ts';
import { withCore } from '../core.ts';
import { CommandFailed, exit, print, table } from '../output.ts';
import type { CliCommand } from '../program.ts';
import { createClassroom } from '../server/classroom.ts';
import { createRoomsPart } from '../server/rooms.ts';
import { createSchool, createWorks, type Works } from '../server/school.ts';
import { connectZoom } from '../server/zoom.ts';

/** Looks and asks; what is asked for is run by a server's scheduler or reactor. */
const withWorks = <T>(work: (works: Works) => Promise<T>): Promise<T> =>
  withCore(async (core) => {
    const zoom = connectZoom(core);
    try {
      const school = createSchool(core, zoom.meetings, 'nothing');
      const rooms = createRoomsPart(core, '', { begun: school.queries.rooms.begun });
      return await work(createWorks(core, school, zoom, { reacts: false, schedules: false }, rooms, createClassroom(core, school, rooms)));
    } finally {
      await zoom.close();
    }
  });

type Json = { json?: true };

export const jobsCommands: CliCommand = (program) => {
  const jobs = program.command('jobs').description('scheduled jobs, and vendor jobs that wait for a hand');

  jobs
    .command('list', { isDefault: true })
    .description('every scheduled job and how it went last')
    .option('--json', 'as JSON')
    .action(async (options: Json) => {
      const all = await withWorks((works) => works.jobs.status());
      print(options.json, all, table([
        ['job', 'schedule', 'runs', 'last run', 'how it went'],
        ...all.map(({ name, schedule, enabled, totalRunCount, lastRunAt, lastStatus, lastError, lastResult }) => [
          name, enabled ? schedule : `off (${schedule})`, String(totalRunCount), lastRunAt ?? 'never', `${lastStatus ?? ''} ${lastError ?? (lastResult ? JSON.stringify(lastResult) : '')}`.trim(),
        ]),
      ]));
    });

  jobs
    .command('run')
    .description('ask for a run now; a server with the role scheduler does it')
    .argument('<job>', 'its name')
    .option('--wait', 'until it is done; exit code 1 when it failed')
    .option('--json', 'as JSON')
    .action(async (name: string, options: Json & { wait?: true }) => {
      await withWorks(async (works) => {
        const { runId } = await works.jobs.trigger(name, { id: 'command line', role: 'admin' }).catch((error: unknown) => {
          if (error instanceof DomainError && error.code === 'unknownJob') throw new CommandFailed(`There is no job ${name}: ${(knownJobs(error)).join(', ')}.`, exit.usage);
          throw error;
        });
        let run = await works.jobs.run(runId);
        while (options.wait && (run?.status === 'queued' || run?.status === 'running')) {
          await new Promise((resolve) => setTimeout(resolve, 200));
          run = await works.jobs.run(runId);
        }
        print(options.json, run ?? { runId }, `${runId} ${run?.status ?? 'queued'} ${run?.error ?? (run?.result ? JSON.stringify(run.result) : '')}`.trim());
        if (run?.status === 'failed') process.exitCode = exit.failed;
      });
    });

  jobs
    .command('parked')
    .description('vendor jobs that used up their attempts')
    .option('--json', 'as JSON')
    .action(async (options: Json) => {
      const parked = await withWorks((works) => works.reactors.listParked(1_000));
      const rows = parked.map(({ id, task, key, attempts, parkedAt, error }) => [id, task, key, `${attempts} attempts`, parkedAt, error]);
      print(options.json, parked, rows.length === 0 ? 'Nothing is parked.' : table(rows));
    });

  jobs
    .command('retry')
    .description('run parked jobs again')
    .argument('<ids...>', 'ids as "jobs parked" shows them, or all')
    .option('--json', 'as JSON')
    .action(async (ids: string[], options: Json) => {
      const all = ids.length === 1 && ids[0] === 'all';
      const retried = await withWorks((works) => works.reactors.retryParked(all ? 'all' : ids));
      print(options.json, { retried }, `${retried.length} of ${all ? 'all parked' : ids.length} jobs run again.`);
      if (!all && retried.length < ids.length) process.exitCode = exit.failed;
    });
};

const knownJobs = (error: DomainError): string[] => (Array.isArray(error.details['known']) ? error.details['known'].map(String) : []);
