import { median, ratioOf } from '../../load.ts';
import { print, type Verdict } from '../../report.ts';
import { isOurs, padding, withServer, type Bench, type Section } from '../bench.ts';
import type { RunningServer } from '../contestant.ts';
import { connectSenders, type Senders } from '../load.ts';
import { printColumns, spread } from '../table.ts';
import { createTally } from '../tally.ts';

const clientsPerRoom = 8;
/** Below the 60 groups a second that Lectern takes of one socket: a higher load is more rooms, not faster hands; for all alike. */
const opsPerClient = 40;
const perRoom = clientsPerRoom * opsPerClient;
const tooSlowMs = 100;

/** One load for some seconds in `rooms` rooms. An op that never came counts as one that took for ever. */
async function holds(senders: readonly Senders[], seconds: number): Promise<{ p99: number; ok: boolean }> {
  const before = senders.map(({ tally }) => tally.delivery.count());
  await Promise.all(senders.map((room) => room.run({ opsPerSecond: opsPerClient, warmUpSeconds: 1, seconds })));
  await Promise.all(senders.map((room) => room.drain()));
  const late: number[] = [];
  let missing = 0;
  senders.forEach(({ tally }, i) => {
    for (const ms of tally.delivery.since(before[i] ?? 0)) late.push(ms);
    missing += tally.counts().expected - tally.counts().delivered;
  });
  late.sort((a, b) => a - b);
  const p99 = missing > late.length / 100 ? Infinity : (late[Math.floor((late.length + missing) * 0.99)] ?? Infinity);
  return { p99, ok: p99 <= tooSlowMs };
}

/** Rooms are added, 320 op/s each, by a quarter at a time, until the p99 is over 100 ms twice. @returns the highest op/s that was held, and the p99 there */
async function climb(server: RunningServer, seconds: number, name: string): Promise<{ held: number; p99: number; stoppedAt: number }> {
  const rooms: Senders[] = [];
  let best = { held: 0, p99: NaN };
  for (let count = 1, misses = 0; ;) {
    while (rooms.length < count) rooms.push(await connectSenders(server, { rooms: [`rising${rooms.length}`], clientsPerRoom, padding }, createTally()));
    const { p99, ok } = await holds(rooms, seconds);
    print(`    ${name}: ${(count * perRoom).toLocaleString('en')} op/s, p99 ${p99.toFixed(1)} ms`);
    if (ok) {
      best = { held: count * perRoom, p99 };
      misses = 0;
      count = Math.max(count + 1, Math.round(count * 1.25));
    } else if ((misses += 1) === 2) {
      for (const room of rooms) room.close();
      return { ...best, stoppedAt: count * perRoom };
    }
  }
}

/** The load rises until the p99 is over 100 ms: how much each server holds on its core. */
export const benchRising: Section = async (bench: Bench) => {
  const all = new Map<string, { held: number; p99: number }[]>(bench.contestants.map(({ name }) => [name, []]));
  print('\nrising load');
  for (let round = 0; round < bench.rounds; round += 1) {
    for (const contestant of bench.contestants) all.get(contestant.name)?.push(await withServer(contestant, (server) => climb(server, bench.isQuick ? 3 : 5, contestant.name)));
  }
  const held = (name: string) => (all.get(name) ?? []).map((one) => one.held);
  printColumns(`rooms of ${clientsPerRoom} clients × ${opsPerClient} op/s, more and more: the most with p99 ≤ ${tooSlowMs} ms`, ['', 'op/s', 'p99 ms there', 'an acknowledged op is'],
    bench.contestants.map(({ name, durability }) => [name, spread(held(name), 0), spread((all.get(name) ?? []).map((one) => one.p99)), durability]));
  if (!bench.contestants.some(isOurs)) return [];
  return [risingVerdict(held('Lectern'), held('tldraw'))];
};

/** @param ours, theirs op/s that were held, by round; 0: not even the lowest load */
export const risingVerdict = (ours: readonly number[], theirs: readonly number[]): Verdict =>
  ({ what: 'rising load: op/s at p99 ≤ 100 ms ÷ tldraw', ratio: median(ours.map((held, round) => ratioOf(held, theirs[round]))), bar: 3, atMost: false });
