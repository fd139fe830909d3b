import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Role } from '../../../src/domain/kernel/fields.ts';
import { createTokenIssuer } from '../../../src/http/auth/tokens.ts';
import { startLectern, temporaryFolder } from '../../support/lecternProcess.ts';

const secret = 'a secret of the browser tests, long enough';

export type Person = { id: string; token: string };
export type Answer = { status: number; body: ReturnType<typeof JSON.parse> };

/** A real server, as `npm start` runs it, with the page built from what is here, and people in its directory. */
export async function startLessonServer() {
  execFileSync(process.execPath, [fileURLToPath(new URL('../../../web/build.js', import.meta.url))]);
  const folder = await temporaryFolder();
  const start = (port: string) => startLectern({ dataDir: folder.path, environment: { LECTERN_JWT_SECRET: secret, LECTERN_RATE_LIMIT_PER_MINUTE: '100000', LECTERN_PORT: port } });
  let server = await start('0');
  const issue = createTokenIssuer({ secret, issuer: 'lectern', audience: 'lectern' });
  const { url } = server.ready;

  const ask = async (token: string, method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const admin = await issue('admin', 'admin', 3_600);
  return {
    url, ask,
    async person(name: string, role: Role): Promise<Person> {
      const { status, body } = await ask(admin, 'POST', '/people', { name, email: `${name.toLowerCase().replaceAll(/\W+/g, '.')}.${crypto.randomUUID().slice(0, 8)}@school.example`, role, timeZone: 'Europe/Kyiv' });
      if (status !== 201) throw new Error(`the person was not made: ${JSON.stringify(body)}`);
      return { id: body.id, token: await issue(body.id, role, 3_600) };
    },
    /** A room that has begun, with these people invited. */
    async room(host: Person, title: string, students: readonly Person[] = [], viewers: readonly Person[] = [], more: { settings?: { waitingRoom: boolean }; accessCode?: string } = {}): Promise<string> {
      const expectOk = ({ status, body }: Answer): Answer => {
        if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`);
        return { status, body };
      };
      const { body: { id } } = expectOk(await ask(host.token, 'POST', '/classroom/sessions', { title, invite: students.map((one) => one.id), ...more }));
      expectOk(await ask(host.token, 'POST', `/classroom/sessions/${id}/join`, {}));
      if (viewers.length > 0) expectOk(await ask(host.token, 'POST', `/classroom/sessions/${id}/invite`, { personIds: viewers.map((one) => one.id), role: 'viewer' }));
      expectOk(await ask(host.token, 'POST', `/classroom/sessions/${id}/start`, {}));
      return id;
    },
    /** As the start block's link is: the token in the fragment. */
    address: (roomId: string, { token }: Person): string => `${url}/rooms/${roomId}#token=${token}`,
    /** kill -9, and a new one on the same data and port. */
    async crash() {
      await server.kill();
      server = await start(new URL(url).port);
    },
    async stop() {
      await server.terminate();
      await folder.remove();
    },
  };
}

export type LessonServer = Awaited<ReturnType<typeof startLessonServer>>;
