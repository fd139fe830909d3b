import { createTokenIssuer } from '../../http/auth/tokens.ts';
import { CommandFailed, exit } from '../output.ts';
import type { CliCommand } from '../program.ts';
import { readSettings } from '../settings.ts';
import { createNarrator } from './narrator.ts';
import { planTheDay } from './planning.ts';
import { setStage } from './stage.ts';
import { teachTheDay } from './teaching.ts';
import { startThrowAwayServer } from './throwAwayServer.ts';

/** One school day in about a minute, through the public API. Tokens are signed with the secret of the server's own settings, as `lectern token` does. */
export const demoCommand: CliCommand = (program) => {
  program
    .command('demo')
    .description('play one school day against a server with sandboxes, through its public API, and say whether everything held')
    .option('--url <url>', 'a running server with the same environment as this command (default: one of its own in a temporary folder)')
    .action(async (options: { url?: string }) => {
      const write = (line: string) => void process.stdout.write(`${line}\n`);
      const tell = createNarrator(write);
      tell.scene(options.url === undefined ? 'A school opens in a temporary folder' : `A day at ${options.url}`);
      const own = options.url === undefined ? await startThrowAwayServer() : undefined;
      const interrupted = () => void own?.stop().then(() => process.exit(exit.failed));
      process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
      try {
        const url = (own?.url ?? options.url ?? '').replace(/\/$/, '');
        const stage = await setStage(url, await signer(own?.environment ?? process.env), tell);
        await teachTheDay(stage, await planTheDay(stage));
      } catch (error) {
        tell.check(`the demo runs to its end: ${error instanceof Error ? error.message : String(error)}`, false);
      } finally {
        process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
        await own?.stop();
      }
      const failed = tell.failed();
      tell.scene(failed.length === 0 ? `Everything held: ${tell.held()} checks.` : `${failed.length} of ${failed.length + tell.held()} checks did not hold:`);
      for (const what of failed) tell.say(`✗ ${what}`);
      if (failed.length > 0) process.exitCode = exit.failed;
    });
};

const signer = async (environment: NodeJS.ProcessEnv) => {
  const settings = await readSettings(environment);
  if (settings.LECTERN_JWT_SECRET === undefined) throw new CommandFailed('This server takes tokens by LECTERN_JWT_JWKS_URL; the demo cannot sign any.');
  const issue = createTokenIssuer({ secret: settings.LECTERN_JWT_SECRET, issuer: settings.LECTERN_JWT_ISSUER, audience: settings.LECTERN_JWT_AUDIENCE });
  return (person: string, role: 'admin' | 'teacher') => issue(person, role, 3_600);
};
