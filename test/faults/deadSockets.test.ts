import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import type { Asked, Seen } from './support/edgeProcess.ts';

const program = fileURLToPath(new URL('./support/edgeProcess.ts', import.meta.url));

/** Reads only what versions came: the frames themselves would be gigabytes. */
async function openClient(url: string, ticket: string, lastVersion: number) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/classroom/room-1/board?ticket=${ticket}`, 'lectern.room.v1', { perMessageDeflate: false });
  const client = { socket, at: lastVersion, gaps: 0, welcomed: false, closed: once(socket, 'close') as Promise<[number]> };
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer) => {
    const head = data.toString('latin1', 0, 60);
    const from = /^\{"t":"ops","d":\{"from":(\d+)/.exec(head)?.[1];
    if (from === undefined) client.welcomed ||= head.startsWith('{"t":"welcome"');
    else {
      if (Number(from) !== client.at) client.gaps += 1;
      client.at = Number(from) + data.toString('latin1').split('"version":').length - 1;
    }
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ t: 'hello', d: { clientId: 'c', lastVersion } }));
  await eventually(() => client.welcomed, { timeoutMs: 60_000 });
  return client;
}

describe('sockets that do not read', () => {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 5_000))]);
      child.kill('SIGKILL');
    }
  });
  const start = async (bytes: number, noProgressMs: number) => {
    const child = fork(program, [String(bytes), String(noProgressMs)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: ['--expose-gc', '--max-semi-space-size=16'], env: { ...process.env, NODE_OPTIONS: '' } });
    children.push(child);
    const answer = async <T>() => ((await once(child, 'message')) as [{ answer: T }])[0].answer;
    const url = await answer<string>();
    const ask = async <T>(asked: Asked): Promise<T> => {
      child.send(asked);
      return answer<T>();
    };
    return { url, tickets: (people: string[]) => ask<string[]>({ tickets: people }), commit: (groups: number, size: number) => ask({ commit: { groups, bytes: size } }), look: () => ask<Seen>({ look: true }) };
  };

  it('one of them costs at most 16 MB while 120 MB are offered, and holds nobody up', async () => {
    const edge = await start(60_000, 600_000);
    const [mine, dead] = await edge.tickets(['reader', 'dead']);
    const reader = await openClient(edge.url, mine!, 0);
    await edge.commit(2_000, 60_000); // as much to the reader alone: what the process needs for that
    await eventually(() => reader.at === 2_000, { timeoutMs: 60_000 });
    const before = await edge.look();
    const slow = await openClient(edge.url, dead!, 2_000);
    slow.socket.pause();
    await edge.commit(2_000, 60_000);
    await eventually(() => reader.at === 4_000, { timeoutMs: 60_000 });
    const after = await edge.look();
    expect(after.metrics.includes('lectern_socket_catch_ups_total{because="slow"}')).toBe(true);
    console.log(`one dead socket: ${before.highestMb.toFixed(1)} MB at most before, ${after.highestMb.toFixed(1)} MB with it; ${before.rssMb.toFixed(1)} → ${after.rssMb.toFixed(1)} MB at rest`);
    expect(after.highestMb - before.highestMb).toBeLessThan(16);
    expect(after.rssMb - before.rssMb).toBeLessThan(16);
    slow.socket.resume();
    await eventually(() => slow.at === 4_000, { timeoutMs: 60_000 });
    expect([reader.gaps, slow.gaps]).toEqual([0, 0]);
  });

  it('a thousand of them are evicted with memory flat, and who comes back has lost nothing', async () => {
    const edge = await start(60_000, 5_000);
    const people = Array.from({ length: 1_000 }, (_, i) => `p-${i}`);
    const [mine] = await edge.tickets(['reader']);
    const reader = await openClient(edge.url, mine!, 0);
    await edge.commit(500, 60_000);
    await eventually(() => reader.at === 500, { timeoutMs: 60_000 });
    const dead: Awaited<ReturnType<typeof openClient>>[] = [];
    for (let i = 0; i < people.length; i += 50) {
      const issued = await edge.tickets(people.slice(i, i + 50));
      const opened = await Promise.all(issued.map((ticket) => openClient(edge.url, ticket, 500)));
      for (const { socket } of opened) socket.pause();
      dead.push(...opened);
    }
    const before = await edge.look();
    await edge.commit(500, 60_000); // 30 MB for each, 30 GB in all
    await eventually(() => reader.at === 1_000, { timeoutMs: 120_000 });
    const during = await edge.look();
    console.log(`a thousand dead sockets: ${before.rssMb.toFixed(1)} MB before, ${during.highestMb.toFixed(1)} MB at most`);
    expect(during.highestMb - before.rssMb).toBeLessThan(64);
    await eventually(async () => (await edge.look()).metrics.includes('lectern_socket_closes_total{channel="board",code="4008"} 1000'), { timeoutMs: 60_000, everyMs: 500 });
    expect(reader.socket.readyState).toBe(WebSocket.OPEN);
    const after = await edge.look();
    expect(after.rssMb - before.rssMb).toBeLessThan(64);
    // Some read what had reached them, and come back for the rest.
    const back = dead.slice(0, 20);
    for (const { socket } of dead.slice(20)) socket.terminate();
    for (const { socket } of back) socket.resume();
    await Promise.all(back.map(({ closed }) => closed));
    const again = await edge.tickets(people.slice(0, 20));
    const resumed = await Promise.all(back.map((client, i) => openClient(edge.url, again[i]!, client.at)));
    await eventually(() => resumed.every(({ at }) => at === 1_000), { timeoutMs: 60_000 });
    expect([...back, ...resumed].every(({ gaps }) => gaps === 0)).toBe(true);
    expect(reader.gaps).toBe(0);
  });
});
