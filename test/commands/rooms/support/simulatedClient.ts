import { applyOps, docLines, docReader, emptyDoc, type BoardDoc, type Op } from '../../../../src/domain/board/index.ts';
import type { FromClient } from '../../../../src/commands/rooms/roomLink.ts';
import { gunzipSync } from 'node:zlib';
import type { RoomProcess } from './rooms.ts';
import type { openEdge, TestSocket } from './sockets.ts';

type Edge = Awaited<ReturnType<typeof openEdge>>;
type Group = { version: number; clientId: string; seq: number; personId?: string; kind?: string; ops?: Op[] };

/**
 * A client as the protocol wants it: what is confirmed is the fold of the `ops` it got; its own groups it has kept until it heard of them,
 * and after a reconnect it sends again what nobody acknowledged. What an edge would read for it from the log, it reads itself.
 */
export function createSimulatedClient(personId: string, clientId: string) {
  let doc: BoardDoc = emptyDoc;
  let version = 0;
  let seq = 0;
  let acked = 0;
  const sent = new Map<number, FromClient & { d: { seq: number } }>();
  /** By an `ack` that said neither rejected nor no-op. */
  const acknowledged: number[] = [];
  const rejected: string[] = [];
  let socket: TestSocket | undefined;
  let read = 0;

  const applyGroup = (group: Group) => {
    if (group.version <= version) return;
    if (group.version !== version + 1) throw new Error(`${clientId} stands at ${version} and is given ${group.version}`);
    const own = sent.get(group.seq);
    const ops = group.ops ?? (own?.t === 'ops' ? own.d.ops : undefined);
    if (!ops) throw new Error(`${clientId} has nothing for its own ${group.seq}`);
    doc = applyOps(doc, ops, { author: group.personId ?? personId });
    version = group.version;
  };

  /** Takes in what has arrived on the socket since the last look. */
  const look = () => {
    for (; socket && read < socket.frames.length; read += 1) {
      const { t, d } = socket.frames[read]!;
      if (t === 'ops') {
        if ((d['from'] as number) > version) throw new Error(`${clientId} stands at ${version} and hears from ${d['from'] as number}`);
        for (const group of d['groups'] as Group[]) applyGroup(group);
      } else if (t === 'ack') {
        const { upTo, rejected: refused = [], noop = [] } = d as { upTo: number; rejected?: { seq: number; code: string }[]; noop?: number[] };
        for (const { code } of refused) rejected.push(code);
        const nothing = new Set([...refused.map((one) => one.seq), ...noop]);
        for (let one = acked + 1; one <= upTo; one += 1) if (!nothing.has(one)) acknowledged.push(one);
        acked = Math.max(acked, upTo);
      }
    }
  };

  return {
    personId, clientId, look, rejected, acknowledged,
    isOpen: () => socket !== undefined && socket.closed === undefined,
    isSettled: () => acked === seq,
    version: () => version,
    board: () => [...docLines(version, doc)].join(''),
    send(make: (seq: number) => FromClient & { d: { seq: number } }) {
      seq += 1;
      const message = make(seq);
      sent.set(seq, message);
      if (socket?.closed === undefined) socket?.send(message);
    },
    drop() {
      look();
      socket?.detach();
      socket = undefined;
    },
    async connect(edge: Edge, process: RoomProcess, roomId: string) {
      look();
      const next = await edge.socket(personId, 'board', { clientId, lastVersion: version, ackedSeq: acked, deviceId: clientId });
      if (!next.answer.ok) throw new Error(`${clientId} was refused: ${next.answer.code}`);
      const { d: welcome } = next.frames[0] as unknown as { d: { lastSeq: number } };
      // What lies between is read from the log: as groups, or, past a restore, from the kept board.
      while (version < next.answer.version) {
        for (const group of await process.boards.opsFrom(roomId, version, Math.min(200, next.answer.version - version))) {
          if (group.ops.some(({ op }) => op === 'board.restore')) {
            const facts = (await process.boards.newestSnapshot(roomId))!;
            const reader = docReader();
            for (const line of gunzipSync((await process.boards.snapshotBlob(roomId, facts.version))!.doc).toString().split('\n')) if (line !== '') reader.line(line);
            ({ doc, version } = reader.done());
            break;
          }
          applyGroup(group as unknown as Group);
        }
      }
      socket = next;
      read = 1;
      acked = Math.max(acked, welcome.lastSeq);
      for (const [one, message] of sent) if (one > acked) socket.send(message);
      look();
    },
  };
}
export type SimulatedClient = ReturnType<typeof createSimulatedClient>;
