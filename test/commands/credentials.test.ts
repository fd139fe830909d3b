import { createMasterKeys } from '../../src/adapters/secrets/masterKeys.ts';
import { createPostgresSecrets } from '../../src/adapters/secrets/postgresSecrets.ts';
import { createCredentialsCommands } from '../../src/commands/credentials/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { asks, openSchool } from './support/school.ts';

describe('storing credentials', () => {
  let database: TestDatabase;
  beforeAll(async () => { database = await createTestDatabase(); });
  afterAll(() => database.drop());

  it('replaces nothing when somebody else stored others meanwhile', async () => {
    const school = openSchool({ url: database.url });
    const secrets = createPostgresSecrets(database.pool, createMasterKeys(Buffer.alloc(32, 1).toString('base64')));
    const commands = createCredentialsCommands({ pipeline: school.pipeline, secrets });
    const first = await commands.store({ ref: 'anna', fields: { clientSecret: 'one' } }, asks('admin'));
    await commands.store({ ref: 'anna', fields: { clientSecret: 'two' } }, asks('admin'), { ifMatch: first.revision });
    await expect(commands.store({ ref: 'anna', fields: { clientSecret: 'three' } }, asks('admin'), { ifMatch: first.revision })).rejects.toMatchObject({ code: 'staleRevision' });
    expect(await secrets.get('anna')).toEqual({ clientSecret: 'two' });
    await school.close();
  });
});
