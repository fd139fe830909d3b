import type { BoardClient, RunningServer } from './contestant.ts';
import { processorMs, residentMb } from './serverProcess.ts';
import { createTally, type Tally } from './tally.ts';

export type Load = {
  rooms: string[];
  clientsPerRoom: number;
  opsPerSecond: number;
  /** Of each client. Default 0. */
  pointersPerSecond?: number;
  warmUpSeconds: number;
  seconds: number;
  padding: number;
};

export type LoadResult = {
  tally: Tally;
  /** Share of one core, 0 to 1, while it was measured. Of the server's Node process alone. */
  serverBusy: number;
  driverBusy: number;
  /** Resident MB of the server's Node process, each second. */
  memory: number[];
};

/** The phases of the clients within a period; the same for every contestant. */
function phases(count: number, seed = 7): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  });
}

/** Calls `act(client, due)` for each client once a period, each at its own phase, as close after it is due as timers come. @returns stop */
function everyPeriod(clients: number, periodMs: number, begin: number, act: (client: number, due: number) => void): () => void {
  const order = phases(clients).map((phase, client) => ({ client, at: phase * periodMs })).sort((a, b) => a.at - b.at);
  let next = 0;
  let round = 0;
  let timer: NodeJS.Timeout;
  const dueOf = () => begin + round * periodMs + (order[next]?.at ?? 0);
  const turn = () => {
    for (let due = dueOf(); due <= performance.now(); due = dueOf()) {
      act(order[next]?.client ?? 0, due);
      next += 1;
      if (next === order.length) {
        next = 0;
        round += 1;
      }
    }
    timer = setTimeout(turn, Math.max(1, dueOf() - performance.now()));
  };
  turn();
  return () => clearTimeout(timer);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Each client puts shapes on its room's board at its own steady pace, whether the server keeps up or not. */
export type Senders = { clients: BoardClient[]; tally: Tally; /** Sends for so long; what is due in the warm-up is delivered but not timed. */ run(load: Pick<Load, 'opsPerSecond' | 'pointersPerSecond' | 'warmUpSeconds' | 'seconds'>): Promise<void>; /** Until everything came, or nothing more does. */ drain(): Promise<void>; close(): void };

export async function connectSenders(server: RunningServer, { rooms, clientsPerRoom, padding }: Pick<Load, 'rooms' | 'clientsPerRoom' | 'padding'>, tally: Tally = createTally()): Promise<Senders> {
  const clients: BoardClient[] = [];
  for (const room of rooms) {
    for (let client = 0; client < clientsPerRoom; client += 1) clients.push(await server.connect({ room, client, padding, heard: tally.ears(clients.length) }));
  }
  return {
    clients, tally,
    async run({ opsPerSecond, pointersPerSecond = 0, warmUpSeconds, seconds }) {
      const begin = performance.now() + 20;
      const measured = begin + warmUpSeconds * 1_000;
      const stops = [everyPeriod(clients.length, 1_000 / opsPerSecond, begin, (nth, due) => {
        const id = tally.sent(nth, due, clientsPerRoom - 1, due >= measured);
        clients[nth]?.send([{ id, shape: `new${id}` }]);
      })];
      let points = 0;
      if (pointersPerSecond > 0) stops.push(everyPeriod(clients.length, 1_000 / pointersPerSecond, begin, (nth) => clients[nth]?.point((points += 1) % 1_000, points % 700)));
      await pause(warmUpSeconds * 1_000 + seconds * 1_000 + 20);
      for (const stop of stops) stop();
    },
    async drain() {
      for (let last = -1, idle = 0; idle < 10;) {
        const { delivered, expected } = tally.counts();
        if (delivered >= expected) break;
        idle = delivered === last ? idle + 1 : 0;
        last = delivered;
        await pause(100);
      }
      await pause(200); // acknowledgements may come behind the last delivery
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

export async function runLoad(server: RunningServer, load: Load): Promise<LoadResult> {
  const senders = await connectSenders(server, load);
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(residentMb(server.pid)), 1_000);
  await senders.run({ ...load, seconds: 0 });
  const before = { at: performance.now(), server: processorMs(server.pid), driver: process.cpuUsage() };
  await senders.run({ ...load, warmUpSeconds: 0 });
  const wall = performance.now() - before.at;
  const driver = process.cpuUsage(before.driver);
  const serverBusy = (processorMs(server.pid) - before.server) / wall;
  await senders.drain();
  clearInterval(watch);
  senders.close();
  return { tally: senders.tally, serverBusy, driverBusy: (driver.user + driver.system) / 1_000 / wall, memory };
}
