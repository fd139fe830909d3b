import { createWriter } from '../../../../src/adapters/eventStore/postgres/writer.ts';
import { classifyPostgresError } from '../../../../src/adapters/postgres/postgresError.ts';
import { createPool } from '../../../../src/adapters/postgres/pool.ts';
import { startCuttingProxy } from '../../../support/cuttingProxy.ts';
import { createTestDatabase, type TestDatabase } from '../../../support/testDatabase.ts';

let database: TestDatabase;
beforeAll(async () => { database = await createTestDatabase(); });
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
  await database.drop();
});

test('an answer that does not come is given up, the knowledge whether it was written with it; one that comes in time is not, nor is an idle writer', async () => {
  const proxy = await startCuttingProxy(database.url);
  closing.push(() => proxy.close());
  const pool = createPool({ url: proxy.url, applicationName: 'writer', max: 1, watchesItself: true, idleMs: 0, log: { warn: () => undefined } });
  const writer = createWriter(pool, 300);
  closing.unshift(async () => {
    writer.close();
    await pool.end();
  });
  const said = async () => (await writer.rows<{ one: number }>({ text: 'select 1 as one' })).rows;
  expect(await said()).toEqual([{ one: 1 }]);
  await new Promise((resolve) => setTimeout(resolve, 500)); // longer than an answer may take: nobody waits for one
  expect((await writer.rows<{ pid: number }>({ text: 'select pg_sleep(0.2), pg_backend_pid() as pid' })).rows[0]?.pid).toBeGreaterThan(0);
  proxy.mute();
  const failure: unknown = await Promise.race([said().catch((error: unknown) => error), new Promise((resolve) => setTimeout(() => resolve('nothing for 2 s'), 2_000))]);
  proxy.cut();
  expect(classifyPostgresError(failure)).toBe('lost');
  proxy.thaw();
  expect(await said()).toEqual([{ one: 1 }]);
});
