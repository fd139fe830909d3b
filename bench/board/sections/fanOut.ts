import { median, ratioOf } from '../../load.ts';
import type { Verdict } from '../../report.ts';
import { isOurs, padding, withServer, type Section } from '../bench.ts';
import { runLoad, type LoadResult } from '../load.ts';
import { printColumns, spread } from '../table.ts';

type Shape = { title: string; rooms: number; clients: number; opsPerSecond: number; pointersPerSecond?: number };
type Round = { delivery: number; delivery50: number; acknowledged: number; missing: number; unanswered: number; again: number; closed: number; server: number; driver: number };

const read = ({ tally, serverBusy, driverBusy }: LoadResult): Round => {
  const { sent, expected, delivered, again } = tally.counts();
  return {
    delivery: tally.delivery.at(0.99), delivery50: tally.delivery.at(0.5), acknowledged: tally.acknowledgement.at(0.99),
    missing: expected - delivered, unanswered: sent - tally.acked.size, again, closed: tally.closed.length, server: serverBusy, driver: driverBusy,
  };
};

/** Rounds in turns between the servers, each round on a new server: a board that had grown would weigh on the later ones. */
async function compare(bench: Parameters<Section>[0], { title, rooms, clients, opsPerSecond, pointersPerSecond = 0 }: Shape): Promise<Map<string, Round[]>> {
  const all = new Map<string, Round[]>(bench.contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const contestant of bench.contestants) {
      const result = await withServer(contestant, (server) => runLoad(server, {
        rooms: Array.from({ length: rooms }, (_, i) => `room${i}`), clientsPerRoom: clients, opsPerSecond, pointersPerSecond, warmUpSeconds: bench.warmUpSeconds, seconds: bench.seconds, padding,
      }));
      all.get(contestant.name)?.push(read(result));
    }
  }
  printColumns(title, ['', 'p50 ms', 'p99 ms', 'ack p99 ms', 'missing', 'server', 'driver', 'an acknowledged op is'], bench.contestants.map(({ name, durability }) => {
    const of = all.get(name) ?? [];
    const sum = (figure: 'missing' | 'again' | 'closed') => of.reduce((total, one) => total + one[figure], 0);
    const odd = `${sum('missing')}${sum('again') > 0 ? `, ${sum('again')} twice` : ''}${sum('closed') > 0 ? `, ${sum('closed')} closed` : ''}`;
    return [name, spread(of.map((one) => one.delivery50)), spread(of.map((one) => one.delivery)), spread(of.map((one) => one.acknowledged)), odd, share(of.map((one) => one.server)), share(of.map((one) => one.driver)), durability];
  }));
  return all;
}

const share = (values: readonly number[]) => `${Math.round(median(values) * 100)} %`;
const figure = (all: Map<string, Round[]>, name: string, of: keyof Round) => median((all.get(name) ?? []).map((round) => round[of]));
/** Median of the rounds' own ratios: what slowed one round slowed both. */
const against = (all: Map<string, Round[]>, of: keyof Round) => {
  const [ours, theirs] = [all.get('Lectern') ?? [], all.get('tldraw') ?? []];
  return median(ours.map((round, i) => ratioOf(round[of], theirs[i]?.[of])));
};
const total = (all: Map<string, Round[]>, of: 'missing' | 'unanswered') => (all.get('Lectern') ?? []).reduce((sum, round) => sum + round[of], 0);

/** 4 rooms × 8 clients × 10 op/s. */
export const benchLessons: Section = async (bench) => {
  const all = await compare(bench, { title: '4 rooms × 8 clients × 10 op/s: an op to the other clients', rooms: 4, clients: 8, opsPerSecond: 10 });
  if (!bench.contestants.some(isOurs)) return [];
  return [
    { what: '4 × 8 × 10: op → other client, p99 in ms', ratio: figure(all, 'Lectern', 'delivery'), bar: 10, atMost: true },
    { what: '4 × 8 × 10: durable acknowledgement, p99 in ms', ratio: figure(all, 'Lectern', 'acknowledged'), bar: 10, atMost: true },
    { what: '4 × 8 × 10: op → other client, p99 ÷ tldraw', ratio: against(all, 'delivery'), bar: 1, atMost: true },
    { what: '4 × 8 × 10: acknowledgement, p99 ÷ tldraw', ratio: against(all, 'acknowledged'), bar: 1, atMost: true },
    { what: '4 × 8 × 10: deliveries missing', ratio: total(all, 'missing'), bar: 0, atMost: true },
    { what: '4 × 8 × 10: ops never acknowledged', ratio: total(all, 'unanswered'), bar: 0, atMost: true },
  ];
};

/** 1 room × 30 clients × 10 op/s, and again with 30 pointers/s each. */
export const benchClass: Section = async (bench) => {
  const still = await compare(bench, { title: '1 room × 30 clients × 10 op/s', rooms: 1, clients: 30, opsPerSecond: 10 });
  const pointing = await compare(bench, { title: '1 room × 30 clients × 10 op/s and 30 pointers/s', rooms: 1, clients: 30, opsPerSecond: 10, pointersPerSecond: 30 });
  if (!bench.contestants.some(isOurs)) return [];
  const verdicts: Verdict[] = [
    { what: '1 × 30 × 10: p99 ÷ tldraw', ratio: against(still, 'delivery'), bar: 1, atMost: true },
    { what: '1 × 30 × 10 with pointers: p99 ÷ tldraw', ratio: against(pointing, 'delivery'), bar: 1, atMost: true },
    { what: '1 × 30 × 10: p99 with pointers ÷ without', ratio: ratioOf(figure(pointing, 'Lectern', 'delivery'), figure(still, 'Lectern', 'delivery')), bar: 2, atMost: true },
    { what: '1 × 30 × 10: deliveries missing, both', ratio: total(still, 'missing') + total(pointing, 'missing'), bar: 0, atMost: true },
  ];
  return verdicts;
};
