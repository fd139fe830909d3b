import { createLog } from '../http/observe/logs.ts';
import { openCore, type Core } from '../main.ts';
import { openDatabase } from './database.ts';
import { readSettings } from './settings.ts';

/** Opens log and database for one command, and lets go of them whatever happens. Log lines go to standard error. */
export async function withCore<T>(work: (core: Core) => Promise<T>): Promise<T> {
  const settings = await readSettings();
  const logger = createLog(settings.LECTERN_LOG_LEVEL === 'info' ? 'warn' : settings.LECTERN_LOG_LEVEL, process.stderr);
  const database = await openDatabase(settings);
  try {
    const core = await openCore(settings, database.url, logger);
    try {
      return await work(core);
    } finally {
      await core.close();
    }
  } finally {
    await database.close();
  }
}
