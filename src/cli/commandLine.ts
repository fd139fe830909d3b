import { startCommand } from './commands/start.ts';
import { quietOnBrokenPipe } from './output.ts';
import { runProgram } from './program.ts';

quietOnBrokenPipe();
// A server does not read the other commands: whatever it reads it keeps for as long as it runs.
const commands = process.argv[2] === 'start' ? [startCommand] : (await import('./everyCommand.ts')).everyCommand;
/** Runs what the command line asks for. */
process.exitCode = await runProgram(commands, process.argv);
