import type { Verdict } from '../../report.ts';
import { isOurs, onDisk, padding, type Section } from '../bench.ts';
import type { RunningServer } from '../contestant.ts';
import { connectSenders, pause } from '../load.ts';
import { scanMarks } from '../marks.ts';
import { printColumns } from '../table.ts';

const clientsPerRoom = 8;
const rooms = ['crash0', 'crash1', 'crash2', 'crash3'];

/** Ids of all ops that a newcomer finds on this board; waits until nothing more comes. */
async function found(server: RunningServer, room: string): Promise<Set<number>> {
  const ids = new Set<number>();
  const client = await server.connect({ room, client: clientsPerRoom, heard: { data: (frame) => scanMarks(frame, (id) => void ids.add(id)), acked: () => undefined } });
  for (let last = -1; last !== ids.size;) {
    last = ids.size;
    await pause(1_000);
  }
  client.close();
  return ids;
}

/** kill -9 in the middle of 4 × 8 × 10 op/s, a new server on the same data: which acknowledged ops are gone. The page cache lives on: this shows a crash of the process, not of the power. */
export const benchCrash: Section = async (bench) => {
  const rows: string[][] = [];
  const verdicts: Verdict[] = [];
  for (const contestant of bench.contestants) {
    await onDisk(contestant.name, async (folder) => {
      const server = await contestant.start(folder);
      const senders = await connectSenders(server, { rooms, clientsPerRoom, padding });
      const seen = senders.tally.shown;
      const load = senders.run({ opsPerSecond: 10, warmUpSeconds: 0, seconds: bench.isQuick ? 3 : 10 });
      await pause((bench.isQuick ? 2.5 : 9.5) * 1_000);
      await server.kill();
      await load;
      senders.close();
      const again = await contestant.start(folder);
      const survived = new Set<number>();
      try {
        for (const room of rooms) for (const id of await found(again, room)) survived.add(id);
      } finally {
        await again.stop();
      }
      const acked = [...senders.tally.acked];
      const lost = acked.filter((id) => !survived.has(id)).length;
      const unshown = [...seen].filter((id) => !survived.has(id)).length;
      rows.push([contestant.name, contestant.acknowledges ? String(acked.length) : '–', contestant.acknowledges ? String(lost) : '–', String(seen.size), String(unshown), contestant.durability]);
      if (isOurs(contestant)) {
        // Of none, none can be lost: that says nothing.
        verdicts.push(
          { what: 'kill -9 under load: acknowledged ops lost', ratio: acked.length === 0 ? NaN : lost, bar: 0, atMost: true },
          { what: 'kill -9 under load: ops lost that others had been shown', ratio: seen.size === 0 ? NaN : unshown, bar: 0, atMost: true },
        );
      }
    });
  }
  printColumns('kill -9 under 4 rooms × 8 clients × 10 op/s', ['', 'acknowledged', 'of them lost', 'shown to others', 'of them lost', 'an acknowledged op is'], rows);
  return verdicts;
};
