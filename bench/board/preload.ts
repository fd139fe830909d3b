import type { BoardOp, RunningServer } from './contestant.ts';
import { pause } from './load.ts';

const opsPerMessage = 50;
const writers = 6;

/**
 * Puts so many ops on the board of a room, over so many shapes, with ids from 0 on; waits for the acknowledgements where there are any,
 * else for a quiet moment.
 * @throws Error when acknowledgements stay away for 60 s
 */
export async function preload(server: RunningServer, { room, ops, shapes = ops, padding, acknowledges }: { room: string; ops: number; shapes?: number; padding: number; acknowledges: boolean }): Promise<void> {
  let acked = 0;
  // A shape is always changed by the client that made it, so that none is changed before it is there.
  const clients = await Promise.all(Array.from({ length: writers }, (_, client) => server.connect({ room, client, padding, heard: { data: () => undefined, acked: (ids) => void (acked += ids.length) } })));
  const waitFor = async (count: number) => {
    for (let waited = 0; acked < count; waited += 10) {
      if (waited > 60_000) throw new Error(`only ${acked} of ${count} ops were acknowledged in ${room}`);
      await pause(10);
    }
  };
  const batches = Math.ceil(ops / opsPerMessage);
  for (let batch = 0; batch < batches; batch += 1) {
    const first = batch * opsPerMessage;
    const size = Math.min(opsPerMessage, ops - first);
    const message: BoardOp[] = Array.from({ length: size }, (_, i) => ({ id: first + i, shape: `s${(first + i) % shapes}`, again: first + i >= shapes }));
    clients[Math.floor((first % shapes) / opsPerMessage) % writers]?.send(message);
    if (acknowledges) await waitFor(first - 2_000);
    await pause(acknowledges ? 3 : 4);
  }
  if (acknowledges) await waitFor(ops);
  for (const client of clients) client.close();
  // Hocuspocus stores 2 to 10 s after the change; the others' own tidying up (snapshots, compaction) is not to be measured either.
  await pause(acknowledges && ops <= 20_000 ? 5_000 : 12_000);
}
