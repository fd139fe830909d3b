import { printableConfig, readConfig } from '../../config.ts';
import { print, table } from '../output.ts';
import type { CliCommand } from '../program.ts';

export const configCommand: CliCommand = (program) => {
  const config = program.command('config').description('the settings of this process');
  config
    .command('print')
    .description('every setting with its value; secrets are redacted')
    .option('--json', 'as JSON')
    .action((options: { json?: true }) => {
      const rows = printableConfig(readConfig(process.env));
      print(options.json, rows, table(rows.map(({ name, value, about }) => [name, value || '-', about])));
    });
};
