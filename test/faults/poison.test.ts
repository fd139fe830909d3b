import { allergic, ledger, peopleIn, startEngine } from '../projections/engine/support.ts';
import { deactivated, openTestLog } from '../support/engineLog.ts';
import { eventually } from '../support/eventually.ts';
import { createTestDatabase } from '../support/testDatabase.ts';

test('a poison event under load: its read model pauses, named, and the others never lag by a second', async () => {
  const db = await createTestDatabase();
  const log = openTestLog(db.url);
  const engine = await startEngine(db, log, [allergic('a', 'bad'), ledger('b'), ledger('c')]);
  try {
    let worst = 0;
    let written = 0;
    for (let i = 0; i < 150; i += 1) {
      await log.write(`person-${i % 7}`, ...(i === 30 ? [deactivated('bad')] : [deactivated(`p${i}`), deactivated(`q${i}`)]));
      written += i === 30 ? 1 : 2;
      if (i % 10 === 0) {
        for (const one of await engine.status()) if (one.name !== 'a') worst = Math.max(worst, one.lagMs);
      }
    }
    const head = await log.head();
    expect(await engine.waitFor('b', head, 1_000)).toBe(true);
    expect(await engine.waitFor('c', head, 1_000)).toBe(true);
    expect(worst).toBeLessThan(1_000);
    const paused = await eventually(async () => (await engine.status()).find((one) => one.name === 'a' && one.state === 'paused' && one.lagMs > 0));
    expect(paused.pausedAt).toMatchObject({ eventType: 'PersonDeactivated', stream: 'person-2', error: expect.stringContaining('check constraint') });
    expect(await peopleIn(db, engine, 'a')).toHaveLength(60);
    expect(await peopleIn(db, engine, 'b')).toHaveLength(written);

    await engine.skip('a', 'not ours', { id: 'anna', role: 'admin' });
    expect(await engine.waitFor('a', head, 10_000)).toBe(true);
    await eventually(async () => (await engine.status()).every((one) => one.state === 'live'));
    await engine.replay('all');
    expect(await peopleIn(db, engine, 'a')).toEqual((await peopleIn(db, engine, 'b')).filter((person) => person !== 'bad'));
  } finally {
    await engine.stop();
    await log.store.close();
    await db.drop();
  }
});
