import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { CommandFailed, exit } from './output.ts';

/** What a command file exports: it adds itself to the program. */
export type CliCommand = (program: Command) => void;

/** @returns the exit code: 0 done, 1 a finding or a failure, 2 called wrongly */
export async function runProgram(commands: readonly CliCommand[], argv: readonly string[]): Promise<number> {
  const program = new Command('lectern')
    .description('Lectern: the event-sourced backend of a school that teaches online.')
    .showHelpAfterError('(add --help for what it takes)')
    .addHelpText('after', '\nSettings are environment variables: see "lectern config print". Exit codes: 0 done, 1 a finding or a failure, 2 called wrongly.');
  for (const add of commands) add(program);
  const strict = (command: Command): void => {
    command.exitOverride().allowExcessArguments(false);
    for (const sub of command.commands) strict(sub);
  };
  strict(program);
  let code: number = exit.ok;
  try {
    await program.parseAsync([...argv]);
    code = process.exitCode === undefined ? exit.ok : Number(process.exitCode);
  } catch (error) {
    code = explain(error);
  }
  return code;
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? exit.ok : exit.usage;
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    return exit.usage;
  }
  if (error instanceof CommandFailed) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? (process.env['LECTERN_LOG_LEVEL'] === 'debug' ? error.stack : error.message) : String(error)}\n`);
  return exit.failed;
}
