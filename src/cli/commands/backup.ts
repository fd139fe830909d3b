import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { RestoreRefused, restoreBackup } from '../../adapters/postgres/backup/restoreBackup.ts';
import { writeBackup } from '../../adapters/postgres/backup/writeBackup.ts';
import { readConfig, type Config } from '../../config.ts';
import { openDatabase } from '../database.ts';
import { CommandFailed, print, progressLine } from '../output.ts';
import type { CliCommand } from '../program.ts';

const refuseForeignLog = (config: Config) => {
  if (config.EVENTSTORE_URL !== undefined) {
    throw new CommandFailed('The event log is in EventStoreDB: back up that server with its own means, and PostgreSQL with pg_dump. See docs/operations.md.');
  }
};

export const backupCommands: CliCommand = (program) => {
  program
    .command('backup')
    .description('write the log and everything else that cannot be folded again into one file; the server may run')
    .argument('<file>', 'the file to write')
    .option('--with-keys', 'embedded mode: also copy keys.json beside it as <file>.keys.json; without those keys nobody can open personal data')
    .option('--json', 'as JSON')
    .action(async (file: string, options: { withKeys?: true; json?: true }) => {
      const config = readConfig(process.env);
      refuseForeignLog(config);
      const database = await openDatabase(config);
      const progress = progressLine();
      try {
        const { rows } = await writeBackup(database.url, file, (table) => progress.show(`backing up ${table} …`));
        progress.done();
        if (options.withKeys) await copyFile(path.join(config.LECTERN_DATA_DIR, 'keys.json'), `${file}.keys.json`);
        const events = rows['events'] ?? 0;
        print(options.json, { file, rows }, `${file}: ${events} events and ${Object.values(rows).reduce((a, b) => a + b, 0) - events} other rows.`);
      } finally {
        progress.done();
        await database.close();
      }
    });

  program
    .command('restore')
    .description('put a backup back; running servers notice and start anew')
    .argument('<file>', 'a file that "lectern backup" wrote')
    .option('--replace', 'overwrite a log that already holds events')
    .option('--json', 'as JSON')
    .action(async (file: string, options: { replace?: true; json?: true }) => {
      const config = readConfig(process.env);
      refuseForeignLog(config);
      const database = await openDatabase(config);
      try {
        const { rows } = await restoreBackup(database.url, file, { replace: options.replace === true });
        print(options.json, { file, rows }, `${rows['events'] ?? 0} events restored. Read models fold themselves again when the server starts.`);
      } catch (error) {
        if (error instanceof RestoreRefused) throw new CommandFailed(`Not restored: ${error.message}`);
        throw error;
      } finally {
        await database.close();
      }
    });
};
