import { stopIfUnused } from './openEmbeddedPostgres.ts';

// Run by the keeper (keeper.ts) after a user of the server was killed.
const dataDir = process.argv[2];
if (dataDir !== undefined) await stopIfUnused(dataDir);
