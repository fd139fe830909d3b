import { createServer } from 'node:http';
import pg from 'pg';
import { WebSocketServer, type WebSocket } from 'ws';
import { openEmbeddedPostgres } from '../../src/adapters/postgres/embedded/openEmbeddedPostgres.ts';

/** The physical limit: text comes in, is in the database, goes out to the room as it came. No people, no rules, no board, nothing checked. */
const [port, dataDir] = process.argv.slice(2);
const postgres = await openEmbeddedPostgres({ dataDir: dataDir ?? '', log: { info: () => undefined } });
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
await client.query('create table if not exists ops (position bigint generated always as identity primary key, room text not null, op json not null)');

const rooms = new Map<string, Set<WebSocket>>();
let waiting: { room: string; op: string; from: WebSocket }[] = [];
let isRunning = false;

async function flush(): Promise<void> {
  for (await new Promise(setImmediate); waiting.length > 0; await new Promise(setImmediate)) {
    const batch = waiting;
    waiting = [];
    await client.query({ name: 'insert', text: 'insert into ops (room, op) select * from unnest($1::text[], $2::json[])', values: [batch.map(({ room }) => room), batch.map(({ op }) => op)] });
    for (const { room, op, from } of batch) {
      for (const socket of rooms.get(room) ?? []) socket.send(socket === from ? `ack ${op.slice(0, 40)}` : op);
    }
  }
  isRunning = false;
}

const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket, request) => {
  const room = request.url ?? '';
  const sockets = rooms.get(room) ?? new Set();
  rooms.set(room, sockets.add(socket));
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (raw: Buffer) => {
    waiting.push({ room, op: raw.toString('utf8'), from: socket });
    if (isRunning) return;
    isRunning = true;
    void flush();
  });
  socket.send('welcome');
});
http.listen(Number(port), '127.0.0.1', () => console.log('ready'));
process.once('SIGTERM', () => void client.end().then(() => postgres.release()).then(() => process.exit(0)));
