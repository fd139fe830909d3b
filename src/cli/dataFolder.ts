import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile, rm, link } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const keys = z.object({ masterKey: z.string().min(1), jwtSecret: z.string().min(32) });
export type LocalKeys = z.infer<typeof keys>;

/**
 * The embedded mode's own keys: made once, kept in `keys.json` (0600) of the data folder. Whoever has the folder has the
 * school; a backup without this file cannot open personal data or credentials.
 * @returns the keys that are there, also when several processes start at once
 */
export async function localKeys(dataDir: string): Promise<LocalKeys> {
  await mkdir(dataDir, { recursive: true });
  const file = path.join(dataDir, 'keys.json');
  const fresh: LocalKeys = { masterKey: randomBytes(32).toString('base64'), jwtSecret: randomBytes(32).toString('base64url') };
  const draft = path.join(dataDir, `keys.${process.pid}.tmp`);
  try {
    return keys.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (!isMissing(error)) throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  await writeFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, file); // whole or not at all, and only one process wins
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return keys.parse(JSON.parse(await readFile(file, 'utf8')));
}

const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;
const isMissing = (error: unknown) => isCode(error, 'ENOENT');
