import type { CommandContext } from '../../commands/pipeline/context.ts';

export type JobRunContext = {
  runId: string;
  /** The tick that this run is for; after missed ticks, the last one. */
  scheduledFor: Date;
  /** Actor `job:<name>`, or the person who triggered it; commandId = runId. */
  commandContext: CommandContext;
  /** Aborted when the process stops. */
  signal: AbortSignal;
};

export type JobDefinition = {
  /** [a-zA-Z][a-zA-Z0-9]* */
  name: string;
  /** Five cron fields, or six with seconds first. */
  schedule: string;
  /** IANA zone in which the schedule is read. Default: the school's. */
  zone?: string;
  /** Default true. A disabled job runs only when triggered. */
  enabled?: boolean;
  /** @returns what it did, as JSON; kept with the run and shown by the API. */
  run(context: JobRunContext): Promise<Readonly<Record<string, unknown>>>;
  /** Whether a run with this result changed nothing. Of those at ticks only the newest is kept: for jobs that run more often than each minute. */
  isQuiet?(result: Readonly<Record<string, unknown>>): boolean;
};

export type JobRunStatus = 'queued' | 'running' | 'succeeded' | 'failed';

/** Times are RFC 3339 UTC. */
export type JobRun = {
  runId: string;
  job: string;
  status: JobRunStatus;
  scheduledFor: string;
  /** `schedule`, or the id of the person who asked for it. */
  triggeredBy: string;
  queuedAt: string;
  startedAt: string | undefined;
  finishedAt: string | undefined;
  result: Readonly<Record<string, unknown>> | undefined;
  error: string | undefined;
};

export type JobStatus = {
  name: string;
  schedule: string;
  enabled: boolean;
  lastRunAt: string | undefined;
  totalRunCount: number;
  lastResult: Readonly<Record<string, unknown>> | undefined;
  lastStatus: JobRunStatus | undefined;
  lastError: string | undefined;
  nextRunAt: string | undefined;
};

/** What http and the command line need of the jobs engine. */
export type Jobs = {
  /** @throws DomainError unknownJob */
  trigger(name: string, actor: { id: string; role: string }): Promise<{ runId: string }>;
  status(): Promise<JobStatus[]>;
  run(runId: string): Promise<JobRun | undefined>;
};
