import { createCredentials } from '../../../src/adapters/zoom/credentials.ts';

const main = { accountId: 'a', clientId: 'c', clientSecret: 's', webhookSecret: 'w' };

/** A store that counts what it is asked. */
function secrets(records: Record<string, typeof main>) {
  const asked: string[] = [];
  return { asked, records, get: async (ref: string) => (asked.push(ref), records[ref]) };
}

it('asks its store once for a reference that is not there, however many webhooks name it', async () => {
  const store = secrets({ main });
  const credentials = createCredentials(store, {});
  for (let i = 0; i < 50; i += 1) expect(await credentials.webhookSecret('nobody')).toBeUndefined();
  expect(store.asked).toEqual(['nobody']);
});

it('forgets none that is there over many that are not', async () => {
  const store = secrets({ main });
  const credentials = createCredentials(store, {});
  expect(await credentials.webhookSecret('main')).toBe('w');
  for (let i = 0; i < 3_000; i += 1) await credentials.webhookSecret(`guess${i}`);
  expect(await credentials.webhookSecret('main')).toBe('w');
  expect(store.asked.filter((ref) => ref === 'main')).toEqual(['main']);
});

it('calls to Zoom see new credentials at once, although a webhook had asked for them before', async () => {
  const store = secrets({});
  const credentials = createCredentials(store, {});
  expect(await credentials.webhookSecret('main')).toBeUndefined();
  store.records['main'] = main;
  expect((await credentials.of('main')).clientId).toBe('c');
  expect(await credentials.webhookSecret('main')).toBe('w');
});
