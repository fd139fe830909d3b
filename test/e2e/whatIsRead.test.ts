import { existsSync } from 'node:fs';
import { startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';

/** Tells at the end of its process which files it has read, and which of Node's own parts. */
const recorder = `
  import { registerHooks } from 'node:module';
  const read = new Set();
  registerHooks({ load: (url, context, next) => { read.add(url); return next(url, context); } });
  process.on('exit', () => console.error('read ' + JSON.stringify([...read, ...process.moduleLoadList])));`;
const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(recorder)}` };

async function readBy(server: LecternProcess): Promise<string[]> {
  await server.terminate();
  const line = server.output().split('\n').find((one) => one.startsWith('read '));
  return JSON.parse(line!.slice('read '.length)) as string[];
}

/** What a server rarely needs and never lets go of. */
const dear = {
  'migrations': '/node_modules/node-pg-migrate/',
  'the OpenAPI document': '/node_modules/@asteasolutions/zod-to-openapi/',
  'the AsyncAPI document': '/src/http/docs/asyncApi/document.ts',
  'calls to vendors': '/node_modules/undici/',
  'EventStoreDB': '/node_modules/@eventstore/db-client/',
  'traces': '/node_modules/@opentelemetry/sdk-node/',
  'timetables': '/node_modules/csv-parse/',
  'pictures of people': '/node_modules/sharp/',
  'pictures of boards': '/node_modules/@resvg/resvg-js/',
  'backups': '/node_modules/pg-copy-streams/',
  'other commands': '/src/cli/demo/',
  'the client that is built into Node': 'NativeModule internal/deps/undici/undici',
};
const foundIn = (read: readonly string[]) => Object.entries(dear).filter(([, part]) => read.some((one) => one.includes(part))).map(([name]) => name);

describe('a server keeps in memory for good whatever it has read of the program', () => {
  it.each(Object.values(dear).filter((part) => part.startsWith('/')))('%s is there to be read', (part) => {
    expect(existsSync(`.${part}`)).toBe(true);
  });

  it('reads what is dear when it is needed, and a server at rest needs none of it', async () => {
    const folder = await temporaryFolder();
    try {
      const first = await startLectern({ dataDir: folder.path, environment });
      for (const document of ['openapi.json', 'asyncapi.json']) expect((await fetch(`${first.ready.url}/${document}`)).status).toBe(200);
      expect(foundIn(await readBy(first))).toEqual(['migrations', 'the OpenAPI document', 'the AsyncAPI document']);

      const second = await startLectern({ dataDir: folder.path, environment });
      expect((await fetch(second.ready.health)).status).toBe(200);
      const read = await readBy(second);
      expect(read.some((one) => one.includes('/node_modules/express/'))).toBe(true);
      expect(foundIn(read)).toEqual([]);
    } finally {
      await folder.remove();
    }
  }, 60_000);
});
