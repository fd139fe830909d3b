// One tldraw sync room per path, each with a SQLite file of its own at full sync. A black box: its licence allows development and testing only.
import { createServer } from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { NodeSqliteWrapper, SQLiteSyncStorage, TLSocketRoom } from '@tldraw/sync-core';
import { WebSocketServer } from 'ws';

const [port, folder] = process.argv.slice(2);
const rooms = new Map();

function roomOf(id) {
  const known = rooms.get(id);
  if (known && !known.isClosed()) return known;
  const database = new DatabaseSync(path.join(folder, `${id}.sqlite`));
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  const room = new TLSocketRoom({ storage: new SQLiteSyncStorage({ sql: new NodeSqliteWrapper(database) }), log: { warn: () => undefined, error: console.error } });
  rooms.set(id, room);
  return room;
}

const http = createServer((_request, response) => response.end());
new WebSocketServer({ server: http }).on('connection', (socket, request) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  roomOf(url.pathname.slice(1)).handleSocketConnect({ sessionId: url.searchParams.get('session'), socket });
});
http.listen(Number(port), '127.0.0.1', () => console.log('ready'));
