import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { role, type Role } from '../../src/domain/kernel/fields.ts';
import { fullPath, type Route } from '../../src/http/route.ts';
import { everyRoute } from './support/everyRoute.ts';
import { issue, startTestServer } from './support/testServer.ts';

/** The table that a change of who may do what has to change, too: `UPDATE_ACCESS=1 npm test -- test/http/access` writes it anew. */
const table = fileURLToPath(new URL('./access.txt', import.meta.url));
const own = /^\/(livez|readyz|metrics|docs|openapi\.json|asyncapi\.json|problems|rooms)/;
const callers: readonly (Role | 'nobody')[] = ['nobody', ...role.options];

/** The same address and the same access; any input will do, and whoever gets in gets 200. */
const door = ({ method, path, base, operationId, access, tag }: Route): Route => ({
  method, path, operationId, access, tag, summary: operationId, kind: 'query', problems: [], response: { status: 200 }, ...(base === undefined ? {} : { base }),
  handler: () => Promise.resolve({}),
});

describe('who may call what', () => {
  const routes = everyRoute().routes.filter((route) => !own.test(fullPath(route)));
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    server = await startTestServer(routes.map(door));
  });
  afterAll(() => server.stop());

  const statuses = async (route: Route): Promise<number[]> => {
    const path = fullPath(route).replaceAll(/\{\w+\}/g, 'x');
    return Promise.all(callers.map(async (caller) => {
      const token = caller === 'nobody' ? undefined : await issue(`${caller}-1`, caller, 60);
      return (await server.client.as(token).ask(route.method.toUpperCase(), path)).status;
    }));
  };

  it.each(routes.map((route) => [`${route.method.toUpperCase()} ${fullPath(route)}`, route] as const))('%s', async (_name, route) => {
    const expected = callers.map((caller) => {
      if (route.access === 'public') return 200;
      if (caller === 'nobody') return 401;
      return route.access === 'authenticated' || route.access.includes(caller) ? 200 : 403;
    });
    expect(await statuses(route)).toEqual(expected);
  });

  it('is what the reviewed table says', async () => {
    const lines = routes.map((route) => `${route.method.toUpperCase().padEnd(6)} ${fullPath(route).padEnd(52)} ${typeof route.access === 'string' ? route.access : role.options.filter((one) => route.access.includes(one)).join(' ')}${route.roomToken ? ' +roomToken' : ''}`).toSorted();
    if (process.env.UPDATE_ACCESS) await writeFile(table, `${lines.join('\n')}\n`);
    expect(lines).toEqual((await readFile(table, 'utf8')).trimEnd().split('\n'));
  });

  it('lets students change nothing outside of lesson rooms, and auditors nothing at all', () => {
    const changing = routes.filter((route) => route.method !== 'get' && route.access !== 'public');
    const open = (who: Role) => changing.filter((route) => route.access === 'authenticated' || route.access.includes(who)).map((route) => route.operationId);
    expect(open('auditor')).toEqual([]);
    const inRooms = new Set(changing.filter(({ tag }) => tag === 'Lesson rooms').map(({ operationId }) => operationId));
    expect(open('student').filter((operationId) => !inRooms.has(operationId))).toEqual([]);
  });
});
