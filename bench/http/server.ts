// The server that bench/http measures, in a process of its own: express bare, the middleware without a command, and (when the
// caller gives a database) a real command on one stream. Prints its URL and a token.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import express from 'express';
import { z } from 'zod';
import { createPersonAccess } from '../../src/http/auth/personAccess.ts';
import { createTokenIssuer, createTokenVerifier } from '../../src/http/auth/tokens.ts';
import { createHttpApp } from '../../src/http/app.ts';
import { createIdempotencyStore } from '../../src/http/idempotency/store.ts';
import { createLog } from '../../src/http/observe/logs.ts';
import { createMetrics } from '../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../src/http/rateLimits.ts';
import { defineRoute } from '../../src/http/route.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { openBenchGroup } from './group.ts';

const { values } = parseArgs({ options: { database: { type: 'string' } } });
const tokens = { secret: 'the secret of a benchmark, nothing more', issuer: 'lectern', audience: 'lectern' };

/** What both commands take and give: the same token, the same checks, the same answer. */
const body = z.strictObject({ name: z.string().trim().min(1).max(200), note: z.string().max(500).optional() });
const answer = z.strictObject({ id: z.string().max(200), revision: z.int(), position: z.string().max(200) });
const shape = { method: 'post', tag: 'Bench', access: ['admin', 'manager'], kind: 'command', problems: [], summary: 'Bench' } as const;
const params = z.strictObject({ id: z.string().min(1).max(200) });

const group = values.database === undefined ? undefined : await openBenchGroup(values.database);
const routes = [
  defineRoute({
    ...shape, path: '/nothing/{id}', operationId: 'doNothing', request: { params, body }, response: { status: 200, schema: answer },
    handler: ({ params: { id } }) => Promise.resolve({ body: { id, revision: 7, position: '0000000000000007' } }),
  }),
  ...(group
    ? [defineRoute({
        ...shape, path: '/groups/{id}/rename', operationId: 'rename', request: { params, body }, response: { status: 200, schema: answer },
        handler: async ({ params: { id }, body: { name }, command }) => ({ body: await group.rename(id, name, command) }),
      })]
    : []),
];

const http = createHttpApp({
  routes,
  verifyToken: createTokenVerifier(tokens),
  people: createPersonAccess(() => Promise.resolve({ role: 'admin', active: true })),
  idempotency: createIdempotencyStore({ query: () => Promise.reject(new Error('no keys in this benchmark')) }),
  readModels: { waitFor: () => Promise.resolve(true) },
  rateLimits: createRateLimits({ perPerson: 60_000_000, perAddress: 60_000_000 }),
  metrics: createMetrics(),
  // As in production: a line per request, to a file that nobody reads.
  log: createLog('info', (await import('pino')).destination({ dest: '/dev/null', sync: false, minLength: 4_096 })),
  checks: [],
});
const server = createHttpServer(http, { host: '127.0.0.1', port: 0 });
const url = await server.listen();

const bare = express();
bare.disable('x-powered-by');
bare.post('/bare', (_request, response) => {
  response.json({ id: 'x', revision: 7, position: '0000000000000007' });
});
const bareServer = await new Promise<Server>((resolve) => {
  const listening = bare.listen(0, '127.0.0.1', () => resolve(listening));
});
const bareUrl = `http://127.0.0.1:${(bareServer.address() as AddressInfo).port}`;

process.stdout.write(`${JSON.stringify({ url, bareUrl, token: await createTokenIssuer(tokens)('bench', 'admin', 3_600) })}\n`);
process.once('SIGTERM', () => {
  void server.drain({ withinMs: 500 }).then(async () => {
    await group?.close();
    process.exit(0);
  });
});
