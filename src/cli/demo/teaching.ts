import { must } from './client.ts';
import { type Lesson, type Operations, type Stage, teachers } from './stage.ts';

type Started = { startUrl: string | null; leaseId: string | null; lesson: { status: string } };
type Run = { status: string; result: { accountsProcessed?: number; meetingsReleased?: number } | null; error: string | null };
type TimelineEntry = { at: string; words: string; stream: string };

const after = (instant: string, minutes: number): string => new Date(Date.parse(instant) + minutes * 60_000).toISOString();

/** The day itself: a start, webhooks, an end, and an account that is released by itself. */
export async function teachTheDay(stage: Stage, { grammar, writing, reading }: { grammar: Lesson; writing: Lesson; reading: Lesson }): Promise<void> {
  const { tell, office } = stage;
  const operations = () => office.get<Operations>('/metrics/operations');
  const start = (person: string, id: string) => stage.as(person).send<Started & { code: string }>('POST', `/lessons/${id}/start`);
  const meetingOf = async (lesson: Lesson) => (await stage.zoomMeetings()).find(({ agenda }) => agenda.startsWith(`ref:${lesson.id}.${lesson.meeting.generation}`));

  tell.scene('Taras starts Writing');
  const early = await start(teachers.taras, writing.id);
  tell.check('not before its time', early.status === 409 && early.body.code === 'tooEarly', early.body);
  await stage.moveClock(after(writing.startsAt, -10));
  const stranger = await start(teachers.olena, writing.id);
  tell.check('not by another teacher', stranger.status === 403 || stranger.status === 404, stranger.status);
  const started = await must(start(teachers.taras, writing.id), 'start Writing');
  tell.check('Taras gets a fresh start link, and the lesson is live', started.startUrl !== null && started.lesson.status === 'live');
  const opened = started.startUrl === null ? undefined : await fetch(started.startUrl);
  tell.check('the link opens Zoom as the host', opened?.status === 200, opened?.status);
  await tell.until('Zoom’s webhook “meeting.started” arrives', () => stage.lesson(writing.id), ({ meeting }) => meeting.startedAt !== null);
  const busy = await operations();
  tell.say(`Accounts: ${busy.zoomAccounts.inUse} of ${busy.zoomAccounts.total} in use (${busy.zoomAccounts.utilizationPercent} %); lessons live: ${busy.lessons.activeNow}.`);
  tell.check('one account is in use, one is available', busy.zoomAccounts.inUse === 1 && busy.zoomAccounts.available === busy.zoomAccounts.total - 1, busy.zoomAccounts);

  tell.scene('The host ends the meeting: the webhook finishes the lesson and frees the account');
  await stage.moveClock(after(writing.endsAt, -2));
  const meeting = await meetingOf(writing);
  await stage.zoom('POST', `/_meetings/${meeting?.id}/end`, {});
  await tell.until('Writing is finished', () => stage.lesson(writing.id), ({ status }) => status === 'finished');
  await tell.until('no account is in use', operations, ({ zoomAccounts }) => zoomAccounts.inUse === 0);

  tell.scene('Two lessons are started; nobody tells when they end');
  await stage.moveClock(after(grammar.startsAt, -5));
  await must(start(teachers.olena, grammar.id), 'start Grammar');
  await stage.moveClock(after(reading.startsAt, -5));
  await must(start(teachers.maryna, reading.id), 'start Reading');
  const full = await operations();
  tell.say(`Accounts in use: ${full.zoomAccounts.inUse} of ${full.zoomAccounts.total}; health ${full.health.status}.`);
  tell.check('the pool is full, and health says critical', full.zoomAccounts.available === 0 && full.health.status === 'critical', full);

  tell.scene('The job releases what is past its end and grace, and only that');
  await stage.moveClock(after(grammar.endsAt, 11));
  const release = async () => {
    const { runId } = await must(office.send<{ runId: string }>('POST', '/jobs/releaseFinishedZoomAccounts/runs'), 'run the release job');
    const run = await tell.until('the job has run', () => office.get<Run>(`/jobs/runs/${runId}`), ({ status }) => status === 'succeeded' || status === 'failed');
    tell.say(`It answers ${JSON.stringify(run?.result ?? run?.error ?? null)}.`);
  };
  await release();
  await tell.until('Grammar is finished', () => stage.lesson(grammar.id), ({ status }) => status === 'finished');
  const half = await tell.until('one account is available again', operations, ({ zoomAccounts }) => zoomAccounts.inUse === 1);
  tell.check('Reading is still live', (await stage.lesson(reading.id)).status === 'live', half?.zoomAccounts);
  await stage.moveClock(after(reading.endsAt, 11));
  await release();
  await tell.until('Reading is finished, and the pool is empty', async () => ({ ...(await operations()).zoomAccounts, status: (await stage.lesson(reading.id)).status }), ({ inUse, status }) => inUse === 0 && status === 'finished');

  await lookBack(stage, grammar, operations);
}

const lookBack = async ({ tell, office }: Stage, grammar: Lesson, operations: () => Promise<Operations>): Promise<void> => {
  tell.scene('What happened to Grammar, from the log');
  const { items } = await office.get<{ items: TimelineEntry[] }>(`/lessons/${grammar.id}/timeline?limit=200`);
  for (const { at, words } of items) tell.say(`${at.slice(0, 19).replace('T', ' ')}  ${words}`);
  tell.check('it was the release job that finished it', items.some(({ words }) => words.includes('release job')));
  tell.check('the timeline spans the lesson, its meeting, its account and its teacher', new Set(items.map(({ stream }) => stream.split('-')[0])).size >= 4, items.length);

  tell.scene('How the school runs');
  const { jobs, zoomAccounts, lessons, health } = await operations();
  tell.say(`Zoom accounts: ${JSON.stringify(zoomAccounts)}`);
  tell.say(`Lessons: ${JSON.stringify(lessons)}; health: ${health.status}${health.issues.length === 0 ? '' : ` (${health.issues.map(({ message }) => message).join('; ')})`}`);
  tell.say(`Jobs: ${jobs.map(({ name, totalRunCount, lastStatus }) => `${name} ×${totalRunCount}${lastStatus === 'failed' ? ' failed' : ''}`).join(', ')}`);
  tell.check('all is healthy', health.status === 'healthy', health);
  tell.check('four lessons today, none live', lessons.todayTotal >= 4 && lessons.activeNow === 0, lessons);
};
