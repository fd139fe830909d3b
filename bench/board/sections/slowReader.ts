import type { Verdict } from '../../report.ts';
import { median } from '../../load.ts';
import { print } from '../../report.ts';
import { isOurs, withServer, type Section } from '../bench.ts';
import type { BoardOp, Contestant, RunningServer } from '../contestant.ts';
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
  for (let turn = 0; reader.bytesIn() - begun < offer && performance.now() - at < 150_000; turn += 1) {
    clients.forEach((client, writer) => {
      const shapes = Array.from({ length: opsPerMessage }, (_, i) => `w${writer}-${(turn * opsPerMessage + i) % 50}`);
      client.send(shapes.map((shape) => ({ id: (state.ops += 1), shape, again: turn >= 5 || state.ops > writers * 50 })));
    });
    await pause(1_000 / messagesPerSecond);
    most = Math.max(most, residentMb(server.pid));
  }
  return { most, offered: (reader.bytesIn() - begun) / megabyte, seconds: (performance.now() - at) / 1_000 };
}

type Measured = { alone: number; stalled: number; offered: number; seconds: number; closed: number };

/**
 * On a server of its own: first without the client that does not read, for as long. What the load itself makes a process grow by does
 * not count, and the peaks of a heap that is collected now and then take their time to show.
 */
const measure = (contestant: Contestant, isQuick: boolean): Promise<Measured> => withServer(contestant, async (server) => {
  const deaf = { data: () => undefined, acked: () => undefined };
  const clients = await Promise.all(Array.from({ length: writers }, (_, client) => server.connect({ room: 'slow', client, padding: textLength, heard: deaf })));
  const reader = await server.connect({ room: 'slow', client: writers, heard: deaf });
  const state = { ops: 0 };
  await draw(server, clients, reader, 40 * megabyte, state); // warm-up
  const offer = (isQuick ? 100 : 200) * megabyte;
  const calm = await draw(server, clients, reader, offer, state);
  const slow = await server.connect({ room: 'slow', client: writers + 1, heard: deaf });
  slow.stall();
  const busy = await draw(server, clients, reader, offer, state);
  slow.close();
  for (const client of [...clients, reader]) client.close();
  return { alone: calm.most, stalled: busy.most, offered: busy.offered, seconds: busy.seconds, closed: slow.bytesIn() };
});

/** One client reads nothing while a hundred MB and more are meant for it. Ours in each round, and the middle one counts: two runs differ by 20 MB either way. */
export const benchSlowReader: Section = async (bench) => {
  const rows: string[][] = [];
  const verdicts: Verdict[] = [];
  for (const contestant of bench.contestants) {
    const all: Measured[] = [];
    for (let round = 0; round < (isOurs(contestant) ? bench.rounds : 1); round += 1) all.push(await measure(contestant, bench.isQuick));
    const middle = (figure: (one: Measured) => number) => median(all.map(figure));
    const [growth, offered, closed] = [middle(({ alone, stalled }) => stalled - alone), middle((one) => one.offered), middle((one) => one.closed)];
    rows.push([
      contestant.name, offered.toFixed(0), middle(({ seconds }) => seconds).toFixed(0), middle(({ alone }) => alone).toFixed(0), middle(({ stalled }) => stalled).toFixed(0), growth.toFixed(1),
      contestant.durability,
    ]);
    if (all.length > 1) print(`  ${contestant.name}: growth round by round: ${all.map(({ alone, stalled }) => (stalled - alone).toFixed(1)).join(', ')} MB`);
    if (closed > megabyte) print(`  ${contestant.name}: the stalled client had read ${(closed / megabyte).toFixed(1)} MB`);
    if (isOurs(contestant)) {
      verdicts.push({ what: 'a client that does not read: growth in MB', ratio: growth, bar: 16, atMost: true }, { what: 'a client that does not read: MB offered', ratio: offered, bar: 100, atMost: false });
    }
  }
  printColumns('one client that does not read', ['', 'offered MB', 'in s', 'resident without it', 'with it', 'growth MB', 'an acknowledged op is'], rows);
  return verdicts;
};
