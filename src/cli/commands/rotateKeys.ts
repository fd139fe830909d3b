import { rotatePersonKeys } from '../../adapters/personKeys/postgresPersonKeys.ts';
import { withCore } from '../core.ts';
import { print } from '../output.ts';
import type { CliCommand } from '../program.ts';

export const rotateKeysCommand: CliCommand = (program) => {
  program
    .command('rotate-keys')
    .description('seal credentials and person keys anew under LECTERN_MASTER_KEY; the old key must still be in LECTERN_PREVIOUS_MASTER_KEYS')
    .option('--json', 'as JSON')
    .action(async (options: { json?: true }) => {
      const result = await withCore(async ({ secrets, pool, master }) => ({ credentials: await secrets.rotate(), personKeys: await rotatePersonKeys(pool, master) }));
      print(options.json, result, `${result.credentials} credential fields and ${result.personKeys} person keys were sealed anew. Keep the old key for the 30 days that webhooks are kept.`);
    });
};
