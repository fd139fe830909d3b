import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../support/eventually.ts';
import { startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

/** As OTLP/HTTP in JSON has them: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
type Value = { stringValue?: string; intValue?: number | string; boolValue?: boolean };
type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string; kind: number; attributes: { key: string; value: Value }[]; status: { code?: number } };
type Export = { resourceSpans: { resource: { attributes: { key: string; value: Value }[] }; scopeSpans: { spans: Span[] }[] }[] };

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let collector: Server;
let server: LecternProcess | undefined;
const paths = new Set<string>();
const services = new Set<string>();
const spans: Span[] = [];
let everything = '';
const person = `person-${randomUUID()}`;

/** A real receiver of OTLP over HTTP. */
async function startCollector(): Promise<string> {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const text = Buffer.concat(chunks).toString();
      everything += text;
      paths.add(request.url ?? '');
      for (const { resource, scopeSpans } of (JSON.parse(text) as Export).resourceSpans) {
        for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue ?? '');
        spans.push(...scopeSpans.flatMap((scope) => scope.spans));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  return `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
}

/** Ends the process when OpenTelemetry is loaded: anything but its API, which prom-client looks at. */
const refusingOpenTelemetry = `--import=data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) { if (/^@opentelemetry\\/(?!api$)/.test(name)) throw new Error('OpenTelemetry was loaded'); return next(name, context); } });
`)}`;

const start = (environment: Record<string, string>) => startLectern({
  dataDir: folder.path,
  environment: { DATABASE_URL: database.url, LECTERN_MASTER_KEY: Buffer.alloc(32, 5).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64'), ...environment },
});
const call = (running: LecternProcess, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(`${running.ready.url}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${running.ready.tokens.admin}`, 'content-type': 'application/json', ...headers }, ...(body ? { body: JSON.stringify(body) } : {}),
  });
const named = (name: string, traceId?: string) => spans.filter((span) => span.name === name && (traceId === undefined || span.traceId === traceId));
const attributeOf = (span: Span | undefined, key: string) => {
  const value = span?.attributes.find((attribute) => attribute.key === key)?.value;
  return value?.stringValue ?? value?.intValue;
};

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
}, 60_000);
afterAll(async () => {
  await server?.terminate();
  collector?.close();
  await database?.drop();
  await folder?.remove();
});

describe('traces', () => {
  it('of a request reach an OTLP receiver: the caller\'s trace goes on through request, command and append; the rest is there too, and no person is named', async () => {
    server = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: await startCollector(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '100' });
    const traceId = randomBytes(16).toString('hex');
    const caller = randomBytes(8).toString('hex');
    const answer = await call(server, 'POST', '/people', { personId: person, name: 'Olena Koval', email: 'olena@school.example', role: 'teacher', timeZone: 'Europe/Kyiv' }, { traceparent: `00-${traceId}-${caller}-01` });
    expect(answer.status).toBe(201);
    await eventually(() => named('POST /api/v1/people', traceId).length === 1 && named('append', traceId).length === 1);

    const [request] = named('POST /api/v1/people', traceId);
    const [append] = named('append', traceId);
    const command = spans.find((span) => span.spanId === append?.parentSpanId);
    expect(request).toMatchObject({ parentSpanId: caller, kind: 2 });
    expect([attributeOf(request, 'http.route'), Number(attributeOf(request, 'http.response.status_code'))]).toEqual(['/api/v1/people', 201]);
    expect(command).toMatchObject({ traceId, parentSpanId: request?.spanId, name: expect.stringMatching(/^person /) as string });
    expect([attributeOf(append, 'lectern.category'), attributeOf(append, 'lectern.outcome')]).toEqual(['person', 'appended']);

    // A refusal is an answer, not a failure; and a trace that begins here has the id that the answer names.
    const refused = await call(server, 'GET', `/people/nobody-${person}`);
    const { traceId: told } = (await refused.json()) as { traceId: string };
    await eventually(() => named('GET /api/v1/people/{id}', told).length === 1);
    expect(named('GET /api/v1/people/{id}', told)[0]?.status.code ?? 0).not.toBe(2);

    // Behind the request: projections, jobs, and what they ask of Zoom.
    expect((await call(server, 'POST', '/zoom-accounts', { accountId: 'a1', zoomUser: 'host@school.example', capacity: 1, credentialsRef: 'default', cloudRecording: true })).status).toBe(201);
    const localStart = new Date(Date.now() + 3_600_000).toISOString().slice(0, 16);
    expect((await call(server, 'POST', '/lessons', { title: 'Optics', teacherId: person, localStart, zone: 'UTC', durationMinutes: 45 })).status).toBe(201);
    expect((await call(server, 'POST', '/jobs/tidyUp/runs')).status).toBe(202);
    await eventually(() => named('project directory').length > 0 && named('react syncMeeting').length > 0 && named('job tidyUp').length > 0, { timeoutMs: 20_000 });
    await eventually(() => named('react syncMeeting').some(({ spanId }) => spans.some((span) => span.parentSpanId === spanId && span.kind === 3 && span.name.startsWith('zoom '))), { timeoutMs: 20_000 });

    expect([...paths]).toEqual(['/v1/traces']);
    expect([...services]).toEqual(['lectern']);
    for (const secret of [person, 'Olena', 'olena@', 'host@', 'Optics', server.ready.tokens.admin]) expect(everything).not.toContain(secret);
    expect(await server.terminate()).toBe(0);
    server = undefined;
  }, 90_000);

  it('that nobody asked for load nothing', async () => {
    for (const environment of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }]) {
      server = await start({ NODE_OPTIONS: refusingOpenTelemetry, ...environment });
      expect((await call(server, 'GET', '/people')).status).toBe(200);
      await server.terminate();
      server = undefined;
    }
    await expect(start({ NODE_OPTIONS: refusingOpenTelemetry, OTEL_TRACES_EXPORTER: 'otlp' })).rejects.toThrow('OpenTelemetry was loaded');
  }, 90_000);
});
