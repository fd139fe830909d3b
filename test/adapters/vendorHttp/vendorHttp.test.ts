import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPrivateAddress, publicLookup } from '../../../src/adapters/vendorHttp/addresses.ts';
import { createVendorHttp, type VendorCall, type VendorHttp, type VendorHttpOptions } from '../../../src/adapters/vendorHttp/vendorHttp.ts';
import { eventually } from '../../support/eventually.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const open: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(origin: string, more: Partial<VendorHttpOptions> = {}): VendorHttp & { calls: VendorCall[]; lines: object[] } {
  const calls: VendorCall[] = [];
  const lines: object[] = [];
  const note = (fields: object, message: string) => void lines.push({ ...fields, message });
  const http = createVendorHttp({ vendor: 'test', allowedOrigins: [origin], headersMs: 300, connectMs: 300, bodyMs: 300, log: { info: note, warn: note }, onCall: (call) => void calls.push(call), ...more });
  open.push(http);
  return { ...http, calls, lines };
}
const get = (url: string) => ({ method: 'GET' as const, url, route: '/x' });

describe('a call to a vendor', () => {
  it('answers any status, with headers and body', async () => {
    const url = await serve((_, response) => response.writeHead(418, { 'x-request-id': 'r1' }).end('{"a":1}'));
    const http = client(url, { requestIdHeader: 'x-request-id' });
    expect(await http.call(get(url))).toMatchObject({ status: 418, headers: { 'x-request-id': 'r1' }, body: '{"a":1}' });
    expect(http.calls).toMatchObject([{ vendor: 'test', outcome: '4xx', route: '/x' }]);
    expect(http.lines).toMatchObject([{ requestId: 'r1', status: 418 }]);
  });

  it('is not sent once this process is stopping, whether it has called before or not', async () => {
    const url = await serve((_, response) => response.end());
    for (const callsBefore of [0, 1]) {
      const http = client(url);
      for (let n = 0; n < callsBefore; n += 1) await http.call(get(url));
      await http.close();
      await expect(http.call(get(url))).rejects.toMatchObject({ code: 'notSent' });
    }
  });

  it('does not follow a redirect', async () => {
    let hits = 0;
    const url = await serve((_, response) => {
      hits += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await client(url).call(get(url))).status).toBe(302);
    expect(hits).toBe(1);
  });

  it('that gets no headers, a body byte by byte, or a cut connection is of unknown outcome', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/cut') return void request.socket.destroy();
      if (request.url === '/silent') return;
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const http = client(url);
    for (const path of ['/silent', '/slow', '/cut']) await expect(http.call(get(`${url}${path}`))).rejects.toMatchObject({ code: 'unknownOutcome' });
    expect(http.calls.map(({ outcome }) => outcome)).toEqual(['lost', 'lost', 'lost']);
  });

  it('to nobody is known not to have been sent', async () => {
    const http = client('http://127.0.0.1:1');
    await expect(http.call(get('http://127.0.0.1:1'))).rejects.toMatchObject({ code: 'notSent' });
  });

  it('with an endless answer is cut off', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 5);
      response.on('close', () => clearInterval(timer));
    });
    await expect(client(url, { maxBytes: 100_000 }).call(get(url))).rejects.toMatchObject({ code: 'tooLarge' });
  });

  it('logs neither body nor header nor path', async () => {
    const url = await serve((_, response) => response.end('canary-answer'));
    const http = client(url);
    await http.call({ ...get(`${url}/users/canary-person?token=canary-query`), headers: { authorization: 'Bearer canary-token' } });
    expect(JSON.stringify(http.lines)).not.toContain('canary');
  });
});

describe('the breaker', () => {
  it('opens after failures in a row, refuses without calling, and closes again', async () => {
    let hits = 0;
    let broken = true;
    const url = await serve((_, response) => {
      hits += 1;
      response.writeHead(broken ? 503 : 200).end();
    });
    const http = client(url, { breakAfter: 3, breakForMs: 100 });
    for (let n = 0; n < 3; n += 1) expect((await http.call(get(url))).status).toBe(503);
    await expect(http.call(get(url))).rejects.toMatchObject({ code: 'notSent' });
    expect(hits).toBe(3);
    expect(http.broken()).toEqual([new URL(url).host]);
    broken = false;
    await eventually(async () => (await http.call(get(url))).status === 200);
    expect(http.broken()).toEqual([]);
  });

  it('of one host leaves another alone, and a 4xx does not count', async () => {
    const bad = await serve((_, response) => response.writeHead(500).end());
    const good = await serve((_, response) => response.writeHead(404).end());
    const http = client(bad, { allowedOrigins: [bad, good], breakAfter: 2 });
    for (let n = 0; n < 2; n += 1) await http.call(get(bad));
    await expect(http.call(get(bad))).rejects.toMatchObject({ code: 'notSent' });
    for (let n = 0; n < 5; n += 1) expect((await http.call(get(good))).status).toBe(404);
  });
});

it('no more calls than allowed are under way at once', async () => {
  const waiting: ServerResponse[] = [];
  let most = 0;
  const url = await serve((_, response) => {
    waiting.push(response);
    most = Math.max(most, waiting.length);
    setImmediate(() => waiting.splice(waiting.indexOf(response), 1)[0]?.end('ok'));
  });
  const http = client(url, { concurrency: 3, queue: 100, headersMs: 5_000 });
  await Promise.all(Array.from({ length: 50 }, () => http.call(get(url))));
  expect(most).toBeLessThanOrEqual(3);
});

describe('private addresses', () => {
  it.each(['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '::', 'fc00::1', 'fe80::1', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', 'no address'])('%s is one', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });
  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111'])('%s is none', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });

  it('are not called, however they are written, unless they are allowed', async () => {
    const url = await serve((_, response) => response.end('secret'));
    const http = client('http://127.0.0.1:2');
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', 'localhost']) {
      await expect(http.call(get(`https://${host}:${port}/`))).rejects.toMatchObject({ code: 'notSent' });
    }
    await expect(http.call(get(url))).rejects.toMatchObject({ code: 'notSent', message: expect.stringContaining('https') });
  });

  it('are refused after the name was resolved', async () => {
    const error = await new Promise<Error | null>((resolve) => publicLookup('localhost', {}, resolve));
    expect(error).toMatchObject({ code: 'EPRIVATEADDRESS' });
  });
});
