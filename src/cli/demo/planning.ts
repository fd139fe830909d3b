import { must } from './client.ts';
import { type Lesson, onTheWall, type Problem, type Stage, teachers, zone } from './stage.ts';

type Scheduled = { id: string; lesson: { accountId: string | null; startsAt: string; endsAt: string; localStart: string } };

const plan = (stage: Stage, title: string, teacherId: string, time: string) =>
  stage.office.send<Scheduled & Problem>('POST', '/lessons', { title, teacherId, groupId: 'demo-b2', localStart: time.includes('T') ? time : `${stage.day}T${time}`, zone, durationMinutes: 60 });

export const isMade = ({ meeting, accountId }: Lesson): boolean => meeting.state === 'created' && accountId !== null;
const refOf = ({ id, meeting }: Lesson): string => `ref:${id}.${meeting.generation}`;

/** Morning: overlapping lessons, a full pool, a lesson that moves, Zoom away for a while. Answers the lessons that the day is then played with. */
export async function planTheDay(stage: Stage): Promise<{ grammar: Lesson; writing: Lesson; reading: Lesson }> {
  const { tell, office } = stage;

  tell.scene('Two lessons that overlap go to two accounts');
  const first = await must(plan(stage, 'Grammar', teachers.olena, '10:00'), 'schedule Grammar');
  const second = await must(plan(stage, 'Writing', teachers.taras, '10:30'), 'schedule Writing');
  tell.say(`Grammar 10:00 on ${first.lesson.accountId}, Writing 10:30 on ${second.lesson.accountId}.`);
  tell.check('they are on different accounts', first.lesson.accountId !== second.lesson.accountId);

  tell.scene('A third at the same time finds no account, and is told what is free');
  const refused = await plan(stage, 'Reading', teachers.maryna, '10:15');
  const { code, details: { conflicts = [], suggestions = [] } = {} } = refused.body;
  const free = suggestions.map(({ startsAt }) => onTheWall(startsAt));
  tell.say(`${refused.status} ${code}: ${conflicts.length} reservations are in the way; free at ${free.join(', ')}.`);
  tell.check('it is refused with 409 noZoomAccountFree', refused.status === 409 && code === 'noZoomAccountFree', refused.body);
  tell.check('what is in the way is named, and up to three free slots', conflicts.length > 0 && free.length > 0 && free.length <= 3, refused.body);
  const third = await must(plan(stage, 'Reading', teachers.maryna, free[0] ?? '13:00'), 'schedule Reading where it was suggested');
  tell.check('the first suggestion is taken', third.lesson.accountId !== null);
  await must(office.send('POST', `/lessons/${third.id}/reschedule`, { localStart: `${stage.day}T13:00` }), 'reschedule Reading');

  tell.scene('Zoom’s meetings are made behind the scenes');
  await tell.until('all three have their meeting', () => Promise.all([first, second, third].map(({ id }) => stage.lesson(id))), (lessons) => lessons.every(isMade));
  const before = await stage.lesson(first.id);
  tell.check('Zoom has a meeting that bears the lesson’s name', (await stage.zoomMeetings()).some(({ agenda }) => agenda.startsWith(refOf(before))));

  tell.scene('Grammar moves to noon: a new meeting, the old one is deleted, the school’s own link stays');
  await must(office.send('POST', `/lessons/${first.id}/reschedule`, { localStart: `${stage.day}T12:00` }), 'reschedule');
  const moved = (await tell.until('its second meeting is made', () => stage.lesson(first.id), (lesson) => isMade(lesson) && lesson.meeting.generation > before.meeting.generation)) ?? before;
  tell.check('the vendor’s link changed, and says so; the join link did not', moved.meeting.joinUrl !== before.meeting.joinUrl && moved.meeting.linkChanged && moved.joinLink === before.joinLink);
  await tell.until('Zoom has only the new one', () => stage.zoomMeetings(), (meetings) =>
    meetings.filter(({ agenda }) => agenda.includes(first.id)).length === 1 && meetings.some(({ agenda }) => agenda.startsWith(refOf(moved))));

  tell.scene('Zoom fails: the lesson stands anyway, and its meeting is made when Zoom is back');
  await stage.zoom('POST', '/_faults', { kind: 'status', status: 503, method: 'POST', path: '/users/.*/meetings' });
  const late = await must(plan(stage, 'Speaking', teachers.olena, '16:00'), 'schedule Speaking');
  type Fault = { hits: number };
  await tell.until('Zoom answers 503', async () => ((await stage.zoom('GET', '/_faults')) as { faults: Fault[] }).faults, (faults) => faults.some(({ hits }) => hits > 0));
  const waiting = await stage.lesson(late.id);
  tell.say(`Meanwhile: the lesson is ${waiting.status}, its meeting ${waiting.meeting.state}${waiting.meeting.error ? ` (${waiting.meeting.error.code})` : ''}.`);
  tell.check('the lesson is scheduled without a meeting', waiting.status === 'scheduled' && waiting.meeting.state !== 'created');
  await stage.zoom('DELETE', '/_faults');
  await tell.until('Zoom is back, and the meeting is made', () => stage.lesson(late.id), isMade, 60);
  tell.check('once', (await stage.zoomMeetings()).filter(({ agenda }) => agenda.includes(late.id)).length === 1);

  return { grammar: await stage.lesson(first.id), writing: await stage.lesson(second.id), reading: await stage.lesson(third.id) };
}
