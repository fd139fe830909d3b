import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';

describe('the command line, beside a running server', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LecternProcess;
  const lectern = (...args: string[]) => runLectern(args, { dataDir: folder.path });
  const api = async (method: string, path: string, body?: object, token = server.ready.tokens.admin) => {
    const response = await fetch(`${server.ready.url}/api/v1${path}`, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> & { id: string; position: string } };
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startLectern({ dataDir: folder.path });
  }, 60_000);
  afterAll(async () => {
    await server.interrupt();
    await folder.remove();
  }, 60_000);

  it('signs a token that the server takes', async () => {
    const { code, stdout } = await lectern('token', 'olena', 'teacher', '--ttl', '5m');
    expect(code).toBe(0);
    expect((await api('GET', '/me', undefined, stdout.trim())).body).toMatchObject({ id: 'olena', role: 'teacher' });
    for (const wrong of [['token', 'olena', 'king'], ['token', 'olena', 'teacher', '--ttl', 'soon']]) expect((await lectern(...wrong)).code).toBe(2);
  }, 60_000);

  it('exports events as NDJSON, CSV and CloudEvents, by stream and person, and shows a stream as of a revision', async () => {
    const group = await api('POST', '/groups', { name: '=cmd|calc' });
    await api('PATCH', `/groups/${group.body.id}`, { name: 'Optics, "advanced"' });
    const stream = `group-${group.body.id}`;
    const ndjson = await lectern('events', '--stream', stream);
    expect(ndjson.stdout.trim().split('\n').map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['GroupCreated', 'GroupRenamed']);
    const csv = (await lectern('events', '--person', 'admin', '--format', 'csv')).stdout.trim().split('\n');
    expect(csv[0]).toMatch(/^position,stream,revision,type/);
    expect(csv).toHaveLength(3);
    const [cloud] = (await lectern('events', '--stream', stream, '--format', 'cloudevents')).stdout.trim().split('\n');
    expect(JSON.parse(cloud!)).toMatchObject({ specversion: '1.0', type: 'lectern.GroupCreated.v1', subject: stream });
    const then = await lectern('audit', 'state', stream, '--revision', '0', '--json');
    expect((JSON.parse(then.stdout) as { state: unknown }).state).toMatchObject({ name: '=cmd|calc' });
    expect((await lectern('audit', 'state', 'lesson-none')).code).toBe(1);
    expect((await lectern('audit', 'state', 'cup-1')).code).toBe(2);
  }, 60_000);

  it('puts a backup back, and the running server goes on with what the backup holds', async () => {
    const kept = await api('POST', '/groups', { name: 'In the backup' });
    const file = join(folder.path, 'school.backup');
    expect(await lectern('backup', file, '--with-keys')).toMatchObject({ code: 0 });
    const lost = await api('POST', '/groups', { name: 'Made later' });
    await eventually(async () => (await api('GET', `/groups/${lost.body.id}`)).status === 200);

    const refused = await lectern('restore', file);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--replace');
    await writeFile(join(folder.path, 'broken.backup'), 'not a backup');
    expect((await lectern('restore', join(folder.path, 'broken.backup'), '--replace')).stderr).toContain('Not restored');

    expect(await lectern('restore', file, '--replace')).toMatchObject({ code: 0 });
    await eventually(async () => {
      const answers = await Promise.all([api('GET', `/groups/${kept.body.id}`), api('GET', `/groups/${lost.body.id}`)]);
      return answers[0].status === 200 && answers[1].status === 404;
    }, { timeoutMs: 30_000 });
    const renamed = await api('PATCH', `/groups/${kept.body.id}`, { name: 'Still writable' });
    expect(renamed).toMatchObject({ status: 200, body: { revision: 1 } });
    expect(await lectern('audit', 'read-models')).toMatchObject({ code: 0 });
  }, 120_000);

  it('rebuilds read models while the server serves them', async () => {
    const { code, stdout } = await lectern('replay', '--all', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rebuilt: ['directory', 'lessons', 'rooms', 'zoomAccounts'] });
    for (const wrong of [['replay'], ['replay', 'nothing'], ['replay', 'lessons', '--all']]) expect((await lectern(...wrong)).code).toBe(2);
  }, 60_000);

  it('asks for a job that the server runs', async () => {
    const { code, stdout } = await lectern('jobs', 'run', 'releaseFinishedZoomAccounts', '--wait', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded', result: { accountsProcessed: 0, meetingsReleased: 0 } });
    expect((await lectern('jobs', 'run', 'nothing')).code).toBe(2);
    const listed = await runLectern(['jobs', '--json'], { dataDir: folder.path, environment: { LECTERN_JOBS: 'tidyUp=off;reconcileVendors=0 * * * *' } });
    expect(JSON.parse(listed.stdout)).toEqual(expect.arrayContaining([expect.objectContaining({ name: 'tidyUp', enabled: false }), expect.objectContaining({ name: 'reconcileVendors', schedule: '0 * * * *' })]));
    const mistyped = await runLectern(['jobs'], { dataDir: folder.path, environment: { LECTERN_JOBS: 'tidyup=off' } });
    expect([mistyped.code, mistyped.stderr]).toEqual([2, expect.stringContaining('not tidyup: there are')]);
    expect((await lectern('jobs', 'parked')).stdout).toContain('Nothing is parked');
  }, 60_000);

  it('finds its prerequisites in order, and has help for every command', async () => {
    const { stdout } = await lectern('doctor', '--json');
    const findings = JSON.parse(stdout) as { check: string; ok: boolean }[];
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    for (const command of ['start', 'import', 'replay', 'events', 'audit', 'jobs', 'token', 'backup', 'restore', 'migrate-store', 'doctor', 'config']) {
      const help = await lectern(command, '--help');
      expect([command, help.code]).toEqual([command, 0]);
      expect(help.stdout).toContain('Usage: lectern');
    }
  }, 120_000);
});
