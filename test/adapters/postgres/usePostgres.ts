import { openEmbeddedPostgres } from '../../../src/adapters/postgres/embedded/openEmbeddedPostgres.ts';

// A user of an embedded server, in a process of its own: opens, says so, and leaves in order on SIGTERM.
const server = await openEmbeddedPostgres({ dataDir: process.argv[2] ?? '', log: { info: () => undefined } });
process.on('SIGTERM', () => void server.release().then(() => process.exit(0)));
process.on('SIGINT', () => void server.release().then(() => process.exit(0)));
process.stdout.write(`${server.url}\n`);
setInterval(() => undefined, 1_000);
