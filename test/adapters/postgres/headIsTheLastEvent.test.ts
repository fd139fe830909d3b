import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runner } from 'node-pg-migrate';
import { createPostgresEventStore } from '../../../src/adapters/eventStore/postgres/eventStore.ts';
import { advisoryLocks } from '../../../src/adapters/postgres/advisoryLocks.ts';
import { restoreBackup } from '../../../src/adapters/postgres/backup/restoreBackup.ts';
import { writeBackup } from '../../../src/adapters/postgres/backup/writeBackup.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import type { EventStore } from '../../../src/ports/eventStore.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { anEvent, someEvents } from '../eventStore/postgres/events.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const folder = fileURLToPath(new URL('../../../src/adapters/postgres/migrations', import.meta.url));

let database: TestDatabase;
let temporary: string;
const stores: EventStore[] = [];
const openStore = () => {
  const store = createPostgresEventStore({ url: database.url });
  stores.push(store);
  return store;
};

beforeEach(async () => {
  database = await createTestDatabase();
  temporary = await mkdtemp(join(tmpdir(), 'lectern-head-'));
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await database.drop();
  await rm(temporary, { recursive: true });
});

const positions = async () => (await database.pool.query<{ position: string }>('select position from lectern.events order by position')).rows.map(({ position }) => Number(position));

const backToBefore = async () => {
  await database.pool.query('drop schema lectern cascade');
  const before = (await readdir(folder)).filter((file) => file < '070').length;
  await runner({ databaseUrl: database.url, dir: folder, direction: 'up', count: before, migrationsTable: 'migrations', migrationsSchema: 'lectern', createMigrationsSchema: true, noLock: true, logger: silent });
};

/** As the release before this one wrote one event behind its fence. @returns how many rows */
const oneOfBefore = async (base: number, stream: string) =>
  (await database.pool.query(
    `with moved as (
      update lectern.log_head h set position = h.position + 1 where h.position = $1::bigint returning h.position
    )
    insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
    select m.position, $2, 0, $3::uuid, 'Noted', 1, '{}', '{}' from moved m`,
    [base, stream, randomUUID()],
  )).rowCount;

/** As it wrote several. @returns how many rows */
const manyOfBefore = async (base: number, stream: string, count: number) => {
  const each = <Value>(of: (n: number) => Value) => Array.from({ length: count }, (_, n) => of(n));
  return (await database.pool.query(
    `with moved as (
      update lectern.log_head h set position = h.position + $2::integer where h.position = $1::bigint returning h.position
    )
    insert into lectern.events (position, stream, revision, id, type, schema_version, data, metadata)
    select $1 + g.nth, g.stream, g.revision, g.id, g.type, g.schema_version, g.data, g.metadata
    from unnest($3::text[], $4::integer[], $5::uuid[], $6::text[], $7::integer[], $8::json[], $9::json[])
      with ordinality as g(stream, revision, id, type, schema_version, data, metadata, nth)
    where exists (select from moved)`,
    [base, count, each(() => stream), each((n) => n), each(() => randomUUID()), each(() => 'Noted'), each(() => 1), each(() => '{}'), each(() => '{}')],
  )).rowCount;
};

test('a log from before migration 070 keeps its name and goes on behind its last event', async () => {
  await backToBefore();
  await database.pool.query(`insert into lectern.events select n, 'old', n - 1, gen_random_uuid(), 'Noted', 1, '{}', '{}' from generate_series(1, 3) n`);
  await database.pool.query('update lectern.log_head set position = 3, restored = 2');
  const { rows: [was] } = await database.pool.query('select log_id, restored from lectern.log_head');
  await migrate(database.url, silent);
  expect((await database.pool.query('select log_id, restored from lectern.log_identity')).rows).toEqual([was]);
  const store = openStore();
  expect(Number(await store.head())).toBe(3);
  expect(await store.append('new', someEvents(2), { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended' });
  expect(await store.append('old', [anEvent()], { expectedRevision: 2 })).toMatchObject({ outcome: 'appended', revision: 3 });
  expect(await store.append('old', [anEvent()], { expectedRevision: 2 })).toEqual({ outcome: 'conflict', actualRevision: 3 });
  expect(await positions()).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the release before runs beside this one: its fence and its head are the same', async () => {
  const store = openStore();
  await store.append('new', someEvents(2), { expectedRevision: 'noStream' });
  expect([await oneOfBefore(1, 'stale'), await manyOfBefore(1, 'stale', 3)]).toEqual([0, 0]);
  expect(await oneOfBefore(2, 'old')).toBe(1);
  expect(await store.append('new', [anEvent()], { expectedRevision: 1 })).toMatchObject({ outcome: 'appended', revision: 2 });
  expect(await manyOfBefore(4, 'several', 3)).toBe(3);
  expect(await store.append('new', [anEvent()], { expectedRevision: 2 })).toMatchObject({ outcome: 'appended', revision: 3 });
  expect((await database.pool.query('select position from lectern.log_head')).rows).toEqual([{ position: '8' }]);
  const judge = await database.pool.connect();
  await judge.query('begin');
  await judge.query('select pg_advisory_xact_lock($1)', [advisoryLocks.append]);
  const written = [await oneOfBefore(8, 'judged'), await manyOfBefore(8, 'judged', 3)];
  await judge.query('rollback');
  judge.release();
  expect(written).toEqual([0, 0]);
  await database.pool.query('update lectern.log_head set restored = 7');
  expect((await database.pool.query('select restored from lectern.log_identity')).rows).toEqual([{ restored: 7 }]);
  expect(await positions()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('while a backup of a log from before migration 070 runs, migrating fails soon and says why, and the release before goes on', async () => {
  await backToBefore();
  const backup = await database.pool.connect();
  await backup.query('begin isolation level repeatable read read only');
  await backup.query('select from lectern.log_head');
  const errors: string[] = [];
  const migrating = migrate(database.url, { ...silent, error: (message) => void errors.push(message) }).then(() => 'migrated', (error: Error) => error.message);
  await eventually(async () => (await database.pool.query(`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)).rowCount === 1);
  expect(await oneOfBefore(0, 'old')).toBe(1);
  expect(await migrating).toMatch(/something else is using the log, perhaps a backup\..* Start again when that is over\./);
  expect(errors).toEqual([]);
  await backup.query('commit');
  backup.release();
  await migrate(database.url, silent);
  expect(await openStore().append('new', [anEvent()], { expectedRevision: 'noStream' })).toMatchObject({ outcome: 'appended' });
  expect(await positions()).toEqual([1, 2]);
}, 20_000);

test('a backup from before migration 070 can be put back', async () => {
  const store = openStore();
  await store.append('kept', someEvents(2), { expectedRevision: 'noStream' });
  const logId = await store.logId();
  const file = join(temporary, 'school.backup');
  await writeBackup(database.url, file);
  const older = gunzipSync(await readFile(file)).toString('utf8')
    .replace(',"070_head_is_the_last_event"', '')
    .replace(/\{"table":"log_identity".*\n.*\n/, `{"table":"log_head","columns":["only_row","position","log_id","restored"]}\nt\t2\t${logId}\t4\n`)
    .replace('"log_identity":1', '"log_head":1');
  await writeFile(file, gzipSync(older));
  await expect(restoreBackup(database.url, file, { replace: false })).rejects.toThrow(/already holds events/);
  await store.append('lost', [anEvent()], { expectedRevision: 'noStream' });
  await restoreBackup(database.url, file, { replace: true });
  expect(await positions()).toEqual([1, 2]);
  expect((await database.pool.query('select log_id, restored from lectern.log_identity')).rows).toEqual([{ log_id: logId, restored: 1 }]);
});
