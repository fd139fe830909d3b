import type { RunningServer } from './contestant.ts';
import { pause } from './load.ts';
import { scanMarks } from './marks.ts';

export type Joined = { ms: number; bytes: number; marks: number };

/**
 * From the first request of somebody who has been here before, in another tab, until the last mark of the board is there; bytes until then.
 * @param board the ids of the ops that are on it at the end: `count` of them, from `from` on. Marks of what was overwritten since do not count.
 */
export async function join(server: RunningServer, room: string, { from, count }: { from: number; count: number }): Promise<Joined> {
  const marks = new Set<number>();
  let lastAt = performance.now();
  const began = lastAt;
  const client = await server.connect({ room, client: 5, heard: {
    data(frame) {
      const before = marks.size;
      scanMarks(frame, (id) => void (id >= from && id < from + count && marks.add(id)));
      if (marks.size > before) lastAt = performance.now();
    },
    acked: () => undefined,
  } });
  for (let idle = 0; marks.size < count && idle < 500; idle += 1) {
    const before = marks.size;
    await pause(20); // 10 s of nothing: some read for long before they send anything
    if (marks.size > before) idle = 0;
  }
  const joined = { ms: lastAt - began, bytes: client.bytesIn(), marks: marks.size };
  client.close();
  return joined;
}
