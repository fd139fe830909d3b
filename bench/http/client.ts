import { connect, type Socket } from 'node:net';
import type { Measured } from '../load.ts';

export type Call = { url: string; path: string; headers: Readonly<Record<string, string>>; /** A fresh body per request. */ body(nth: number): string };

/**
 * `clients` keep-alive connections, each waiting for its answer before it asks again. Speaks just enough HTTP/1.1 (fixed lengths) to
 * leave the processor to the server.
 * @throws Error at the first answer that is not 2xx
 */
export async function hammer(call: Call, clients: number, ms: number): Promise<Measured> {
  const latencies: number[] = [];
  const { hostname, port, host } = new URL(call.url);
  const fixed = Object.entries({ Host: host, 'Content-Type': 'application/json', ...call.headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const began = performance.now();
  const end = began + ms;
  let nth = 0;
  await Promise.all(Array.from({ length: clients }, async () => {
    const socket = await dial(Number(port), hostname);
    const answers = reader(socket);
    while (performance.now() < end) {
      const start = performance.now();
      const body = call.body((nth += 1));
      socket.write(`POST ${call.path} HTTP/1.1\r\n${fixed}Content-Length: ${body.length}\r\n\r\n${body}`);
      const status = await answers.next();
      if (!status.startsWith('2')) throw new Error(`${call.path} answered ${status}`);
      latencies.push(performance.now() - start);
    }
    socket.destroy();
  }));
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

const dial = (port: number, host: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host, noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });

/** One answer at a time: resolves with the status and what follows it on the line. */
function reader(socket: Socket): { next(): Promise<string> } {
  let buffer = '';
  let waiting: { resolve(status: string): void; reject(error: Error): void } | undefined;
  socket.on('data', (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    const head = buffer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(buffer.slice(0, head))?.[1] ?? 0);
    if (buffer.length < head + 4 + length) return;
    const status = buffer.slice('HTTP/1.1 '.length, buffer.indexOf('\r\n'));
    buffer = buffer.slice(head + 4 + length);
    waiting?.resolve(status);
  });
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')));
  return { next: () => new Promise((resolve, reject) => { waiting = { resolve, reject }; }) };
}
