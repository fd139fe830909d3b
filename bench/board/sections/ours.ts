import { ratioOf } from '../../load.ts';
import type { Verdict } from '../../report.ts';
import { print } from '../../report.ts';
import { isOurs, padding, withServer, type Section } from '../bench.ts';
import { connectSenders, pause } from '../load.ts';
import { scanMarks } from '../marks.ts';
import { preload } from '../preload.ts';

/** What only a log makes possible: a client that comes back gets the ops it missed, not the board. */
export const benchResume: Section = async (bench) => {
  const ours = bench.contestants.find(isOurs);
  if (!ours) return [];
  return withServer(ours, async (server) => {
    if (!server.resume) return [];
    await preload(server, { room: 'resume', ops: 2_000, padding, acknowledges: true });
    const marks = new Set<number>();
    const firstMissed = 1_000_000;
    const heard = { data: (frame: string) => scanMarks(frame, (id) => void (id >= firstMissed && marks.add(id))), acked: () => undefined };
    const writer = await server.connect({ room: 'resume', client: 0, padding, heard: { data: () => undefined, acked: () => undefined } });
    const leaver = await server.connect({ room: 'resume', client: 7, heard });
    const witness = await server.connect({ room: 'resume', client: 6, heard: { data: () => undefined, acked: () => undefined } });
    await pause(500);
    leaver.close();
    marks.clear();
    const before = witness.bytesIn();
    for (let i = 0; i < 100; i += 1) {
      writer.send([{ id: firstMissed + i, shape: `missed${i}` }]);
      await pause(20);
    }
    await pause(500);
    const live = witness.bytesIn() - before;
    const back = await server.resume(leaver, heard);
    await pause(1_000);
    const ratio = ratioOf(back.bytesIn(), live);
    print(`\nresume after 100 missed ops: ${back.bytesIn().toLocaleString('en')} bytes where the ops themselves are ${live.toLocaleString('en')}; ${marks.size} ops came`);
    for (const client of [writer, witness, back]) client.close();
    const verdicts: Verdict[] = [{ what: 'resume after 100 missed ops: bytes ÷ those ops as they were sent live', ratio, bar: 2, atMost: true }, { what: 'resume after 100 missed ops: ops that came', ratio: marks.size, bar: 100, atMost: false }];
    return verdicts;
  });
};

/** A board of 100,000 shapes under load, snapshots being made of it: does the server's event loop ever stand still? */
export const benchSnapshot: Section = async (bench) => {
  const ours = bench.contestants.find(isOurs);
  if (!ours) return [];
  return withServer(ours, async (server) => {
    if (!server.longestStall || !server.snapshot) return [];
    const shapes = bench.isQuick ? 20_000 : 100_000;
    await preload(server, { room: 'large', ops: shapes, padding, acknowledges: true });
    const senders = await connectSenders(server, { rooms: ['large'], clientsPerRoom: 8, padding });
    await senders.run({ opsPerSecond: 10, warmUpSeconds: 5, seconds: 0 });
    await server.longestStall(); // what came before does not count
    const load = senders.run({ opsPerSecond: 10, warmUpSeconds: 0, seconds: 10 });
    await pause(2_000);
    await server.snapshot('large');
    await load;
    await senders.drain();
    senders.close();
    const stall = await server.longestStall();
    const { expected, delivered } = senders.tally.counts();
    print(`\nsnapshot of ${shapes.toLocaleString('en')} shapes under 80 op/s: longest stall of the event loop ${stall.toFixed(1)} ms, op → other client p99 ${senders.tally.delivery.at(0.99).toFixed(1)} ms`);
    return [{ what: 'snapshot under load: deliveries missing', ratio: expected - delivered, bar: 0, atMost: true }, { what: `snapshot of ${shapes.toLocaleString('en')} shapes under load: longest stall of the event loop in ms`, ratio: stall, bar: 50, atMost: true }];
  });
};
