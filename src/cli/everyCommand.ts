import { auditCommands } from './commands/audit.ts';
import { backupCommands } from './commands/backup.ts';
import { configCommand } from './commands/config.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { createImportCommand } from './importCommand.ts';
import { withImports } from './imports.ts';
import { startCommand } from './commands/start.ts';
import { jobsCommands } from './commands/jobs.ts';
import { demoCommand } from './demo/demoCommand.ts';
import { migrateStoreCommand } from './commands/migrateStore.ts';
import { replayCommand } from './commands/replay.ts';
import { rotateKeysCommand } from './commands/rotateKeys.ts';
import { tokenCommand } from './commands/token.ts';
import type { CliCommand } from './program.ts';

export const everyCommand: readonly CliCommand[] = [
  startCommand, createImportCommand(withImports), replayCommand, eventsCommand, auditCommands, jobsCommands, tokenCommand, backupCommands, migrateStoreCommand, rotateKeysCommand, doctorCommand, configCommand, demoCommand,
];
