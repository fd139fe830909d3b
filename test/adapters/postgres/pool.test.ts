import { createPool } from '../../../src/adapters/postgres/pool.ts';
import { classifyPostgresError } from '../../../src/adapters/postgres/postgresError.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let database: TestDatabase;
const warnings: string[] = [];
const log = { warn: (message: string) => void warnings.push(message) };
beforeAll(async () => { database = await createTestDatabase(); });
afterAll(() => database.drop());

const kindOf = (statement: Promise<unknown>) => statement.then(() => 'no error', classifyPostgresError);

test('errors are told apart by what they mean for the caller', async () => {
  const pool = createPool({ url: database.url, applicationName: 'kinds', statementTimeoutMs: 200, log });
  await pool.query('create table kinds (n int primary key check (n < 10))');
  await pool.query('insert into kinds values (1)');
  expect(await kindOf(pool.query(`select 'x'::int`))).toBe('data');
  expect(await kindOf(pool.query(`select '"\\u0000"'::jsonb`))).toBe('data');
  expect(await kindOf(pool.query('insert into kinds values (1)'))).toBe('unique');
  expect(await kindOf(pool.query('insert into kinds values (11)'))).toBe('constraint');
  expect(await kindOf(pool.query('select pg_sleep(5)'))).toBe('timeout');
  expect(await kindOf(pool.query('select pg_terminate_backend(pg_backend_pid())'))).toBe('lost');
  expect(await kindOf(pool.query('selec'))).toBe('other');
  await pool.end();
});

test('nobody listening is unreachable, not lost: nothing can have happened', async () => {
  const url = new URL(database.url);
  url.port = '1';
  const pool = createPool({ url: url.href, applicationName: 'nobody', log });
  expect(await kindOf(pool.query('select 1'))).toBe('unreachable');
  await pool.end();
});

test('an idle connection that the server ends is a line in the log, and the next query gets a new one', async () => {
  const pool = createPool({ url: database.url, applicationName: 'idle one', log });
  await pool.query('select 1');
  await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'idle one'`);
  await eventually(() => warnings.some((line) => line.includes('idle one')));
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
