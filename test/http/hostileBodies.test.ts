import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { checked } from '../../src/http/input/parseInput.ts';
import { parseJson } from '../../src/http/input/parseJson.ts';
import { defineRoute } from '../../src/http/route.ts';
import { eventually } from '../support/eventually.ts';
import { issue, startTestServer } from './support/testServer.ts';

const body = z.strictObject({ a: z.union([z.string().max(100_000), z.array(z.strictObject({ x: z.int() })).max(10)]), more: z.record(z.string().max(10), z.unknown()).optional() });

const taken = defineRoute({
  method: 'post', path: '/things', operationId: 'makeThing', summary: 'Make', tag: 'Things', access: ['admin'], kind: 'command', problems: [],
  request: { body },
  response: { status: 200, schema: z.strictObject({ id: z.string().max(10), revision: z.int(), position: z.string().max(10) }) },
  handler: () => Promise.resolve({ body: { id: 'x', revision: 0, position: '1' } }),
});
const imported = defineRoute({
  method: 'post', path: '/imports', operationId: 'importThings', summary: 'Import', tag: 'Things', access: ['admin'], kind: 'command', problems: [],
  rawBody: { contentTypes: ['text/csv'], maxBytes: 5 * 1024 * 1024 },
  response: { status: 200, schema: z.strictObject({ id: z.string().max(10), revision: z.int(), position: z.string().max(10), bytes: z.int() }) },
  handler: ({ raw }) => Promise.resolve({ body: { id: 'x', revision: 0, position: '1', bytes: raw.length } }),
});

describe('hostile bodies', () => {
  let server: Awaited<ReturnType<typeof startTestServer>>;
  let token: string;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    server = await startTestServer([taken, imported], { server: { headersWithinMs: 1_000, requestWithinMs: 2_000 } });
    token = await issue('a-1', 'admin', 600);
  });
  afterAll(async () => {
    sockets.forEach((socket) => socket.destroy());
    await server.stop();
  });

  /** A client that writes what it likes, and what came back so far. */
  const dial = () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    sockets.push(socket);
    let text = '';
    let closed = false;
    socket.on('data', (chunk) => { text += chunk.toString(); }).on('close', () => { closed = true; }).on('error', () => undefined);
    return { socket, text: () => text, closed: () => closed };
  };
  const head = (more: string, path = '/api/v1/things') => `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;

  const send = (raw: string | Buffer, headers: Record<string, string> = {}) => server.client.ask('POST', '/api/v1/things', { raw, headers: { 'content-type': 'application/json', ...headers } });

  it('refuses 1 GB by its announced length before a byte of it is sent', async () => {
    const client = dial();
    client.socket.write(head('Content-Length: 1073741824'));
    await eventually(() => client.text().includes('"code":"bodyTooLarge"'));
    expect(client.text()).toMatch(/^HTTP\/1\.1 413 /);
    expect(client.text()).toMatch(/\r\nConnection: close\r\n/);
    await eventually(client.closed);
  });

  it('refuses it to who asks first (Expect: 100-continue), and says Continue to a small one', async () => {
    const large = dial();
    large.socket.write(head('Expect: 100-continue\r\nContent-Length: 1073741824'));
    await eventually(() => large.text().includes('bodyTooLarge'));
    expect(large.text()).toMatch(/^HTTP\/1\.1 413 /);
    const small = dial();
    small.socket.write(head('Expect: 100-continue\r\nContent-Length: 9'));
    await eventually(() => small.text().startsWith('HTTP/1.1 100 Continue'));
    small.socket.write('{"a":"x"}');
    await eventually(() => small.text().includes('HTTP/1.1 200 OK'));
  });

  it('stops reading a body without a length as soon as it is too large', async () => {
    let accepted: Socket | undefined;
    server.server.server.once('connection', (socket) => { accepted = socket; });
    const client = dial();
    client.socket.write(head('Transfer-Encoding: chunked'));
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    for (let i = 0; i < 5; i++) client.socket.write(chunk);
    await eventually(() => client.text().includes('bodyTooLarge'));
    for (let i = 0; i < 400; i++) client.socket.write(chunk);
    await eventually(client.closed);
    expect(accepted!.bytesRead).toBeLessThan(2 * 1024 * 1024);
  });

  it('lets imports be 5 MB, and no more', async () => {
    const csv = { 'content-type': 'text/csv' };
    const fits = await server.client.ask('POST', '/api/v1/imports', { raw: Buffer.alloc(5 * 1024 * 1024, 'x'), headers: csv });
    expect([fits.status, fits.body.bytes]).toEqual([200, 5 * 1024 * 1024]);
    const client = dial();
    client.socket.write(head(`Content-Length: ${5 * 1024 * 1024 + 1}`, '/api/v1/imports').replace('application/json', 'text/csv'));
    await eventually(() => client.text().includes('bodyTooLarge'));
  });

  it('refuses compressed bodies: 1 GB of zeros fits in 1 MB', async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'x-gzip', 'identity, gzip']) {
      expect((await send(gzipSync(Buffer.alloc(1024 * 1024)), { 'content-encoding': encoding })).body).toMatchObject({ status: 415, code: 'unsupportedMediaType' });
    }
  });

  it.each<[string, string]>([
    ['100,000 lists deep', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['100,000 lists deep and unfinished', '['.repeat(100_000)],
    ['20,000 objects deep, in a field that takes anything', `{"a":"x","more":${'{"b":'.repeat(20_000)}1${'}'.repeat(20_000)}}`],
    ['a list of 120,000 numbers', `{"a":[${'1,'.repeat(119_999)}1]}`],
    ['a list of 15,000 wrong objects', `{"a":[${'{"y":1},'.repeat(14_999)}{}]}`],
    ['20,000 unknown fields', `{${Array.from({ length: 15_000 }, (_, i) => `"k${i}":1`).join(',')}}`],
    ['__proto__ in a field that takes anything', '{"a":"x","more":{"b":{"__proto__":{"isAdmin":true}}}}'],
    ['a field given twice in a field that takes anything', '{"a":"x","more":{"b":[{"c":1,"c":2}]}}'],
    ['a text of backslashes', `{"a":"${'\\\\'.repeat(120_000)}"}`],
    ['quotes without end', `{"a":"${'\\"'.repeat(120_000)}`],
  ])('refuses %s without holding up the event loop', async (_what, raw) => {
    await send('{"a":"warm"}');
    expect((await send(raw)).status).toBe(400);
    // Reading and checking is one synchronous piece: its time on the processor is what the event loop stands still. It takes 5 to 20 ms, up to 70 on a
    // machine that shares its caches; what the bound catches is work that grows with the square of the body: seconds.
    const before = process.threadCpuUsage();
    expect(() => checked(body, parseJson(raw), 'body')).toThrow();
    const { user, system } = process.threadCpuUsage(before);
    expect((user + system) / 1_000).toBeLessThan(500);
  });

  it('answers others while one trickles in, and gives that one up (slow loris)', async () => {
    const slowHead = dial();
    slowHead.socket.write('POST /api/v1/things HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    const slowBody = dial();
    slowBody.socket.write(head('Content-Length: 100') + '{"a":');
    expect((await send('{"a":"x"}')).status).toBe(200);
    await eventually(() => slowHead.closed() && slowBody.closed());
    expect(slowHead.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each<[string, string, number]>([
    ['headers past 16 KB', `GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['two lengths that differ', 'POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 400],
    ['a length and chunks at once (request smuggling)', 'POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a header with a bare line feed', 'GET /livez HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n', 400],
  ])('refuses %s', async (_what, bytes, status) => {
    const client = dial();
    client.socket.write(bytes);
    await eventually(client.closed);
    expect(client.text()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(client.text()).toContain('application/problem+json');
  });

  it.each([
    ['http://[/', 404], ['http://x/livez', 404], ['//evil.example/livez', 404], ['/livez/../livez', 404], ['/%', 404], ['/api/v1/things?%', 405], ['*', 404], ['/livez?a=%ff', 400], ['/livez#x', 404],
  ])('answers the address %s with a problem, never with a page of express', async (address, status) => {
    const client = dial();
    client.socket.write(`GET ${address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await eventually(client.closed);
    expect(client.text()).toMatch(new RegExp(`^HTTP/1\\.1 (${status}|400) `));
    expect(client.text()).toContain('application/problem+json');
  });

  it('tells a caller without a token nothing of limits, and does not take their body', async () => {
    const client = dial();
    client.socket.write('POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n');
    await eventually(() => client.text().includes('"code":"unauthorized"'));
    await eventually(client.closed);
  });
});
