import { get } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import type { BoardClient, ConnectOptions, Contestant, Heard } from '../contestant.ts';
import { markOf } from '../marks.ts';
import { lecternRooms, type LecternRooms, type Seat } from './lecternRooms.ts';
import { startLecternPinned, type LecternServer } from './lecternServer.ts';
import { countTraffic } from './traffic.ts';

/** What a client needs to come back as itself. */
type Place = { seat: Seat; clientId: string; lastVersion: number; ackedSeq: number; padding: number };
type LecternClient = BoardClient & { place(): Place };
type Welcome = { d: { version: number; lastSeq: number; snapshotUrl?: string; snapshotVersion?: number } };

/** Lesson rooms of this project: the server of `npm start`, its Postgres on the same core. */
export const lectern: Contestant = {
  name: 'Lectern',
  durability: 'acknowledged after the commit (PostgreSQL, fsync on)',
  acknowledges: true,
  async start(folder) {
    const server = await startLecternPinned(folder);
    const rooms = await lecternRooms(server, folder);
    return {
      pid: server.pid, kill: server.kill, stop: server.stop,
      connect: (options) => enter(server, rooms, options),
      async resume(client, heard) {
        const { seat, ...place } = (client as LecternClient).place();
        return open(server, seat, heard, place);
      },
      async snapshot(room) {
        await server.call(await rooms.hostToken(room), 'POST', `/api/v1/classroom/sessions/${await rooms.roomId(room)}/save`);
      },
      async longestStall() {
        const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${await server.tokenOf('admin', 'admin')}` } });
        return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(await response.text())?.[1] ?? NaN) * 1_000;
      },
    };
  },
};

/** Into the room over HTTP (which is part of what a join costs), then onto its board. */
async function enter(server: LecternServer, rooms: LecternRooms, { room, client, heard, padding = 0 }: ConnectOptions): Promise<LecternClient> {
  const seat = await rooms.seat(room, client);
  await server.call(seat.token, 'POST', `/api/v1/classroom/sessions/${seat.roomId}/join`, {});
  return open(server, seat, heard, { clientId: `c${client}-${crypto.randomUUID().slice(0, 8)}`, lastVersion: 0, ackedSeq: 0, padding });
}

async function open(server: LecternServer, seat: Seat, heard: Heard, place: Omit<Place, 'seat'>): Promise<LecternClient> {
  const { tickets } = await server.call<{ tickets: { board: string } }>(seat.token, 'POST', `/api/v1/classroom/sessions/${seat.roomId}/ticket`, { deviceId: place.clientId });
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/classroom/${seat.roomId}/board?ticket=${tickets.board}`, 'lectern.room.v1', { perMessageDeflate: false });
  const traffic = countTraffic(socket, heard);
  const pad = 'x'.repeat(place.padding);
  const unanswered: { seq: number; ids: number[] }[] = [];
  let { ackedSeq: seq, ackedSeq } = place;
  let welcomed: Welcome['d'] | undefined;
  let lastOps = '';
  const send = (value: object) => socket.send(JSON.stringify(value));
  socket.on('open', () => send({ t: 'hello', d: { clientId: place.clientId, lastVersion: place.lastVersion, ackedSeq } }));

  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`the server closed the connection with ${code} ${reason.toString()}`)));
    socket.on('message', (raw: Buffer) => {
      const text = raw.toString('latin1');
      if (text.startsWith('{"t":"ops"')) {
        lastOps = text;
        heard.data(text, Number(/"from":(\d+)/.exec(text)?.[1]) < (welcomed?.version ?? 0));
      } else if (text.startsWith('{"t":"ack"')) acknowledged(text);
      else if (text.startsWith('{"t":"welcome"')) welcome(JSON.parse(text) as Welcome).then(resolve, reject);
      else if (text.startsWith('{"t":"error"')) console.error(`Lectern: ${text.slice(0, 300)}`);
    });
    function acknowledged(text: string): void {
      if (text.includes('"rejected"')) throw new Error(`Lectern refused an op: ${text.slice(0, 300)}`);
      ackedSeq = Number(/"upTo":(\d+)/.exec(text)?.[1]);
      while ((unanswered[0]?.seq ?? Infinity) <= ackedSeq) heard.acked(unanswered.shift()?.ids ?? []);
    }
    async function welcome({ d }: Welcome): Promise<LecternClient> {
      welcomed = d;
      if (d.snapshotUrl !== undefined) {
        const gzipped = await fetchRaw(`${server.url}${d.snapshotUrl}`, seat.token);
        traffic.add(gzipped.length);
        heard.data(gunzipSync(gzipped).toString('latin1'), true);
      }
      heard.data('', true);
      return client;
    }
    const client: LecternClient = {
      ...traffic,
      send(ops) {
        seq += 1;
        unanswered.push({ seq, ids: ops.map(({ id }) => id) });
        send({ t: 'ops', d: { seq, gestureId: `g${seq}`, ops: ops.map(({ id, shape, again }) => {
          const words = `${markOf(id)}${pad}`;
          return again
            ? { op: 'shape.update', id: shape, set: { x: id % 1_000, text: words } }
            : { op: 'shape.add', shape: { id: shape, type: 'sticky', page: 'page-1', layer: 'layer-1', x: 1, y: 2, rotation: 0, scale: 1, z: 'a1', style: { color: '#ffee88', width: 2 }, locked: false, width: 120, height: 80, text: words } };
        }) } });
      },
      point: (x, y) => send({ t: 'pointer', d: { page: 'page-1', x, y } }),
      place: () => ({ ...place, seat, ackedSeq, lastVersion: lastOps === '' ? (welcomed?.snapshotVersion ?? welcomed?.version ?? 0) : lastVersionIn(lastOps) }),
    };
  });
}

const lastVersionIn = (opsFrame: string): number => (JSON.parse(opsFrame) as { d: { groups: { version: number }[] } }).d.groups.at(-1)?.version ?? 0;

/** The body as it was sent, compressed: `fetch` would unpack it and hide what it weighs. */
const fetchRaw = (url: string, token: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(Buffer.concat(chunks)) : reject(new Error(`${url} → ${response.statusCode}`))));
      response.on('error', reject);
    }).on('error', reject);
  });
