// A server of its own process: it answers commands after a moment, counts what it did, and drains at SIGTERM.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { createHttpApp } from '../../../src/http/app.ts';
import { createLog } from '../../../src/http/observe/logs.ts';
import { createMetrics } from '../../../src/http/observe/metrics.ts';
import { createRateLimits } from '../../../src/http/rateLimits.ts';
import { defineRoute } from '../../../src/http/route.ts';
import { createHttpServer } from '../../../src/http/server.ts';

let done = 0;
let running = 0;
const work = defineRoute({
  method: 'post', path: '/work', operationId: 'work', summary: 'Work', tag: 'Things', access: 'public', kind: 'command', problems: [],
  request: { body: z.strictObject({ ms: z.int().min(0).max(20_000) }) },
  response: { status: 200, schema: z.strictObject({ id: z.string().max(10), revision: z.int(), position: z.string().max(20) }) },
  handler: async ({ body }) => {
    running++;
    await pause(body.ms);
    running--;
    return { body: { id: 'x', revision: done++, position: '1' } };
  },
});
const under = defineRoute({
  method: 'get', path: '/running', operationId: 'countRunning', summary: 'How many run', tag: 'Things', access: 'public', kind: 'query', problems: [],
  response: { status: 200, schema: z.strictObject({ running: z.int() }) },
  handler: () => Promise.resolve({ body: { running } }),
});
const stream = defineRoute({
  method: 'get', path: '/stream', operationId: 'stream', summary: 'Stream', tag: 'Things', access: 'public', kind: 'query', problems: [],
  response: { status: 200, contentType: 'text/event-stream', schema: z.string() },
  handler: ({ signal }) => Promise.resolve({
    events: (async function* () {
      for (let n = 0; !signal.aborted; n++) {
        yield { id: String(n), data: n };
        await pause(20, undefined, { signal }).catch(() => undefined);
      }
    })(),
  }),
});

const http = createHttpApp({
  routes: [work, under, stream],
  verifyToken: () => ({ outcome: 'refused' }), people: { of: () => undefined, learn: () => undefined },
  idempotency: { claim: () => Promise.resolve({ kind: 'running' }), renew: () => Promise.resolve(), keep: () => Promise.resolve(), release: () => Promise.resolve(), purge: () => Promise.resolve(0) },
  readModels: { waitFor: () => Promise.resolve(true) }, rateLimits: createRateLimits({ perPerson: 0, perAddress: 0 }),
  metrics: createMetrics(), log: createLog('silent'), checks: [],
});
const server = createHttpServer(http, { host: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
const settings = { noticeMs: Number(process.argv[3] ?? 0), withinMs: Number(process.argv[4] ?? 10_000) };
process.once('SIGTERM', () => {
  void server.drain(settings).then(() => {
    // The handler that was cut off would keep the process for its 20 s.
    process.stdout.write(`done ${done}\n`, () => process.exit(0));
  });
});
process.stdout.write(`url ${await server.listen()}\n`);
