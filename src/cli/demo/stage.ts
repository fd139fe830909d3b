import { type Client, createClient, must } from './client.ts';
import type { Narrator } from './narrator.ts';

export type Lesson = {
  id: string; revision: number; title: string; status: string; startsAt: string; endsAt: string; accountId: string | null; joinLink: string | null; finishedAt: string | null;
  meeting: { state: string; generation: number; linkChanged: boolean; joinUrl: string | null; error: { code: string } | null; startedAt: string | null; endedAt: string | null };
};
export type Operations = {
  jobs: { name: string; totalRunCount: number; lastStatus: string | null }[];
  zoomAccounts: { total: number; available: number; inUse: number; inUseMeetings: number; utilizationPercent: number; capacityPercent: number };
  lessons: { activeNow: number; todayTotal: number };
  health: { status: string; issues: { message: string }[] };
};
export type Problem = { code: string; detail: string; details?: { conflicts?: { lessonId?: string }[]; suggestions?: { startsAt: string }[] } };
export type ZoomMeetingState = { id: number; agenda: string; topic: string; startTime: string; running?: object };

/** Who plays, with which account, on which day. */
export type Stage = {
  tell: Narrator;
  office: Client;
  as(person: string): Client;
  /** The sandbox's own handles; it stands where its join links lead. */
  zoom(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  zoomMeetings(): Promise<ZoomMeetingState[]>;
  lesson(id: string): Promise<Lesson>;
  /** 2026-03-02: the day that is played. */
  day: string;
  moveClock(to: string): Promise<void>;
};

export const zone = 'Europe/Kyiv';
/** 2026-03-02T18:00 */
export const onTheWall = (instant: string): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(instant)).replace(' ', 'T');
export const teachers = { olena: 'demo-olena', taras: 'demo-taras', maryna: 'demo-maryna' } as const;
const accounts = ['demo-zoom-1', 'demo-zoom-2'] as const;

/** People, a group and two accounts of capacity 1; all may be there from an earlier demo. `token`: signs for a person. */
export async function setStage(url: string, token: (person: string, role: 'admin' | 'teacher') => Promise<string>, tell: Narrator): Promise<Stage> {
  const seen: { position?: string } = {};
  const office = createClient(url, await token('demo-office', 'admin'), seen);
  const tokens: ReadonlyMap<string, Client> = new Map(await Promise.all(Object.values(teachers).map(async (person) => [person, createClient(url, await token(person, 'teacher'), seen)] as const)));

  const { now } = await office.get<{ now: string }>('/_sandbox/clock');
  const tomorrow = new Date(Date.parse(now) + 86_400_000);
  const day = onTheWall(tomorrow.toISOString()).slice(0, 10);
  tell.say(`The school’s clock says ${now}; the day to be played is ${day} in ${zone}.`);

  for (const [name, personId] of Object.entries(teachers)) {
    await must(office.send('POST', '/people', { personId, name: name[0]?.toUpperCase() + name.slice(1), email: `${personId}@school.example`, role: 'teacher', timeZone: zone }), `register ${name}`, 409);
  }
  await must(office.send('POST', '/groups', { groupId: 'demo-b2', name: 'Demo group B2' }), 'create the group', 409);
  for (const accountId of accounts) {
    await must(office.send('POST', '/zoom-accounts', { accountId, zoomUser: `${accountId}@school.example`, capacity: 1, credentialsRef: 'default', cloudRecording: true }), `register ${accountId}`, 409);
  }
  const pool = await office.get<{ items: { id: string; enabled: boolean; capacity: number }[] }>('/zoom-accounts?limit=200');
  const enabled = pool.items.filter((account) => account.enabled);
  tell.say(`Three teachers, one group, Zoom accounts: ${enabled.map(({ id, capacity }) => `${id} (capacity ${capacity})`).join(', ')}.`);
  tell.check('the pool is the demo’s two accounts (a demo in a school of its own proves more)', enabled.length === 2, enabled.map(({ id }) => id));

  let zoomOrigin: string | undefined;
  const lesson = async (id: string): Promise<Lesson> => {
    const found = await office.get<Lesson>(`/lessons/${id}`);
    if (found.meeting.joinUrl !== null) zoomOrigin = new URL(found.meeting.joinUrl).origin;
    return found;
  };
  const zoom: Stage['zoom'] = async (method, path, body) => {
    if (zoomOrigin === undefined) throw new Error('no meeting was made yet: nobody knows where Zoom is');
    const response = await fetch(`${zoomOrigin}${path}`, { method, ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`Zoom sandbox ${method} ${path}: ${response.status}`);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  };

  return {
    tell, office, day, lesson, zoom,
    as(person) {
      const client = tokens.get(person);
      if (!client) throw new Error(`nobody plays ${person}`);
      return client;
    },
    zoomMeetings: async () => ((await zoom('GET', '/_state')) as { meetings: ZoomMeetingState[] }).meetings,
    async moveClock(to) {
      await must(office.send('POST', '/_sandbox/clock', { to }), `move the clock to ${to}`);
      tell.say(`The clock moves to ${to}.`);
    },
  };
}
