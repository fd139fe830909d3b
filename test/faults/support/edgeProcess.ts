// An edge of its own process, before a board whose log is made up as it is read: what it costs is what the sockets cost. Started by fork with --expose-gc.
import { aGroup, startEdgeServer } from '../../http/ws/support/edgeServer.ts';

export type Asked = { tickets: string[] } | { commit: { groups: number; bytes: number } } | { look: true };
export type Seen = { rssMb: number; highestMb: number; metrics: string };

const [, , bytes = '60000', noProgressMs = '30000'] = process.argv;
const pad = 'x'.repeat(Number(bytes));
const groupAt = (version: number) => aGroup(version, { ops: [{ op: 'shape.add', pad }] });
const edge = await startEdgeServer({
  limits: { noProgressMs: Number(noProgressMs), sweepMs: 200 },
  readGroups: (_roomId, from, limit) => Promise.resolve(Array.from({ length: limit }, (_, i) => groupAt(from + i + 1))),
});

let highest = 0;
const rss = () => process.memoryUsage.rss() / 1024 / 1024;
const settled = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return rss();
};

async function commit(groups: number): Promise<void> {
  highest = 0;
  for (let i = 0; i < groups; i++) {
    const from = edge.script.version;
    edge.script.version = from + 1;
    edge.script.edge().toAll({ channel: 'board', lane: 'ops', versions: { from, to: from + 1 }, frame: `{"t":"ops","d":{"from":${from},"groups":[${groupAt(from + 1).json}]}}` });
    await new Promise((resolve) => setImmediate(resolve));
    // What the made-up frames leave behind is not what is measured.
    if (i % 100 === 0) highest = Math.max(highest, settled());
  }
}

process.on('message', (asked: Asked) => {
  void (async (): Promise<unknown> => {
    if ('tickets' in asked) return Promise.all(asked.tickets.map(async (personId) => (await edge.tickets.issue({ roomId: 'room-1', personId, deviceId: 'd' })).tickets.board));
    if ('commit' in asked) return commit(asked.commit.groups);
    return { rssMb: settled(), highestMb: Math.max(highest, rss()), metrics: await edge.metrics.text() } satisfies Seen;
  })().then((answer) => process.send?.({ answer }));
});
process.once('disconnect', () => process.exit(1)); // whoever started it is gone
process.once('SIGTERM', () => void edge.stop().then(() => process.exit(0)));
process.send?.({ answer: edge.url });
