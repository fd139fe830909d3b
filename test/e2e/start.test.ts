import { execFileSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { createServer } from 'node:net';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';

/** Processes that still work on a data folder: ours, and its PostgreSQL's. */
const processesOn = (folder: string): string[] =>
  execFileSync('ps', ['-eo', 'pid,stat,args']).toString().split('\n').filter((line) => line.includes(folder) && !/^\s*\d+\s+Z/.test(line));

const call = async (server: LecternProcess, path: string, body?: object) => {
  const response = await fetch(`${server.ready.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${server.ready.tokens.admin}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
};

describe('lectern start', () => {
  it('begins from nothing, keeps its data over Ctrl-C and kill -9, and leaves nothing running', async () => {
    const folder = await temporaryFolder();
    try {
      const first = await startLectern({ dataDir: folder.path });
      expect((await call(first, '/readyz')).body).toMatchObject({ status: 'ready' });
      const group = await call(first, '/api/v1/groups', { name: 'Physics 9' });
      expect(group.status).toBe(201);
      expect(await first.interrupt()).toBe(0);
      expect(processesOn(folder.path)).toEqual([]);

      const second = await startLectern({ dataDir: folder.path });
      expect((await call(second, `/api/v1/groups/${String(group.body['id'])}`)).body).toMatchObject({ name: 'Physics 9' });
      const another = await call(second, '/api/v1/groups', { name: 'Physics 10' });
      await second.kill();

      const third = await startLectern({ dataDir: folder.path });
      for (const id of [group.body['id'], another.body['id']]) expect((await call(third, `/api/v1/groups/${String(id)}`)).status).toBe(200);
      expect(await third.interrupt()).toBe(0);
      expect(processesOn(folder.path)).toEqual([]);
    } finally {
      await folder.remove();
    }
  }, 120_000);

  it('makes its heap grow by half between two markings, unless node was started with another figure', async () => {
    const tells = `
      import v8 from 'node:v8';
      import { syncBuiltinESMExports } from 'node:module';
      v8.setFlagsFromString = (flag) => console.error('V8 is told ' + flag);
      syncBuiltinESMExports();`;
    const folder = await temporaryFolder();
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(tells)}`;
    try {
      const toldBy = async (nodeFlags: string[]) => {
        const server = await startLectern({ dataDir: folder.path, environment: { NODE_OPTIONS }, nodeFlags });
        await server.terminate();
        return server.output().split('\n').filter((line) => line.startsWith('V8 is told '));
      };
      expect((await toldBy([]))[0]).toBe('V8 is told --heap-growing-percent=50');
      expect(await toldBy(['--heap-growing-percent=70'])).toEqual([]);
    } finally {
      await folder.remove();
    }
  }, 60_000);

  it('says which port is taken and what to do, and lets go of everything', async () => {
    const folder = await temporaryFolder();
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    const { port } = busy.address() as { port: number };
    try {
      const { code, stderr } = await runLectern(['start'], { dataDir: folder.path, environment: { LECTERN_PORT: String(port) } });
      expect(code).toBe(1);
      expect(stderr).toContain(`127.0.0.1:${port} is taken`);
      expect(stderr).toContain('LECTERN_PORT=');
      expect(processesOn(folder.path)).toEqual([]);
    } finally {
      busy.close();
      await folder.remove();
    }
  }, 60_000);

  (process.getuid?.() === 0 ? it : it.skip)('runs as an ordinary user too', async () => {
    const folder = await temporaryFolder();
    try {
      const nobody = Number(execFileSync('id', ['-u', 'nobody']).toString());
      const group = Number(execFileSync('id', ['-g', 'nobody']).toString());
      await chown(folder.path, nobody, group);
      const server = await startLectern({ dataDir: folder.path, uid: nobody, gid: group, environment: { HOME: folder.path } });
      expect((await call(server, '/readyz')).body).toMatchObject({ status: 'ready' });
      expect(await server.terminate()).toBe(0);
      expect(processesOn(folder.path)).toEqual([]);
    } finally {
      await folder.remove();
    }
  }, 60_000);

  it('tells every mistake in the configuration at once, with exit code 2', async () => {
    const folder = await temporaryFolder();
    try {
      const { code, stderr } = await runLectern(['start'], { dataDir: folder.path, environment: { LECTERN_PROT: '1', SCHOOL_TIME_ZONE: 'Mars' } });
      expect(code).toBe(2);
      expect(stderr).toContain('LECTERN_PROT');
      expect(stderr).toContain('SCHOOL_TIME_ZONE');
    } finally {
      await folder.remove();
    }
  });
});
