import { role } from '../../domain/kernel/fields.ts';
import { createTokenIssuer } from '../../http/auth/tokens.ts';
import { CommandFailed, exit, print } from '../output.ts';
import type { CliCommand } from '../program.ts';
import { readSettings } from '../settings.ts';

/** 30m, 12h, 7d, or seconds. */
const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 };
const longest = 365 * 86_400;

export const tokenCommand: CliCommand = (program) => {
  program
    .command('token')
    .description('sign a token for a person (HS256, with this server\'s secret)')
    .argument('<person>', 'the person\'s id: `sub` of the token')
    .argument('<role>', role.options.join(' | '))
    .option('--ttl <time>', 'how long it is good for: 30m, 12h, 7d', '12h')
    .option('--json', 'as JSON')
    .action(async (person: string, wanted: string, options: { ttl: string; json?: true }) => {
      const parsed = role.safeParse(wanted);
      if (!parsed.success) throw new CommandFailed(`The role is one of ${role.options.join(', ')}.`, exit.usage);
      const [, count = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(options.ttl) ?? [];
      const seconds = Number(count) * (units[unit] ?? 0);
      if (!(seconds > 0 && seconds <= longest)) throw new CommandFailed('--ttl is a time of at most 365d, e.g. 30m, 12h, 7d.', exit.usage);
      const settings = await readSettings();
      if (settings.LECTERN_JWT_SECRET === undefined) throw new CommandFailed('This server takes tokens by LECTERN_JWT_JWKS_URL; only the owner of those keys can sign one.');
      const issue = createTokenIssuer({ secret: settings.LECTERN_JWT_SECRET, issuer: settings.LECTERN_JWT_ISSUER, audience: settings.LECTERN_JWT_AUDIENCE });
      const token = await issue(person, parsed.data, seconds);
      print(options.json, { token, person, role: parsed.data, expiresInSeconds: seconds }, token);
    });
};
