import { z } from 'zod';
import type { ZoomAccountCommands } from '../../commands/zoomAccounts/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ZoomAccountQueries } from '../../projections/zoomAccounts/queries.ts';
import { replayPool } from '../../projections/zoomAccounts/whatIf.ts';
import { decodeCursor, pageOf, pageQuery, pageSchema } from '../paging.ts';
import { refusal } from '../problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idParams, instantField } from './fields.ts';
import { startKey } from './lessons.ts';
import { schoolDay } from './schoolDay.ts';
import { zoomAccountCommandRoutes } from './zoomAccountCommands.ts';
import { calendarEntry, freeAccount, whatIfView, zoomAccountView } from './zoomAccountViews.ts';

export type ZoomAccountRouteDeps = {
  commands: ZoomAccountCommands;
  zoomAccounts: ZoomAccountQueries;
  clock: Clock;
  /** IANA. */
  schoolTimeZone: string;
  /** Between two reservations of one place. */
  gapMinutes: number;
};

const readers = ['admin', 'manager', 'auditor'] as const;
const common = { tag: 'Zoom accounts', method: 'get', access: readers, kind: 'query', readModel: 'zoomAccounts' } as const;
const idKey = z.tuple([z.string().min(1).max(200)]);
const days = (count: number) => count * 86_400_000;

const before = ({ from, to }: { from: string; to: string }) => Date.parse(from) < Date.parse(to);
const within = (span: number) => ({ from, to }: { from: string; to: string }) => Date.parse(to) - Date.parse(from) <= span;

/** The pool of Zoom accounts: what is planned on them, what runs, what would have been. */
export function zoomAccountRoutes({ commands, zoomAccounts, clock, schoolTimeZone, gapMinutes }: ZoomAccountRouteDeps): Route[] {
  const today = () => schoolDay(clock.now(), schoolTimeZone);
  return [
    ...zoomAccountCommandRoutes(commands),
    defineRoute({
      ...common, path: '/zoom-accounts', operationId: 'listZoomAccounts', summary: 'The accounts with current meetings, next reservation and utilization',
      request: { query: z.strictObject({ enabled: z.stringbool().optional(), ...pageQuery }) },
      response: { status: 200, schema: pageSchema(zoomAccountView) },
      problems: ['invalidCursor'],
      handler: async ({ query: { limit, cursor, ...filter } }) => {
        const after = decodeCursor(cursor, idKey)?.[0];
        const rows = await zoomAccounts.list(given(filter), today(), { after, limit: limit + 1 });
        return { body: pageOf(rows, limit, (row) => [row.id], (row) => row) };
      },
    }),
    defineRoute({
      ...common, path: '/zoom-accounts/{id}', operationId: 'readZoomAccount', summary: 'One account',
      request: { params: idParams },
      response: { status: 200, schema: zoomAccountView },
      problems: ['zoomAccountNotFound'],
      handler: async ({ params }) => {
        const account = await zoomAccounts.account(params.id, today());
        if (!account) throw refusal('zoomAccountNotFound', 'There is no such Zoom account.');
        return { body: account, revision: account.revision };
      },
    }),
    defineRoute({
      ...common, path: '/zoom-accounts/{id}/calendar', operationId: 'readZoomAccountCalendar', summary: 'What is planned on an account, in order of start',
      request: {
        params: idParams,
        query: z.strictObject({
          from: instantField.optional().describe('Default: now.'), to: instantField.optional().describe('Default: 30 days after `from`.'),
          released: z.stringbool().default(false).describe('Also what was given back.'), ...pageQuery,
        }),
      },
      response: { status: 200, schema: pageSchema(calendarEntry) },
      problems: ['invalidCursor', 'zoomAccountNotFound'],
      handler: async ({ params, query: { limit, cursor, released, ...query } }) => {
        const from = query.from ?? clock.now().toISOString();
        const to = query.to ?? new Date(Date.parse(from) + days(30)).toISOString();
        const after = decodeCursor(cursor, startKey);
        if (!(await zoomAccounts.summary(params.id))) throw refusal('zoomAccountNotFound', 'There is no such Zoom account.');
        const rows = await zoomAccounts.calendar(params.id, { from, to, released }, { after, limit: limit + 1 });
        return { body: pageOf(rows, limit, (row) => [row.from, row.reservationId], (row) => row) };
      },
    }),
    defineRoute({
      ...common, path: '/zoom-accounts/free', operationId: 'listFreeZoomAccounts', summary: 'Accounts that can take a lesson at that time',
      description: 'Enabled, and with a place left at every moment of it, the gap between lessons included.',
      request: { query: z.strictObject({ from: instantField, to: instantField, ...pageQuery }).refine(before, 'from lies before to').refine(within(days(1)), 'at most 24 hours') },
      response: { status: 200, schema: pageSchema(freeAccount) },
      problems: ['invalidCursor'],
      handler: async ({ query: { from, to, limit, cursor } }) => {
        const after = decodeCursor(cursor, idKey)?.[0];
        const rows = await zoomAccounts.free(from, to, gapMinutes, { after, limit: limit + 1 });
        return { body: pageOf(rows, limit, (row) => [row.id], (row) => row) };
      },
    }),
    defineRoute({
      ...common, path: '/zoom-accounts/what-if', operationId: 'replayOnAnotherPool', summary: 'How many lessons another pool would have refused',
      description: 'Replays what was asked for in that time on `accounts` accounts of `capacity` each: refusals, and the most meetings at once. What the real pool refused left no trace, so it is not in it.',
      request: {
        query: z.strictObject({ accounts: z.coerce.number().int().min(1).max(200), capacity: z.coerce.number().int().min(1).max(50), from: instantField, to: instantField })
          .refine(before, 'from lies before to').refine(within(days(366)), 'at most 366 days'),
      },
      response: { status: 200, schema: whatIfView },
      problems: [],
      handler: async ({ query: { accounts, capacity, from, to }, signal }) => {
        const result = await replayPool(zoomAccounts.history(from, to), { accounts, capacity, gapMinutes }, signal);
        const iso = (instant: string) => new Date(instant).toISOString();
        return { body: { accounts, capacity, from: iso(from), to: iso(to), ...result, peak: await zoomAccounts.peak(from, to) } };
      },
    }),
  ];
}
