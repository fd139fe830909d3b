import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createRoomTickets } from '../../../src/http/ws/tickets.ts';
import { openRoomSocket } from '../../http/ws/support/roomClient.ts';
import type { TestDatabase } from '../../support/testDatabase.ts';

const program = fileURLToPath(new URL('./roomNodeProcess.ts', import.meta.url));

export type RoomNode = { child: ChildProcess; nodeUrl: string; room(people: string[]): Promise<string>; kill(): Promise<void>; terminate(): Promise<number | null> };

export async function startRoomNode(database: TestDatabase, leaseMs = 3_000): Promise<RoomNode> {
  const child = fork(program, [database.url, String(leaseMs)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const answer = async <T>() => ((await Promise.race([once(child, 'message'), ended.then(([code]) => { throw new Error(`the node ended with ${code}`); })])) as [T])[0];
  const { nodeUrl } = await answer<{ nodeUrl: string }>();
  return {
    child, nodeUrl,
    async room(people) {
      child.send({ people });
      return (await answer<{ roomId: string }>()).roomId;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    async terminate() {
      child.kill('SIGTERM');
      return (await ended)[0];
    },
  };
}

/** A tab that draws, as a client would: keeps what is not acknowledged, and sends it again wherever it is let in next. */
export function createTab(database: TestDatabase, roomId: string, personId: string) {
  const tickets = createRoomTickets(database.pool);
  const clientId = `c-${personId}`;
  const seen = new Map<number, string>();
  const tab = {
    /** Confirmed version, highest acknowledged seq, highest seq sent. */
    version: 0, acked: 0, sent: 0, closes: [] as number[], gaps: 0,
    socket: undefined as ReturnType<typeof openRoomSocket> | undefined,
    /** version → author and seq of every group that it was told of. */
    seen,
    message: (seq: number) => ({ t: 'ops', d: { seq, gestureId: `g-${seq}`, ops: [{ op: 'shape.add', shape: { id: `${personId}-${seq}`, type: 'rectangle', page: 'page-1', layer: 'layer-1', x: seq, y: 0, rotation: 0, scale: 1, z: 'a0', style: { color: '#112233', width: 2 }, locked: false, width: 10, height: 10 } }] } }),
    draw() {
      tab.sent += 1;
      if (tab.socket?.socket.readyState === 1 && tab.welcomed) tab.socket.send(tab.message(tab.sent));
    },
    welcomed: false,
    /** Tries the nodes in turn until one lets it in. */
    async enter(nodes: readonly string[]): Promise<void> {
      for (let attempt = 0; ; attempt++) {
        const url = nodes[attempt % nodes.length]!;
        const issued = await tickets.issue({ roomId, personId, deviceId: `d-${personId}` });
        const client = openRoomSocket(url, roomId, 'board', issued.tickets.board);
        tab.socket = client;
        tab.welcomed = false;
        client.socket.on('message', (data: Buffer) => tab.heard(JSON.parse(data.toString()) as { t: string; d: Record<string, unknown> }));
        void client.closed.then(({ code }) => { tab.closes.push(code); });
        try {
          await client.opened;
          client.send({ t: 'hello', d: { clientId, lastVersion: tab.version, ackedSeq: tab.acked } });
          await Promise.race([client.next('welcome'), client.closed.then(() => { throw new Error('closed'); })]);
          return;
        } catch {
          client.socket.terminate();
          if (attempt > 200) throw new Error(`nobody let ${personId} in: ${tab.closes.slice(-5).join()}`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
    heard({ t, d }: { t: string; d: Record<string, unknown> }) {
      if (t === 'welcome') {
        tab.acked = Math.max(tab.acked, d['lastSeq'] as number);
        tab.welcomed = true;
        for (let seq = tab.acked + 1; seq <= tab.sent; seq++) tab.socket!.send(tab.message(seq));
      }
      if (t === 'ack') tab.acked = Math.max(tab.acked, d['upTo'] as number);
      if (t !== 'ops') return;
      if (d['from'] !== tab.version) tab.gaps += 1;
      for (const group of d['groups'] as { version: number; clientId: string; seq: number }[]) {
        seen.set(group.version, `${group.clientId} ${group.seq}`);
        tab.version = group.version;
      }
    },
  };
  return tab;
}
export type Tab = ReturnType<typeof createTab>;
