import type { ChildProcess } from 'node:child_process';
import { Agent } from 'node:http';
import { eventually } from '../support/eventually.ts';
import { send, startServer } from './support/drained.ts';

describe('stopping', () => {
  const children: ChildProcess[] = [];
  afterAll(() => { for (const child of children) child.kill('SIGKILL'); });

  it('turns red and goes on serving while load balancers take notice', async () => {
    const { child, url, ended } = await startServer(children, 1_500);
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    child.kill('SIGTERM');
    const red = await eventually(async () => {
      const response = await fetch(new URL('/readyz', url));
      return response.status === 503 && (await response.json());
    });
    expect(red).toEqual({ status: 'draining', dependencies: [] });
    const agent = new Agent({ keepAlive: true });
    expect(await send(url, agent, 0)).toEqual({ kind: 'answered', status: 200, close: true });
    expect((await ended)[0]).toBe(0);
  });

  it('finishes what is under way, ends streams, and cuts off what takes longer than it may', async () => {
    const { child, url, ended } = await startServer(children, 0, 1_500);
    const agent = new Agent({ keepAlive: true });
    const stream = await fetch(new URL('/api/v1/stream', url));
    const short = send(url, agent, 400);
    const long = send(url, agent, 20_000);
    const reading = stream.text();
    await eventually(async () => ((await (await fetch(new URL('/api/v1/running', url))).json()) as { running: number }).running === 2);
    child.kill('SIGTERM');
    expect(await reading).toContain('data: 0');
    expect(await short).toMatchObject({ kind: 'answered', status: 200 });
    expect(await long).toMatchObject({ kind: 'lost' });
    expect((await ended)[0]).toBe(0);
  });
});
