import { createEventStoreDb } from '../../../src/adapters/eventStore/eventStoreDb/eventStoreDb.ts';
import { deactivated, openTestLog } from '../../support/engineLog.ts';
import { eventually } from '../../support/eventually.ts';
import { startEventStoreDbServer } from '../../support/eventStoreDbServer/server.ts';
import { createTestDatabase } from '../../support/testDatabase.ts';
import { allergic, ledger, people, peopleIn, startEngine } from './support.ts';

test('on EventStoreDB, read models follow, survive the log\'s restart, pause, skip and rebuild as on Postgres', async () => {
  const db = await createTestDatabase();
  const server = await startEventStoreDbServer();
  const log = openTestLog(db.url, createEventStoreDb({ url: server.url }));
  const engine = await startEngine(db, log, [ledger('a'), allergic('b', 'bad')]);
  try {
    expect(await engine.waitFor('a', await log.write('person-x', ...people(1, 300).map(deactivated)), 10_000)).toBe(true);
    server.kill();
    await server.start();
    const position = await eventually(() => log.write('person-y', deactivated('after')), { timeoutMs: 15_000 });
    expect(await engine.waitFor('a', position, 15_000)).toBe(true);
    expect(await engine.waitFor('b', position, 15_000)).toBe(true);
    expect(await engine.waitFor('a', await log.write('person-z', deactivated('bad')), 10_000)).toBe(true);
    await eventually(async () => (await engine.status()).some((one) => one.name === 'b' && one.state === 'paused'));
    await engine.skip('b', 'by mistake', { id: 'anna', role: 'admin' });
    expect(await engine.waitFor('b', await log.head(), 10_000)).toBe(true);
    await eventually(async () => (await engine.status()).every((one) => one.state === 'live'));
    await engine.replay('all');
    expect(await peopleIn(db, engine, 'a')).toEqual([...people(1, 300), 'after', 'bad']);
    expect(await peopleIn(db, engine, 'b')).toEqual([...people(1, 300), 'after']);
    const status = await eventually(async () => { const all = await engine.status(); return all.every((one) => one.lagMs === 0) ? all : undefined; });
    expect(status.map((one) => [one.name, one.generation, one.state, one.error])).toEqual([['a', 2, 'live', undefined], ['b', 2, 'live', undefined]]);
  } finally {
    await engine.stop();
    await log.store.close();
    await server.close();
    await db.drop();
  }
});
