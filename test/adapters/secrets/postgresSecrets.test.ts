import { randomBytes } from 'node:crypto';
import { createMasterKeys } from '../../../src/adapters/secrets/masterKeys.ts';
import { createPostgresSecrets } from '../../../src/adapters/secrets/postgresSecrets.ts';
import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const key = () => randomBytes(32).toString('base64');
const fields = { accountId: 'acc', clientId: 'cli', clientSecret: 'canary-3f9a' };

describe('credentials in the database', () => {
  it('come back as they were put, and are replaced whole', async () => {
    const secrets = createPostgresSecrets(database.pool, createMasterKeys(key()));
    await secrets.put('anna', fields);
    expect(await secrets.get('anna')).toEqual(fields);
    await secrets.put('anna', { accountId: 'other', clientId: 'c' });
    expect(await secrets.get('anna')).toEqual({ accountId: 'other', clientId: 'c' });
    expect(await secrets.get('nobody')).toBeUndefined();
    expect(await secrets.list()).toEqual([{ ref: 'anna', fields: ['accountId', 'clientId'], updatedAt: expect.any(String) }]);
  });

  it('are unreadable in the table, and useless in another row or field', async () => {
    const secrets = createPostgresSecrets(database.pool, createMasterKeys(key()));
    await secrets.put('berta', fields);
    const { rows } = await database.pool.query('select * from lectern.secrets');
    expect(JSON.stringify(rows)).not.toContain('canary-3f9a');
    await database.pool.query(`update lectern.secrets set sealed = (select sealed from lectern.secrets where ref = 'berta' and field = 'clientSecret') where ref = 'berta' and field = 'clientId'`);
    await expect(secrets.get('berta')).rejects.toThrow();
    await database.pool.query(`delete from lectern.secrets`);
  });

  it('are sealed anew under a new master key, after which the old one is not needed', async () => {
    const [old, current] = [key(), key()];
    await createPostgresSecrets(database.pool, createMasterKeys(old)).put('carla', fields);
    const both = createPostgresSecrets(database.pool, createMasterKeys(current, [old]));
    expect(await both.get('carla')).toEqual(fields);
    expect(await both.rotate()).toBe(3);
    expect(await both.rotate()).toBe(0);
    expect(await createPostgresSecrets(database.pool, createMasterKeys(current)).get('carla')).toEqual(fields);
    await expect(createPostgresSecrets(database.pool, createMasterKeys(old)).get('carla')).rejects.toThrow('not configured');
  });
});
