import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createTokenIssuer } from '../../../src/http/auth/tokens.ts';
import type { Role } from '../../../src/domain/kernel/fields.ts';
import { cleanEnvironment } from '../../../test/support/lecternProcess.ts';
import { startPinned } from '../serverProcess.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const secret = 'the secret of a benchmark, nothing more';

export type LecternServer = {
  pid: number;
  url: string;
  tokenOf(personId: string, role: Role): Promise<string>;
  /** @throws Error at an answer that is not 2xx */
  call<Body>(token: string, method: string, route: string, body?: object): Promise<Body>;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

/** What `npm start` runs, as it runs it: embedded, with its own Postgres, which is on the server's core too. No limit on HTTP requests: the driver is everybody. */
export async function startLecternPinned(dataDir: string): Promise<LecternServer> {
  const { scripts } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, ...start] = scripts.start.split(' ');
  // Behind those of `npm start`, so that they win.
  start.splice(start.findIndex((word) => !word.startsWith('-')), 0, ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? []));
  const { child, pid, ready: url, ended } = await startPinned([...start, '--json'], {
    cwd: root,
    environment: cleanEnvironment({ LECTERN_PORT: '0', LECTERN_DATA_DIR: path.join(dataDir, 'lectern'), LECTERN_LOG_LEVEL: 'warn', LECTERN_JWT_SECRET: secret, LECTERN_RATE_LIMIT_PER_MINUTE: '0' }),
    ready: (line) => (line.startsWith('{"ready":') ? (JSON.parse(line) as { ready: { url: string } }).ready.url : undefined),
  });
  const issue = createTokenIssuer({ secret, issuer: 'lectern', audience: 'lectern' });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    pid, url,
    tokenOf: (personId, role) => issue(personId, role, 86_400),
    async call<Body>(token: string, method: string, route: string, body?: object): Promise<Body> {
      const response = await fetch(`${url}${route}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${route} → ${response.status} ${text.slice(0, 500)}`);
      return (text === '' ? undefined : JSON.parse(text)) as Body;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
