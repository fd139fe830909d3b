import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredMeeting } from '../../sandbox/zoom/types.ts';
import { eventually } from '../support/eventually.ts';
import { runLectern, startLectern, temporaryFolder, type LecternProcess } from '../support/lecternProcess.ts';
import { schoolTimetable } from '../support/schoolTimetable.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';

const day = 86_400_000;
/** How far ahead meetings are made. */
const reach = 14 * day;

type Lesson = { id: string; status: string; localStart: string; startsAt: string; accountId: string };
type Counts = Record<'scheduled' | 'unchanged' | 'moved' | 'changed' | 'cancelled' | 'vanished' | 'refused' | 'skippedPast', number>;
const none: Counts = { scheduled: 0, unchanged: 0, moved: 0, changed: 0, cancelled: 0, vanished: 0, refused: 0, skippedPast: 0 };

describe('a timetable of 500 lessons on eight accounts', () => {
  let database: TestDatabase;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LecternProcess;
  let environment: Record<string, string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await temporaryFolder();
    environment = { DATABASE_URL: database.url, LECTERN_MASTER_KEY: randomBytes(32).toString('base64'), LECTERN_JWT_SECRET: randomBytes(32).toString('base64') };
    server = await startLectern({ dataDir: folder.path, environment });
  }, 60_000);
  afterAll(async () => {
    await server?.terminate();
    await database?.drop();
    await folder?.remove();
  });

  async function call<Body>(method: string, path: string, body?: object | string, minPosition?: string): Promise<Body> {
    const response = await fetch(`${server.ready.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${server.ready.tokens.admin}`, 'content-type': typeof body === 'string' ? 'text/calendar' : 'application/json', ...(minPosition === undefined ? {} : { 'min-position': minPosition }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const answer = await response.json() as Body;
    if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }
  const now = async () => Date.parse((await call<{ now: string }>('GET', '/_sandbox/clock')).now);

  async function lessons(minPosition?: string): Promise<Lesson[]> {
    const all: Lesson[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: Lesson[]; nextCursor: string | null } = await call('GET', `/api/v1/lessons?limit=200${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, undefined, minPosition);
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }

  /** Those to come, as `lesson start host`. */
  async function meetings(from: number): Promise<string[]> {
    const state = await (await fetch(`${server.ready.vendors['zoom']!.url!}/_state`)).json() as { meetings: StoredMeeting[]; users: { id: string; email: string }[] };
    const email = new Map(state.users.map((user) => [user.id, user.email]));
    return state.meetings.filter(({ startTime }) => Date.parse(startTime) > from)
      .map(({ agenda, startTime, hostId }) => `${/^ref:(.+)\.\d+$/m.exec(agenda)?.[1]} ${new Date(startTime).toISOString()} ${email.get(hostId)}`).toSorted();
  }

  /** Waits until Zoom has what it should have at this time of the school; answers how many. */
  async function meetingsEqualLessons(planned: readonly Lesson[]): Promise<number> {
    const at = await now();
    const wanted = planned.filter(({ startsAt }) => Date.parse(startsAt) > at && Date.parse(startsAt) <= at + reach)
      .map(({ id, startsAt, accountId }) => `${id} ${new Date(startsAt).toISOString()} ${accountId}@school.example`).toSorted();
    await eventually(async () => (await meetings(at)).length >= wanted.length, { timeoutMs: 60_000, everyMs: 250 });
    // One that is too many may come later than the last that is right: none may be left that somebody still works on.
    await eventually(async () => (await database.pool.query('select 1 from graphile_worker.jobs where task_identifier = $1 limit 1', ['syncMeeting'])).rowCount === 0, { timeoutMs: 20_000, everyMs: 100 });
    expect(await meetings(at)).toEqual(wanted);
    return wanted.length;
  }

  it('imports, again changes nothing, overlaps nowhere, and Zoom has the meetings of the next 14 days, also a day later', async () => {
    const { file, people, groups, accounts, localStarts } = schoolTimetable(await now());
    for (const person of people) await call('POST', '/api/v1/people', person);
    for (const name of groups) await call('POST', '/api/v1/groups', { name });
    for (const account of accounts) await call('POST', '/api/v1/zoom-accounts', account);
    const path = join(folder.path, 'timetable.ics');
    await writeFile(path, file);

    const began = Date.now();
    const imported = await runLectern(['import', path, '--json'], { dataDir: folder.path, environment });
    const importMs = Date.now() - began;
    if (imported.code !== 0) throw new Error(`${imported.stdout}\n${imported.stderr}`);
    const report = JSON.parse(imported.stdout) as { counts: Counts; position: string };
    expect(report.counts).toEqual({ ...none, scheduled: 500 });
    const planned = await eventually(() => lessons(report.position));
    expect(planned.map(({ localStart }) => localStart).toSorted()).toEqual(localStarts.toSorted());

    const minted = await meetingsEqualLessons(planned);
    const mintedMs = Date.now() - began;
    expect(minted).toBeGreaterThan(150);
    expect(minted).toBeLessThan(500);

    const before = await lessons();
    const again = Date.now();
    const repeated = await call<{ counts: Counts; position: string }>('POST', '/api/v1/lessons/import', file);
    const againMs = Date.now() - again;
    expect(repeated.counts).toEqual({ ...none, unchanged: 500 });
    expect(await lessons(repeated.position)).toEqual(before);

    const audit = await runLectern(['audit', 'pool', '--json'], { dataDir: folder.path, environment });
    expect([audit.code, JSON.parse(audit.stdout)]).toEqual([0, expect.objectContaining({ ok: true, findings: [], orphanReservations: [] })]);

    await call('POST', '/_sandbox/clock', { byMinutes: 24 * 60 });
    const moved = Date.now();
    const later = await meetingsEqualLessons(planned);
    process.stderr.write(`500 lessons: imported in ${importMs} ms (with the command's start), again in ${againMs} ms over HTTP; ${minted} meetings at Zoom ${mintedMs} ms after the start; a day later ${later}, in step after ${Date.now() - moved} ms\n`);
  }, 120_000);
});
