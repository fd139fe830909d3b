import { isOurs, padding, withServer, type Section } from '../bench.ts';
import { runLoad } from '../load.ts';
import { printColumns } from '../table.ts';

/** 30 clients for a minute: nothing that grows with time but the board. */
export const benchSteady: Section = async (bench) => {
  const ours = bench.contestants.filter(isOurs);
  const rows: string[][] = [];
  let growth = NaN;
  let missing = NaN;
  for (const contestant of bench.contestants) {
    const { memory, tally } = await withServer(contestant, (server) => runLoad(server, { rooms: ['steady'], clientsPerRoom: 30, opsPerSecond: 10, pointersPerSecond: 10, warmUpSeconds: 15, seconds: bench.isQuick ? 20 : 60, padding }));
    const third = Math.floor(memory.length / 3);
    const most = (part: readonly number[]) => Math.max(...part);
    const [early, late] = [most(memory.slice(0, third)), most(memory.slice(-third))];
    const { expected, delivered } = tally.counts();
    if (isOurs(contestant)) [growth, missing] = [late - early, expected - delivered];
    rows.push([contestant.name, early.toFixed(0), late.toFixed(0), (late - early).toFixed(1), String(expected - delivered), tally.delivery.at(0.99).toFixed(1), contestant.durability]);
  }
  printColumns('30 clients × 10 op/s, 10 pointers/s, for a minute', ['', 'resident MB, first third', 'last third', 'growth', 'missing', 'p99 ms', 'an acknowledged op is'], rows);
  return ours.length === 0 ? [] : [
    { what: '30 clients for 60 s: growth of memory in MB, the board\'s included', ratio: growth, bar: 32, atMost: true },
    { what: '30 clients for 60 s: deliveries missing', ratio: missing, bar: 0, atMost: true },
  ];
};
