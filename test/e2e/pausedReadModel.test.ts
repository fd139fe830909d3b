import { randomBytes } from 'node:crypto';
import { eventually } from '../support/eventually.ts';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

describe('a read model paused in a running server', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LecternProcess;
  let environment: Record<string, string>;
  const lectern = (...args: string[]) => runLectern(args, { dataDir: folder.path, environment });
  const api = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${server.ready.url}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${server.ready.tokens.admin}`, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as { id: string; items: { name: string; state: string; pausedAt: { stream: string; since: string } | null }[] } };
  };
  const directory = async () => (await api('GET', '/read-models')).body.items.find(({ name }) => name === 'directory');

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await temporaryFolder();
    environment = { DATABASE_URL: database.url, LECTERN_MASTER_KEY: randomBytes(32).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64') };
    server = await startLectern({ dataDir: folder.path, environment });
  }, 60_000);
  afterAll(async () => {
    await server.interrupt();
    await database.drop();
    await folder.remove();
  }, 60_000);

  it('is let past its event by the command line, or tries it again', async () => {
    const { rows: [row] } = await database.pool.query<{ schema: string }>(`select schemaname as schema from pg_tables where tablename = 'groups' and schemaname like 'rm\\_directory\\_%'`);
    await database.pool.query(`alter table "${row!.schema}".groups add constraint poison check (name <> 'poison')`);
    expect(await lectern('replay', 'directory', '--resume')).toMatchObject({ code: 1, stderr: expect.stringContaining('not paused') });

    const bad = await api('POST', '/groups', { name: 'poison' });
    const before = await eventually(async () => {
      const now = await directory();
      return now?.state === 'paused' ? now : undefined;
    });
    expect(before.pausedAt).toMatchObject({ stream: `group-${bad.body.id}` });
    expect(await lectern('replay', 'directory', '--resume', '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining('{"resumed":"directory"}') });
    await eventually(async () => {
      const now = await directory();
      return now?.state === 'paused' && now.pausedAt?.since !== before.pausedAt?.since; // tried, and again in vain
    });
    const skipped = await lectern('replay', 'directory', '--skip', '--reason', 'made by mistake', '--json');
    expect(skipped.code).toBe(0);
    expect(JSON.parse(skipped.stdout)).toMatchObject({ skipped: [{ eventId: expect.any(String) }] });
    await eventually(async () => (await directory())?.state === 'live');
    const good = await api('POST', '/groups', { name: 'Optics' });
    await eventually(async () => (await api('GET', `/groups/${good.body.id}`)).status === 200);
    expect((await api('GET', `/groups/${bad.body.id}`)).status).toBe(404);
  }, 90_000);

  it.each([[['directory', '--skip']], [['directory', '--skip', '--reason', ' ']], [['directory', '--skip', '--resume', '--reason', 'x']], [['directory', '--reason', 'x']], [['--all', '--resume']], [['nothing', '--resume']]])(
    'is not called like this: %j', async (args) => { expect((await lectern('replay', ...args)).code).toBe(2); }, 60_000,
  );
});
