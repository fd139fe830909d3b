import { z } from 'zod';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';

type Result = Readonly<Record<string, unknown>>;
type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed';

/** As src/adapters/jobs/jobDefinition.ts and src/adapters/reactors/reactor.ts have them; http does not import adapters. */
export type JobRouteDeps = {
  jobs: {
    trigger(name: string, actor: { id: string; role: string }): Promise<{ runId: string }>;
    status(): Promise<{
      name: string; schedule: string; enabled: boolean; lastRunAt: string | undefined; totalRunCount: number; lastResult: Result | undefined;
      lastStatus: RunStatus | undefined; lastError: string | undefined; nextRunAt: string | undefined;
    }[]>;
    run(runId: string): Promise<{
      runId: string; job: string; status: RunStatus; scheduledFor: string; triggeredBy: string; queuedAt: string;
      startedAt: string | undefined; finishedAt: string | undefined; result: Result | undefined; error: string | undefined;
    } | undefined>;
  };
  parked: {
    listParked(limit?: number): Promise<{ id: string; task: string; key: string; attempts: number; error: string; parkedAt: string }[]>;
    retryParked(ids: readonly string[] | 'all'): Promise<string[]>;
  };
};

const result = z.record(z.string().max(200), z.unknown()).meta({ description: 'What it did.' });
const status = z.enum(['queued', 'running', 'succeeded', 'failed']);
const instant = z.iso.datetime();
const text = (max: number) => z.string().max(max);

const job = z.strictObject({
  name: text(100), schedule: text(100), enabled: z.boolean(), lastRunAt: instant.nullable(), totalRunCount: z.int(), lastResult: result.nullable(),
  lastStatus: status.nullable(), lastError: text(10_000).nullable(), nextRunAt: instant.nullable(),
}).meta({ id: 'Job' });
const run = z.strictObject({
  runId: text(100), job: text(100), status, scheduledFor: instant, triggeredBy: text(200), queuedAt: instant, startedAt: instant.nullable(), finishedAt: instant.nullable(),
  result: result.nullable(), error: text(10_000).nullable(),
}).meta({ id: 'JobRun' });
const parked = z.strictObject({ id: text(100), task: text(100), key: text(300), attempts: z.int(), error: text(20_000), parkedAt: instant }).meta({ id: 'ParkedJob' });

const all = ['admin', 'manager', 'teacher', 'auditor'] as const;
const common = { tag: 'Jobs' } as const;

/** Scheduled jobs, and the reactors' jobs that were given up and wait for a hand. */
export function jobRoutes({ jobs, parked: parking }: JobRouteDeps): Route[] {
  return [
    defineRoute({
      ...common, method: 'get', path: '/jobs', operationId: 'listJobs', summary: 'Every scheduled job and how it went last', kind: 'query', access: all, problems: [],
      response: { status: 200, schema: z.strictObject({ items: z.array(job).max(100) }) },
      handler: async () => ({
        body: {
          items: (await jobs.status()).map(({ lastRunAt = null, lastResult = null, lastStatus = null, lastError = null, nextRunAt = null, ...rest }) =>
            ({ ...rest, lastRunAt, lastResult, lastStatus, lastError, nextRunAt })),
        },
      }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/jobs/{name}/runs', operationId: 'runJob', summary: 'Run a job now', kind: 'command', access: ['teacher', 'admin'], problems: ['unknownJob'],
      request: { params: z.strictObject({ name: text(100) }) },
      response: { status: 202, schema: z.strictObject({ runId: text(100) }), description: 'It will run; ask for the run to see how it went.' },
      handler: async ({ params, actor }) => {
        const { runId } = await jobs.trigger(params.name, actor);
        return { body: { runId }, headers: { Location: `/api/v1/jobs/runs/${runId}` } };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/jobs/runs/{runId}', operationId: 'readJobRun', summary: 'How a run went', kind: 'query', access: all, problems: ['jobRunNotFound'],
      request: { params: z.strictObject({ runId: z.uuid().max(36) }) },
      response: { status: 200, schema: run },
      handler: async ({ params }) => {
        const found = await jobs.run(params.runId);
        if (!found) throw refusal('jobRunNotFound', 'There is no such run. Runs are kept 30 days.');
        const { startedAt = null, finishedAt = null, result: done = null, error = null, ...rest } = found;
        return { body: { ...rest, startedAt, finishedAt, result: done, error } };
      },
    }),
    defineRoute({
      ...common, method: 'get', path: '/jobs/parked', operationId: 'listParkedJobs', summary: 'Jobs towards vendors that were given up and wait for a hand, newest first',
      kind: 'query', access: ['admin', 'manager', 'auditor'], problems: [],
      response: { status: 200, schema: z.strictObject({ items: z.array(parked).max(200) }) },
      handler: async () => ({ body: { items: (await parking.listParked(200)).map(({ id, task, key, attempts, error, parkedAt }) => ({ id, task, key, attempts, error, parkedAt })) } }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/jobs/parked/retries', operationId: 'retryParkedJobs', summary: 'Have parked jobs run again', kind: 'command', access: ['admin', 'manager'], problems: [],
      request: { body: z.strictObject({ ids: z.union([z.literal('all'), z.array(text(18).regex(/^\d+$/, 'an id as listed')).min(1).max(200)]) }) },
      response: { status: 202, schema: z.strictObject({ retried: z.array(text(100)).max(20_000) }) },
      handler: async ({ body }) => ({ body: { retried: await parking.retryParked(body.ids) } }),
    }),
  ];
}
