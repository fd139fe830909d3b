// Hocuspocus as its own documentation sets it up, with SQLite below it. Its SQLite extension needs better-sqlite3, a native module that is
// compiled or downloaded when it is installed; so the same table is kept here with Node's own SQLite, through the same base class.
import { DatabaseSync } from 'node:sqlite';
import { Database } from '@hocuspocus/extension-database';
import { Server } from '@hocuspocus/server';

const [port, file] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec('create table if not exists "documents" ("name" varchar(255) not null, "data" blob not null, unique(name))');
const find = database.prepare('select data from "documents" where name = ?');
const put = database.prepare('insert into "documents" ("name", "data") values (?, ?) on conflict(name) do update set data = excluded.data');

const server = new Server({
  port: Number(port), address: '127.0.0.1', quiet: true,
  extensions: [new Database({
    fetch: ({ documentName }) => Promise.resolve(find.get(documentName)?.data ?? null),
    store: ({ documentName, state }) => Promise.resolve(void put.run(documentName, state)),
  })],
});
await server.listen();
console.log('ready');
