import { fileURLToPath } from 'node:url';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { startThrowAwayPostgres } from '../support/throwAwayPostgres.ts';
import { describeEventStore } from './eventStoreConformance.ts';

// A server of its own, durable, because the suite kills it.
describeEventStore('Postgres', async () => {
  const server = await startThrowAwayPostgres({ durable: true });
  await migrate(server.url, { info: () => undefined, error: (message) => console.error(message) });
  return {
    url: server.url,
    storeModule: fileURLToPath(new URL('../adapters/eventStore/postgres/openStore.ts', import.meta.url)),
    restart: server.restart,
    close: server.stop,
  };
});
