import type { JobDefinition } from './jobDefinition.ts';
import { createSchedule } from './schedule.ts';

/** `job=pattern;job=off`: five cron fields, or six with seconds first, in the job's own zone. @returns what is wrong with it; a job that does not exist would silently do nothing */
export function jobSettingsProblems(text: string, known: readonly string[]): string[] {
  const parts = partsOf(text);
  const problems = parts.flatMap(({ part, name, schedule }) => {
    if (name === undefined || schedule === undefined) return [`"${part}" should be job=schedule or job=off`];
    return schedule === 'off' ? [] : scheduleProblems(name, schedule);
  });
  const names = parts.flatMap(({ name }) => name ?? []);
  const distinct = [...new Set(names)];
  const twice = distinct.filter((name) => names.indexOf(name) !== names.lastIndexOf(name)).map((name) => `${name} should be there once`);
  const unknown = distinct.filter((name) => !known.includes(name));
  return [...problems, ...twice, ...(unknown.length > 0 ? [`for jobs that exist, not ${unknown.join(', ')}: there are ${known.join(', ')}`] : [])];
}

/**
 * The jobs with schedules as set. One that is off keeps its schedule to be shown, and runs when somebody asks for it.
 * @param text without problems
 */
export function scheduleAsSet(jobs: readonly JobDefinition[], text: string): JobDefinition[] {
  const set = new Map(partsOf(text).map(({ name = '', schedule = '' }) => [name, schedule]));
  return jobs.map((job) => {
    const schedule = set.get(job.name);
    if (schedule === undefined) return job;
    return schedule === 'off' ? { ...job, enabled: false } : { ...job, schedule, enabled: true };
  });
}

const partsOf = (text: string) => text.split(';').map((part) => part.trim()).filter((part) => part !== '').map((part) => {
  const [, name, schedule] = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+)$/.exec(part) ?? [];
  return { part, name, schedule };
});

function scheduleProblems(name: string, schedule: string): string[] {
  try {
    createSchedule(schedule, 'UTC');
    return [];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}
