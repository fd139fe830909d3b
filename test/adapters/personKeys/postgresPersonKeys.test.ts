import { randomBytes, randomUUID } from 'node:crypto';
import { createPostgresPersonKeys, rotatePersonKeys } from '../../../src/adapters/personKeys/postgresPersonKeys.ts';
import { createMasterKeys } from '../../../src/adapters/secrets/masterKeys.ts';
import { SubjectForgotten } from '../../../src/ports/personKeys.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

describe('person keys', () => {
  let database: TestDatabase;
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  const open = (current = first, previous: string[] = []) => createPostgresPersonKeys(database.pool, createMasterKeys(current, previous));

  it('are made once, whoever asks first, and found again by every process', async () => {
    const subject = randomUUID();
    const keys = await Promise.all(Array.from({ length: 20 }, () => open().obtain(subject)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect((await open().find([subject, 'nobody'])).get(subject)).toEqual(keys[0]);
  });

  it('stand sealed in the database, each for its own person', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const key = await open().obtain(one);
    await open().obtain(other);
    const { rows } = await database.pool.query<{ sealed_key: string }>('select sealed_key from lectern.person_keys where subject = $1', [one]);
    expect(rows[0]!.sealed_key).not.toContain(key.toString('base64').slice(0, 20));
    await database.pool.query('update lectern.person_keys set sealed_key = $2 where subject = $1', [other, rows[0]!.sealed_key]);
    await expect(open().find([other])).rejects.toThrow();
    await database.pool.query('delete from lectern.person_keys where subject = $1', [other]);
  });

  it('are gone for good once a person is forgotten: not found, and never made again', async () => {
    const subject = randomUUID();
    await open().obtain(subject);
    await database.pool.query('update lectern.person_keys set sealed_key = null where subject = $1', [subject]);
    expect((await open().find([subject])).has(subject)).toBe(false);
    await expect(open().obtain(subject)).rejects.toBeInstanceOf(SubjectForgotten);
  });

  it('survive a change of the master key', async () => {
    const subject = randomUUID();
    const key = await open().obtain(subject);
    expect(await open(second, [first]).obtain(subject)).toEqual(key);
    expect(await rotatePersonKeys(database.pool, createMasterKeys(second, [first]))).toBeGreaterThan(0);
    expect(await open(second).obtain(subject)).toEqual(key);
    expect(await rotatePersonKeys(database.pool, createMasterKeys(second))).toBe(0);
    await expect(open(first).obtain(subject)).rejects.toThrow(/master key/);
  });
});
