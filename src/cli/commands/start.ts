import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { restoredChannel } from '../../adapters/postgres/backup/restoredChannel.ts';
import { exit } from '../output.ts';
import type { CliCommand } from '../program.ts';
import { serve, type Server } from '../server/serve.ts';
import { describe } from '../server/startBlock.ts';
import { readSettings } from '../settings.ts';

/** A shutdown that takes longer has met something that hangs; the log loses nothing by it. */
const longestStopMs = 25_000;

export const startCommand: CliCommand = (program) => {
  program
    .command('start')
    .description('run the school: API, projections, reactors, jobs (LECTERN_ROLES chooses); Ctrl-C stops it')
    .option('--json', 'print one line of JSON when ready')
    .action(async (options: { json?: true }) => {
      const asked = new Promise<'stop'>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('stop'));
      });
      let settings = await readSettings();
      for (;;) {
        const server = await serve(settings);
        const watch = await watchForRestore(server);
        process.stdout.write(options.json ? `${JSON.stringify({ ready: server.ready })}\n` : `${describe(server.ready)}\n`);
        const why = await Promise.race([asked, watch.restored]);
        await watch.stop();
        const tooLong = setTimeout(() => {
          process.stderr.write('Stopping takes too long; leaving.\n');
          process.exit(exit.failed);
        }, longestStopMs);
        await server.stop();
        clearTimeout(tooLong);
        if (why === 'stop') break;
        settings = { ...settings, LECTERN_PORT: server.port }; // whoever knew the address finds it there again
        process.stdout.write('The log was restored from a backup; starting anew.\n');
      }
    });
};

/** After `lectern restore` nothing that is in memory is true any more. */
async function watchForRestore({ core }: Server): Promise<{ restored: Promise<'restored'>; stop(): Promise<void> }> {
  const idOf = async () => (await core.pool.query<{ log_id: string; restored: string }>('select log_id::text, restored from lectern.log_identity')).rows[0];
  let client: pg.Client | undefined;
  let ended = false;
  const known = await idOf();
  let listening: Promise<void> | undefined;
  const restored = new Promise<'restored'>((resolve) => {
    const listen = async (): Promise<void> => {
      if (ended) return;
      const next = new pg.Client({ connectionString: core.databaseUrl, application_name: 'lectern restore watch', connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
      client = next;
      next.on('notification', () => resolve('restored'));
      next.on('error', () => undefined);
      next.on('end', () => void setTimeout(() => void listen(), 2_000).unref());
      try {
        await next.connect();
        await next.query(`listen ${restoredChannel}`);
        const now = await idOf(); // it may have happened while nobody listened
        if (now && known && now.restored !== known.restored) resolve('restored');
      } catch {
        await next.end().catch(() => undefined);
      }
    };
    listening = listen();
  });
  await Promise.race([listening, sleep(1_000)]); // it tries again by itself; nobody waits for that
  return {
    restored,
    async stop() {
      ended = true;
      await client?.end().catch(() => undefined);
    },
  };
}
