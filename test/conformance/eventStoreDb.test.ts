import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient } from '@eventstore/db-client';
import { eventually } from '../support/eventually.ts';
import { startEventStoreDbServer } from '../support/eventStoreDbServer/server.ts';
import { describeEventStore } from './eventStoreConformance.ts';
import type { LogUnderTest } from './logUnderTest.ts';

const storeModule = fileURLToPath(new URL('../support/eventStoreDbServer/openStore.ts', import.meta.url));

const deleteWith = (client: EventStoreDBClient) => async (stream: string, how: 'soft' | 'tombstone'): Promise<void> => {
  if (how === 'soft') await client.deleteStream(stream);
  else await client.tombstoneStream(stream);
};

/** The one at EVENTSTORE_URL. EVENTSTORE_RESTART, when it is set, is a command that kills it (-9) and starts it again. */
async function realServer(url: string): Promise<LogUnderTest> {
  const client = EventStoreDBClient.connectionString(url);
  const command = process.env.EVENTSTORE_RESTART;
  const answers = () => eventually(async () => {
    for await (const _ of EventStoreDBClient.connectionString(url).readAll({ maxCount: 1 })) return true;
    return true;
  }, { timeoutMs: 60_000, everyMs: 250 });
  return {
    url,
    storeModule,
    deleteStream: deleteWith(client),
    ...(command === undefined ? {} : {
      async restart() {
        // The server takes EVENTSTORE_* for options of its own, and does not start with ones that it does not know.
        const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('EVENTSTORE_')));
        await new Promise<void>((resolve, reject) => execFile('sh', ['-c', command], { env }, (error) => (error ? reject(error) : resolve())));
        await answers();
      },
    }),
    close: () => client.dispose(),
  };
}

async function serverOfOurOwn(): Promise<LogUnderTest> {
  const server = await startEventStoreDbServer();
  const client = EventStoreDBClient.connectionString(server.url);
  return {
    url: server.url,
    storeModule,
    deleteStream: deleteWith(client),
    async restart() {
      server.kill();
      await server.start();
    },
    async close() {
      await client.dispose();
      await server.close();
    },
  };
}

const url = process.env.EVENTSTORE_URL;
if (url) describeEventStore('EventStoreDB (the server at EVENTSTORE_URL)', () => realServer(url));
else describeEventStore('EventStoreDB (a server in this process)', serverOfOurOwn);
