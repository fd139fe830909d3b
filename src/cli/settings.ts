import { readConfig } from '../config.ts';
import type { Settings } from '../main.ts';
import { localKeys } from './dataFolder.ts';

export async function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Promise<Settings> {
  const config = readConfig(environment);
  const needsLocalKeys = config.LECTERN_MASTER_KEY === undefined || (config.LECTERN_JWT_SECRET === undefined && config.LECTERN_JWT_JWKS_URL === undefined);
  if (!needsLocalKeys) return { ...config, LECTERN_MASTER_KEY: config.LECTERN_MASTER_KEY };
  const local = await localKeys(config.LECTERN_DATA_DIR);
  return {
    ...config,
    LECTERN_MASTER_KEY: config.LECTERN_MASTER_KEY ?? local.masterKey,
    LECTERN_JWT_SECRET: config.LECTERN_JWT_SECRET ?? (config.LECTERN_JWT_JWKS_URL === undefined ? local.jwtSecret : undefined),
  };
}
