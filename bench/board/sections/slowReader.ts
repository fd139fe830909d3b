import type { Verdict } from '../../report.ts';
import { print } from '../../report.ts';
import { isOurs, withServer, type Section } from '../bench.ts';
import type { BoardOp, RunningServer } from '../contestant.ts';
import { pause } from '../load.ts';
import { residentMb } from '../serverProcess.ts';
import { printColumns } from '../table.ts';

const writers = 4;
const messagesPerSecond = 20;
/** Ten shapes of 4,000 characters in a message, the same few hundred shapes again and again: the board itself does not grow. */
const opsPerMessage = 10;
const textLength = 4_000;
const megabyte = 1_048_576;

/** Draws until the reader beside the stalled one was offered so many bytes. @returns the most that was resident meanwhile, in MB, and what was offered */
async function draw(server: RunningServer, clients: readonly { send(ops: readonly BoardOp[]): void }[], reader: { bytesIn(): number }, offer: number, state: { ops: number }): Promise<{ most: number; offered: number; seconds: number }> {
  const begun = reader.bytesIn();
  const at = performance.now();
  let most = residentMb(server.pid);
  for (let turn = 0; reader.bytesIn() - begun < offer && performance.now() - at < 90_000; turn += 1) {
    clients.forEach((client, writer) => {
      const shapes = Array.from({ length: opsPerMessage }, (_, i) => `w${writer}-${(turn * opsPerMessage + i) % 50}`);
      client.send(shapes.map((shape) => ({ id: (state.ops += 1), shape, again: turn >= 5 || state.ops > writers * 50 })));
    });
    await pause(1_000 / messagesPerSecond);
    most = Math.max(most, residentMb(server.pid));
  }
  return { most, offered: (reader.bytesIn() - begun) / megabyte, seconds: (performance.now() - at) / 1_000 };
}

/** One client reads nothing while a hundred MB are meant for it. First the same without it: what the load itself makes a process grow by does not count. */
export const benchSlowReader: Section = async (bench) => {
  const rows: string[][] = [];
  const verdicts: Verdict[] = [];
  for (const contestant of bench.contestants) {
    const { alone, stalled, closed } = await withServer(contestant, async (server) => {
      const deaf = { data: () => undefined, acked: () => undefined };
      const clients = await Promise.all(Array.from({ length: writers }, (_, client) => server.connect({ room: 'slow', client, padding: textLength, heard: deaf })));
      const reader = await server.connect({ room: 'slow', client: writers, heard: deaf });
      const state = { ops: 0 };
      await draw(server, clients, reader, 40 * megabyte, state); // warm-up
      const calm = await draw(server, clients, reader, (bench.isQuick ? 40 : 100) * megabyte, state);
      const slow = await server.connect({ room: 'slow', client: writers + 1, heard: deaf });
      slow.stall();
      const busy = await draw(server, clients, reader, 100 * megabyte, state);
      slow.close();
      for (const client of [...clients, reader]) client.close();
      return { alone: calm, stalled: busy, closed: slow.bytesIn() };
    });
    const growth = stalled.most - alone.most;
    rows.push([contestant.name, stalled.offered.toFixed(0), stalled.seconds.toFixed(0), alone.most.toFixed(0), stalled.most.toFixed(0), growth.toFixed(1), contestant.durability]);
    if (closed > megabyte) print(`  ${contestant.name}: the stalled client had read ${(closed / megabyte).toFixed(1)} MB`);
    if (isOurs(contestant)) {
      verdicts.push({ what: 'a client that does not read: growth in MB', ratio: growth, bar: 16, atMost: true }, { what: 'a client that does not read: MB offered', ratio: stalled.offered, bar: 100, atMost: false });
    }
  }
  printColumns('one client that does not read', ['', 'offered MB', 'in s', 'resident without it', 'with it', 'growth MB', 'an acknowledged op is'], rows);
  return verdicts;
};
