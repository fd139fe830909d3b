import { z } from 'zod';
import type { Clock } from '../../ports/clock.ts';
import type { ReadModelStatus } from '../../projections/engine/readModel.ts';
import type { LessonQueries } from '../../projections/lessons/queries.ts';
import { percent, type ZoomAccountQueries } from '../../projections/zoomAccounts/queries.ts';
import { defineRoute, type Route } from '../route.ts';
import { schoolDay } from './schoolDay.ts';

/** As the jobs engine tells it. */
type JobState = { name: string; schedule: string; enabled: boolean; lastRunAt: string | undefined; totalRunCount: number; lastStatus: string | undefined; lastError: string | undefined };

export type OperationsRouteDeps = {
  lessons: Pick<LessonQueries, 'counts'>;
  zoomAccounts: Pick<ZoomAccountQueries, 'pool'>;
  clock: Clock;
  /** IANA. */
  schoolTimeZone: string;
  jobs: () => Promise<readonly JobState[]>;
  readModels: () => Promise<readonly ReadModelStatus[]>;
  /** Vendor jobs that used up their attempts. */
  parkedJobs: () => Promise<readonly { task: string; key: string; error: string }[]>;
  /** Vendors that do not answer at the moment (their breaker is open). */
  vendorsDown: () => readonly string[];
};

const text = (max: number) => z.string().max(max);
const issue = z.strictObject({ code: z.enum(['projectionPaused', 'projectionStuck', 'parkedJobs', 'parkedMeetings', 'vendorDown', 'jobFailed', 'poolNearlyFull', 'poolFull']), subject: text(300), message: text(2000) });

const operations = z.strictObject({
  jobs: z.array(z.strictObject({
    name: text(100), schedule: text(100), enabled: z.boolean(), lastRunAt: z.iso.datetime().nullable(), totalRunCount: z.int(), lastStatus: text(20).nullable(), lastError: text(4000).nullable(),
  })).max(200),
  zoomAccounts: z.strictObject({
    total: z.int(), available: z.int().describe('Enabled, and a meeting more could run now.'), inUse: z.int(), inUseMeetings: z.int(),
    utilizationPercent: z.number().describe('Accounts in use ÷ enabled accounts.'), capacityPercent: z.number().describe('Meetings ÷ enabled capacity.'),
  }),
  lessons: z.strictObject({ activeNow: z.int(), todayTotal: z.int() }),
  health: z.strictObject({ status: z.enum(['healthy', 'warning', 'critical']), issues: z.array(issue).max(500) }),
});
type Issue = z.output<typeof issue>;

/** `healthy` below 80 %, `warning` from 80 to 95, `critical` above. */
export const healthOf = (percentInUse: number): 'healthy' | 'warning' | 'critical' => (percentInUse > 95 ? 'critical' : percentInUse >= 80 ? 'warning' : 'healthy');

export function operationsRoutes(deps: OperationsRouteDeps): Route[] {
  return [
    defineRoute({
      method: 'get', path: '/metrics/operations', operationId: 'readOperations', tag: 'Operation', access: ['admin', 'manager', 'auditor'], kind: 'query', readModel: ['zoomAccounts', 'lessons'],
      summary: 'How the school runs: jobs, accounts in use, lessons, and what is wrong',
      description: 'Health follows the larger of both percentages: `healthy` below 80, `warning` from 80 to 95, `critical` above.',
      response: { status: 200, schema: operations },
      problems: [],
      handler: async () => {
        const day = schoolDay(deps.clock.now(), deps.schoolTimeZone);
        const [pool, counts, jobs, readModels, parked] = await Promise.all([
          deps.zoomAccounts.pool(), deps.lessons.counts(day.from, day.until), deps.jobs(), deps.readModels(), deps.parkedJobs(),
        ]);
        const utilizationPercent = percent(pool.inUseEnabled, pool.enabled);
        const capacityPercent = percent(pool.meetingsOnEnabled, pool.enabledCapacity);
        const status = healthOf(Math.max(utilizationPercent, capacityPercent));
        const issues: Issue[] = [
          ...(status === 'critical' ? [{ code: 'poolFull' as const, subject: 'zoomAccounts', message: `${capacityPercent} % of the capacity and ${utilizationPercent} % of the accounts are in use` }] : []),
          ...(status === 'warning' ? [{ code: 'poolNearlyFull' as const, subject: 'zoomAccounts', message: `${capacityPercent} % of the capacity and ${utilizationPercent} % of the accounts are in use` }] : []),
          ...readModels.flatMap(readModelIssue),
          ...(parked.length > 0 ? [{ code: 'parkedJobs' as const, subject: parked[0]?.task ?? '', message: `${parked.length} jobs wait for a hand, the first: ${parked[0]?.key ?? ''}: ${parked[0]?.error ?? ''}`.slice(0, 2000) }] : []),
          ...(counts.parkedMeetings > 0 ? [{ code: 'parkedMeetings' as const, subject: 'lessons', message: `${counts.parkedMeetings} lessons have a meeting that waits for a hand` }] : []),
          ...deps.vendorsDown().map((vendor) => ({ code: 'vendorDown' as const, subject: vendor, message: `${vendor} does not answer` })),
          ...jobs.filter((job) => job.lastStatus === 'failed').map((job) => ({ code: 'jobFailed' as const, subject: job.name, message: (job.lastError ?? 'its last run failed').slice(0, 2000) })),
        ];
        return {
          body: {
            jobs: jobs.map(({ name, schedule, enabled, lastRunAt, totalRunCount, lastStatus, lastError }) => ({
              name, schedule, enabled, lastRunAt: lastRunAt ?? null, totalRunCount, lastStatus: lastStatus ?? null, lastError: lastError?.slice(0, 4000) ?? null,
            })),
            zoomAccounts: { total: pool.total, available: pool.available, inUse: pool.inUse, inUseMeetings: pool.inUseMeetings, utilizationPercent, capacityPercent },
            lessons: { activeNow: counts.activeNow, todayTotal: counts.todayTotal },
            health: { status, issues: issues.slice(0, 500) },
          },
        };
      },
    }),
  ];
}

function readModelIssue(model: ReadModelStatus): Issue[] {
  if (model.pausedAt) {
    const { eventType, stream, revision, error } = model.pausedAt;
    return [{ code: 'projectionPaused', subject: model.name, message: `stands before ${eventType} (${stream}, revision ${revision}): ${error}`.slice(0, 2000) }];
  }
  if (model.error !== undefined) return [{ code: 'projectionStuck', subject: model.name, message: model.error.slice(0, 2000) }];
  return [];
}
