import type { ChildProcess } from 'node:child_process';
import { Agent } from 'node:http';
import { send, startServer, type Outcome } from '../http/support/drained.ts';
import { eventually } from '../support/eventually.ts';

describe('stopping under load', () => {
  const children: ChildProcess[] = [];
  afterAll(() => { for (const child of children) child.kill('SIGKILL'); });

  it('loses no request over 20 SIGTERMs', async () => {
    for (let round = 0; round < 20; round++) {
      const { child, url, ended, done } = await startServer(children);
      const agent = new Agent({ keepAlive: true, maxSockets: 16 });
      const outcomes: Outcome[] = [];
      let stop = false;
      const client = async () => {
        while (!stop) {
          const outcome = await send(url, agent, round % 3);
          outcomes.push(outcome);
          if (outcome.kind !== 'answered') return;
        }
      };
      const clients = Array.from({ length: 16 }, client);
      await eventually(() => outcomes.length > 100 + round * 10);
      child.kill('SIGTERM');
      await Promise.all(clients);
      stop = true;
      expect(outcomes.filter((outcome) => outcome.kind === 'lost')).toEqual([]);
      expect(outcomes.every((outcome) => outcome.kind !== 'answered' || outcome.status === 200)).toBe(true);
      expect(await done()).toBe(outcomes.filter((outcome) => outcome.kind === 'answered').length);
      expect((await ended)[0]).toBe(0);
      agent.destroy();
    }
  });
});
