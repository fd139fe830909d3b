import { openEventStoreDb } from '../../main.ts';
import { createPostgresEventStore } from '../../adapters/eventStore/postgres/eventStore.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { copyLog, NotTheSameLog } from '../../eventLog/copyLog.ts';
import { withCore } from '../core.ts';
import { CommandFailed, exit, print, progressLine } from '../output.ts';
import type { CliCommand } from '../program.ts';

export const migrateStoreCommand: CliCommand = (program) => {
  program
    .command('migrate-store')
    .description('copy this school\'s log into another store: ids and order stay; interrupted, the same command goes on. Stop the servers first')
    .argument('<target>', 'esdb://… (EventStoreDB) or postgres://… (a database of its own)')
    .option('--json', 'as JSON')
    .action(async (target: string, options: { json?: true }) => {
      const line = progressLine();
      const report = { info: () => undefined, error: (message: string) => void process.stderr.write(`${message}\n`) };
      const result = await withCore(async ({ store }) => {
        let into;
        if (/^esdb(\+discover)?:/.test(target)) into = await openEventStoreDb(target);
        else if (/^postgres(ql)?:/.test(target)) {
          await migrate(target, report);
          into = createPostgresEventStore({ url: target });
        } else throw new CommandFailed('The target is a URL that begins with esdb:// or postgres://.', exit.usage);
        try {
          return await copyLog(store, into, { onProgress: ({ copied }) => line.show(`${copied} events …`) });
        } catch (error) {
          if (error instanceof NotTheSameLog) throw new CommandFailed(`Not copied: ${error.message}. The target is empty, or the beginning of this log.`);
          throw error;
        } finally {
          await into.close();
        }
      }).finally(line.done);
      print(options.json, result, `${result.copied} events copied. Read models belong to the old log: rebuild them on the new one with "lectern replay --all".`);
    });
};
