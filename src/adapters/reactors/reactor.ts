import type { Recorded } from '../../eventLog/recorded.ts';

/** "Look again at this": the task and the thing; two events about one thing make one job. */
export type JobRequest = {
  task: string;
  /** Names the thing, e.g. a lesson id: jobs of one task and key never run at the same time, and wait as one. */
  key: string;
  /** JSON. The job looks at the streams for the truth, so keep it to ids; the latest request's payload wins. */
  payload: Readonly<Record<string, unknown>>;
  /** Not before. Default: at once. */
  runAt?: Date;
};

/** Events → jobs, level-triggered: an event only says that something may have to be done. Pure. */
export type Reactor = {
  /** Names its checkpoint. A new name begins at the head of the log. */
  name: string;
  /** The event types that `jobs` looks at, a static list: others are neither read nor decoded for it. Absent: every event. A test holds the list against `jobs`. */
  types?: readonly string[];
  jobs(event: Recorded): readonly JobRequest[];
};

export type TaskRun = {
  /** From 1. */
  attempt: number;
  isLastAttempt: boolean;
  /** Aborted when the process stops: finish or throw soon. */
  signal: AbortSignal;
};

/**
 * What a job does. It compares what the streams want with what the vendor has and closes the difference, so running it
 * once too often does no harm. Throw to be run again (exponential back-off), throw RetryLater to choose when.
 */
export type Task<Payload = unknown> = {
  /** [a-zA-Z][a-zA-Z0-9_:-]* */
  name: string;
  /** Checks the stored payload, e.g. a zod schema's parse. What it throws parks the job at once. */
  parse(payload: unknown): Payload;
  /** Default 12, which with the back-off of graphile-worker is about 45 h. RetryLater does not use attempts up. */
  maxAttempts?: number;
  run(payload: Payload, run: TaskRun): Promise<void>;
};

/** Keeps `parse` and `run` of one task in step while tasks of different payloads share a list. */
export const defineTask = <Payload>(task: Task<Payload>): Task => ({
  name: task.name,
  ...(task.maxAttempts === undefined ? {} : { maxAttempts: task.maxAttempts }),
  parse: task.parse,
  run: (payload, run) => task.run(payload as Payload, run),
});

/** A job that used up its attempts: it waits for a person (or for its next event). */
export type ParkedJob = {
  id: string;
  task: string;
  key: string;
  payload: unknown;
  attempts: number;
  /** Never with secrets: tasks throw errors that are fit to be shown. */
  error: string;
  /** RFC 3339 UTC. */
  parkedAt: string;
};
