import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';

const silent = { info: () => undefined, error: () => undefined };

test('a test database is migrated and empty', async () => {
  const database = await createTestDatabase();
  const { rows } = await database.pool.query('select (select count(*)::int from lectern.log_identity) as logs, (select count(*)::int from lectern.events) as events');
  expect(rows).toEqual([{ logs: 1, events: 0 }]);
  await database.drop();
});

test('several processes may migrate at once', async () => {
  const database = await createTestDatabase();
  await database.pool.query('drop schema lectern cascade');
  await Promise.all(Array.from({ length: 6 }, () => migrate(database.url, silent)));
  const { rows } = await database.pool.query('select count(*)::int as n, count(distinct name)::int as names from lectern.migrations');
  expect(rows[0].n).toBeGreaterThan(0);
  expect(rows[0].n).toBe(rows[0].names);
  await database.drop();
});
