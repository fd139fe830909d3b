import { readFile } from 'node:fs/promises';
import { eventually } from '../test/support/eventually.ts';
import { startLectern, temporaryFolder, type LecternProcess } from '../test/support/lecternProcess.ts';
import { schoolTimetable } from '../test/support/schoolTimetable.ts';
import { print, type Verdict } from './report.ts';

const barMb = 300;
type Lesson = { id: string; startsAt: string };
type Page = { items: Lesson[]; nextCursor: string | null };

/** A server as `npm start` runs it (its Postgres beside it, the Zoom sandbox in it): 500 lessons imported and their meetings made, the lessons of one day taught, and who looks at what meanwhile. */
export async function benchMemory(): Promise<Verdict[]> {
  if (process.platform !== 'linux') {
    print('\nmemory: only Linux says in /proc what a process holds');
    return [];
  }
  const folder = await temporaryFolder();
  const server = await startLectern({ dataDir: folder.path });
  try {
    const atStart = await megabytes(server);
    await playDay(server);
    const afterDay = await megabytes(server);
    print(`\nmemory: Node holds ${atStart.now.toFixed(0)} MB when it is ready, ${afterDay.now.toFixed(0)} MB after a school day of 500 lessons (at most ${afterDay.most.toFixed(0)} MB)`);
    return [{ what: `memory: Node after a school day, in ${barMb} MB`, ratio: afterDay.now / barMb, bar: 1, atMost: true }];
  } finally {
    await server.terminate();
    await folder.remove();
  }
}

/** Resident memory of the server's process, without its Postgres. Source: proc_pid_status(5), in kB. */
async function megabytes({ child }: LecternProcess): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) / 1_024;
  return { now: read('VmRSS'), most: read('VmHWM') };
}

async function playDay(server: LecternProcess): Promise<void> {
  const call = callerOf(server);
  const clock = async () => Date.parse((await call<{ now: string }>('GET', '/_sandbox/clock')).now);
  const begun = await clock();
  const { file, people, groups, accounts } = schoolTimetable(begun, { series: 250, weeks: 2 });
  for (const person of people) await call('POST', '/api/v1/people', person);
  for (const name of groups) await call('POST', '/api/v1/groups', { name });
  for (const account of accounts) await call('POST', '/api/v1/zoom-accounts', account);
  await call('POST', '/api/v1/lessons/import', file);

  const horizon = encodeURIComponent(new Date(begun + 7 * 86_400_000).toISOString());
  const waiting = async (state: string) => (await call<Page>('GET', `/api/v1/lessons?limit=1&meetingState=${state}&to=${horizon}`)).items.length;
  await eventually(async () => (await waiting('none')) + (await waiting('claimed')) === 0, { timeoutMs: 180_000, everyMs: 500 });

  const until = encodeURIComponent(new Date(begun + 2 * 86_400_000).toISOString());
  const { items: day } = await call<Page>('GET', `/api/v1/lessons?limit=200&to=${until}`);
  for (const [startsAt, together] of Map.groupBy(day, (lesson) => lesson.startsAt)) {
    await call('POST', '/_sandbox/clock', { to: startsAt });
    for (const { id } of together) await call('POST', `/api/v1/lessons/${id}/start`);
    for (const { id } of together) await look(call, id);
    await call('POST', '/_sandbox/clock', { byMinutes: 44 });
    for (const { id } of together) await call('POST', `/api/v1/lessons/${id}/end`);
  }
}

/** What people look at while a lesson goes on. */
async function look(call: ReturnType<typeof callerOf>, id: string): Promise<void> {
  for (const path of [`/lessons/${id}`, `/lessons/${id}/timeline?limit=200`, '/lessons?limit=200', '/zoom-accounts', '/metrics/operations', '/me', '/people?limit=200']) await call('GET', `/api/v1${path}`);
  await call('GET', '/openapi.json');
}

const callerOf = ({ ready }: LecternProcess) => async <Body>(method: string, path: string, body?: object | string): Promise<Body> => {
  const response = await fetch(`${ready.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${ready.tokens.admin}`, 'content-type': typeof body === 'string' ? 'text/calendar' : 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} → ${response.status} ${text}`);
  return JSON.parse(text) as Body;
};
