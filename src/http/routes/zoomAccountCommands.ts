import { z } from 'zod';
import type { ZoomAccountCommands } from '../../commands/zoomAccounts/index.ts';
import { defineRoute, type Route } from '../route.ts';
import { given, idField, idParams, ifMatchOf, instantField, reasonField } from './fields.ts';

const text = (max: number) => z.string().max(max);
const summary = z.strictObject({ id: text(200), capacity: z.int(), enabled: z.boolean(), cloudRecording: z.boolean(), credentialsRef: text(200), activeLeases: z.int() });
const accountAnswer = z.strictObject({
  id: text(200), revision: z.int(), position: text(200), account: summary, movedLessons: z.array(text(200)).max(10_000).readonly().describe('Lessons that got another account first.'),
});
const leaseAnswer = accountAnswer.extend({ leaseId: text(200) });

const capacity = z.int().min(1).max(1000).describe('Meetings that the licence can run at once: 1 on Basic and Pro, 2 on Business, Education and Enterprise.');
const move = z.boolean().default(false).describe('Spread what no longer fits over the other accounts first.');
const credentialsRef = idField.describe('Of PUT /credentials/{ref}.');

const common = { tag: 'Zoom accounts', kind: 'command', access: ['admin', 'manager'] } as const;
const shrinking = ['zoomAccountNotFound', 'zoomAccountHasReservations', 'zoomAccountInUse', 'noZoomAccountFree', 'contended'] as const;

export function zoomAccountCommandRoutes(commands: ZoomAccountCommands): Route[] {
  return [
    defineRoute({
      ...common, method: 'post', path: '/zoom-accounts', operationId: 'registerZoomAccount', summary: 'Add a Zoom account to the pool',
      request: {
        body: z.strictObject({
          accountId: idField.optional(), zoomUser: z.string().trim().min(1).max(254).describe('E-mail or Zoom user id of the host.'), capacity, credentialsRef,
          cloudRecording: z.boolean().describe('The licence has cloud recording (Basic has not).'),
        }),
      },
      response: { status: 201, schema: accountAnswer },
      problems: ['zoomAccountExists', 'zoomUserEnlisted', 'invalidCapacity', 'contended'],
      handler: async ({ body, command }) => {
        const { accountId, ...account } = body;
        const answer = await commands.register({ ...account, ...given({ accountId }) }, command);
        return { body: answer, headers: { Location: `/api/v1/zoom-accounts/${encodeURIComponent(answer.id)}` } };
      },
    }),
    defineRoute({
      ...common, method: 'patch', path: '/zoom-accounts/{id}', operationId: 'changeZoomAccount', summary: 'Change capacity, credentials or licence',
      description: 'A capacity below what is planned is refused with the list, unless `move` spreads it over the others first.',
      request: {
        params: idParams,
        body: z.strictObject({ capacity: capacity.optional(), credentialsRef: credentialsRef.optional(), cloudRecording: z.boolean().optional(), move })
          .refine((body) => body.capacity !== undefined || body.credentialsRef !== undefined || body.cloudRecording !== undefined, 'name what is to change'),
      },
      response: { status: 200, schema: accountAnswer },
      problems: [...shrinking, 'invalidCapacity'],
      handler: async ({ params, body: { move: moves, ...changes }, command, ...request }) =>
        ({ body: await commands.change({ accountId: params.id, move: moves, ...given(changes) }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/zoom-accounts/{id}/disable', operationId: 'disableZoomAccount', summary: 'Take an account out of use',
      description: 'With lessons planned on it this is refused with the list, unless `move` spreads them over the others first.',
      request: { params: idParams, body: z.strictObject({ reason: reasonField, move }) },
      response: { status: 200, schema: accountAnswer },
      problems: shrinking,
      handler: async ({ params, body, command, ...request }) => ({ body: await commands.disable({ accountId: params.id, ...body }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/zoom-accounts/{id}/enable', operationId: 'enableZoomAccount', summary: 'Bring an account back into use',
      request: { params: idParams },
      response: { status: 200, schema: accountAnswer },
      problems: ['zoomAccountNotFound', 'contended'],
      handler: async ({ params, command, ...request }) => ({ body: await commands.enable({ accountId: params.id }, command, ifMatchOf(request)) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/zoom-accounts/{id}/leases', operationId: 'acquireZoomAccount', summary: 'Take a place of an account into use',
      description: 'For use outside lessons, or to hold a place back. A full account refuses, always.',
      request: { params: idParams, body: z.strictObject({ holder: idField.describe('A lesson\'s id, or a name for the use.'), until: instantField.describe('Planned end.') }) },
      response: { status: 201, schema: leaseAnswer },
      problems: ['zoomAccountNotFound', 'zoomAccountDisabled', 'noLeaseFree', 'emptyInterval', 'contended'],
      handler: async ({ params, body, command }) =>
        ({ body: await commands.acquire({ accountId: params.id, holder: body.holder, until: new Date(body.until).toISOString() }, command) }),
    }),
    defineRoute({
      ...common, method: 'post', path: '/zoom-accounts/{id}/leases/{leaseId}/release', operationId: 'releaseZoomAccount', summary: 'Give a place of an account back',
      description: 'Only this lease ends, and only once: a repeat changes nothing.',
      request: { params: z.strictObject({ id: idField, leaseId: idField }), body: z.strictObject({ reason: reasonField.optional() }) },
      response: { status: 200, schema: accountAnswer },
      problems: ['zoomAccountNotFound', 'contended'],
      handler: async ({ params, body, command }) => ({ body: await commands.release({ accountId: params.id, leaseId: params.leaseId, ...given(body) }, command) }),
    }),
  ];
}
