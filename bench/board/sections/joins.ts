import { median, ratioOf } from '../../load.ts';
import type { Verdict } from '../../report.ts';
import { onDisk, padding, type Bench, type Section } from '../bench.ts';
import type { Contestant } from '../contestant.ts';
import { join, type Joined } from '../join.ts';
import { preload } from '../preload.ts';
import { printColumns, spread } from '../table.ts';

export type Board = { room: string; ops: number; shapes: number };

/** Each join is the first on a server that has just been started on the data: nothing of the board is in its memory. */
async function coldJoins(contestant: Contestant, boards: readonly Board[], times: number): Promise<Map<string, Joined[]>> {
  return onDisk(contestant.name, async (folder) => {
    const first = await contestant.start(folder);
    try {
      for (const board of boards) await preload(first, { ...board, padding, acknowledges: contestant.acknowledges });
    } finally {
      await first.stop();
    }
    const all = new Map<string, Joined[]>(boards.map(({ room }) => [room, []]));
    for (let time = 0; time < times; time += 1) {
      for (const { room, ops, shapes } of boards) {
        const server = await contestant.start(folder);
        try {
          all.get(room)?.push(await join(server, room, { from: ops - shapes, count: shapes }));
        } finally {
          await server.stop();
        }
      }
    }
    return all;
  });
}

/** Shapes that did not come, of the worst join. NaN: there was none. */
const missing = (joined: readonly Joined[] | undefined, board: Board): number => (joined?.length ? board.shapes - Math.min(...joined.map(({ marks }) => marks)) : NaN);
const kilobytes = (joined: readonly Joined[]) => spread(joined.map(({ bytes }) => bytes / 1_024), 0);
const ms = (joined: readonly Joined[]) => spread(joined.map((one) => one.ms), 0);
const whole = (joined: readonly Joined[], board: Board) => (missing(joined, board) === 0 ? 'all' : `ONLY ${Math.min(...joined.map(({ marks }) => marks))} of ${board.shapes}`);

async function table(bench: Bench, boards: readonly Board[], title: string): Promise<Map<string, Map<string, Joined[]>>> {
  const all = new Map<string, Map<string, Joined[]>>();
  for (const contestant of bench.contestants) all.set(contestant.name, await coldJoins(contestant, boards, bench.rounds));
  for (const board of boards) {
    printColumns(`${title}: ${board.ops.toLocaleString('en')} ops over ${board.shapes.toLocaleString('en')} shapes`, ['', 'ms', 'KB', 'shapes', 'an acknowledged op is'],
      bench.contestants.map(({ name, durability }) => [name, ms(all.get(name)?.get(board.room) ?? []), kilobytes(all.get(name)?.get(board.room) ?? []), whole(all.get(name)?.get(board.room) ?? [], board), durability]));
  }
  return all;
}

const middle = (joined: readonly Joined[] | undefined, figure: 'ms' | 'bytes') => median((joined ?? []).map((one) => one[figure]));

/** A newcomer on a server that has just started. Ours is with all of HTTP that it takes (join, ticket, snapshot); the peers ask nobody who they are. */
export const benchJoins: Section = async (bench) => {
  const boards = [10_000, ...(bench.isQuick ? [] : [100_000])].map((ops) => ({ room: `join${ops}`, ops, shapes: ops }));
  const all = await table(bench, boards, 'cold join');
  return joinVerdicts(boards, all);
};

/** Whoever does not bring the whole board has not joined: its time is none to compare with, neither ours nor a peer's. */
export function joinVerdicts(boards: readonly Board[], all: ReadonlyMap<string, ReadonlyMap<string, readonly Joined[]>>): Verdict[] {
  if (!all.has('Lectern')) return [];
  const peers = [...all.keys()].filter((name) => name !== 'Lectern');
  return boards.flatMap((board) => {
    const joined = (name: string) => all.get(name)?.get(board.room);
    const ms = (name: string) => (missing(joined(name), board) === 0 ? middle(joined(name), 'ms') : NaN);
    const at = `cold join at ${board.ops.toLocaleString('en')} ops`;
    return [
      ...(peers.length === 0 ? [] : [{ what: `${at} ÷ the fastest peer, ms`, ratio: ratioOf(ms('Lectern'), Math.min(...peers.map(ms))), bar: 1, atMost: true }]),
      { what: `${at}: shapes that did not come`, ratio: missing(joined('Lectern'), board), bar: 0, atMost: true },
    ];
  });
}

/** A board costs what is on it, not what was ever drawn. */
export const benchHistory: Section = async (bench) => {
  const [long, short] = [{ room: 'longHistory', ops: bench.isQuick ? 20_000 : 100_000, shapes: 5_000 }, { room: 'shortHistory', ops: 5_000, shapes: 5_000 }];
  const all = await table(bench, [long, short], 'cold join');
  const ours = all.get('Lectern');
  if (!ours) return [];
  return [
    ...(['ms', 'bytes'] as const).map((figure) => ({ what: `join after ${long.ops.toLocaleString('en')} ops over 5,000 shapes ÷ after 5,000, ${figure}`, ratio: ratioOf(middle(ours.get(long.room), figure), middle(ours.get(short.room), figure)), bar: 2, atMost: true })),
    { what: 'joins on 5,000 shapes: shapes that did not come', ratio: Math.max(missing(ours.get(long.room), long), missing(ours.get(short.room), short)), bar: 0, atMost: true },
  ];
};
