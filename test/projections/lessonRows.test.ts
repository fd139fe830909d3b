import { evolveLesson } from '../../src/projections/lessons/evolveLesson.ts';
import { evolveMeeting } from '../../src/projections/lessons/evolveMeeting.ts';
import { freshLesson, type LessonRow } from '../../src/projections/lessons/lessonRow.ts';
import { createHistory, schedule, type History } from './support/history.ts';

const at = '2026-03-03T08:00:00.000Z';

function rowOf(tell: (history: History) => void): LessonRow {
  const history = createHistory();
  tell(history);
  const row = freshLesson('l1');
  for (const event of history.events) (event.stream.startsWith('zoomMeeting-') ? evolveMeeting : evolveLesson)(row, event);
  return row;
}

const claim = (h: History, generation: number) => h.add('zoomMeeting-l1', 'MeetingClaimed', { lessonId: 'l1', generation, accountId: `a${generation}`, claimedAt: at, title: 't', startsAt: at, zone: 'UTC', durationMinutes: 60, autoRecord: false });
const create = (h: History, generation: number, joinUrl = `https://zoom.example/j/${generation}`) =>
  h.add('zoomMeeting-l1', 'MeetingCreated', { lessonId: 'l1', generation, accountId: `a${generation}`, meetingId: `m${generation}`, uuid: 'u', joinUrl, passcode: '1', adopted: false });
const fail = (h: History, generation: number, parked: boolean) => h.add('zoomMeeting-l1', 'MeetingFailed', { lessonId: 'l1', generation, code: 'rejected', message: 'no', parked });
const remove = (h: History, generation: number) => h.add('zoomMeeting-l1', 'MeetingDeleted', { lessonId: 'l1', generation, meetingId: `m${generation}`, alreadyGone: false });
const runs = (h: History, generation: number, type: 'MeetingStarted' | 'MeetingEnded') => h.add('zoomMeeting-l1', type, { lessonId: 'l1', generation, meetingId: `m${generation}`, uuid: 'u', at });

describe('a lesson\'s meeting, as it is shown', () => {
  it('is claimed, then created', () => {
    expect(rowOf((h) => claim(h, 1))).toMatchObject({ meeting_state: 'claimed', meeting_generation: 1, meeting_account_id: 'a1', join_url: null });
    expect(rowOf((h) => { claim(h, 1); create(h, 1); })).toMatchObject({ meeting_state: 'created', join_url: 'https://zoom.example/j/1', link_changed: false });
  });

  it('is flagged when the new one has another link, and only then', () => {
    expect(rowOf((h) => { claim(h, 1); create(h, 1); remove(h, 1); claim(h, 2); create(h, 2); })).toMatchObject({ meeting_state: 'created', meeting_generation: 2, link_changed: true });
    expect(rowOf((h) => { claim(h, 1); create(h, 1, 'https://same'); remove(h, 1); claim(h, 2); create(h, 2, 'https://same'); })).toMatchObject({ link_changed: false });
    expect(rowOf((h) => { claim(h, 1); fail(h, 1, false); remove(h, 1); claim(h, 2); create(h, 2); })).toMatchObject({ link_changed: false });
  });

  it('has no link once it is deleted', () => {
    expect(rowOf((h) => { claim(h, 1); create(h, 1); remove(h, 1); })).toMatchObject({ meeting_state: 'deleted', join_url: null, passcode: null });
  });

  it('shows a failure, parked or not, until it goes well', () => {
    expect(rowOf((h) => { claim(h, 1); fail(h, 1, true); })).toMatchObject({ meeting_state: 'failed', meeting_error_code: 'rejected', meeting_error: 'no', meeting_parked: true });
    expect(rowOf((h) => { claim(h, 1); fail(h, 1, true); create(h, 1); })).toMatchObject({ meeting_state: 'created', meeting_error_code: null, meeting_parked: false });
  });

  it('does not change by late word of an older generation', () => {
    const now = (late: (h: History) => void) => rowOf((h) => { claim(h, 1); create(h, 1); remove(h, 1); claim(h, 2); create(h, 2); late(h); });
    const before = now(() => undefined);
    for (const late of [
      (h: History) => runs(h, 1, 'MeetingStarted'), (h: History) => runs(h, 1, 'MeetingEnded'), (h: History) => fail(h, 1, true), (h: History) => remove(h, 1), (h: History) => create(h, 1), (h: History) => claim(h, 1),
    ]) expect(now(late)).toEqual(before);
    expect(now((h) => runs(h, 2, 'MeetingStarted'))).toMatchObject({ meeting_started_at: at, meeting_ended_at: null });
    expect(now((h) => { runs(h, 2, 'MeetingStarted'); runs(h, 2, 'MeetingEnded'); })).toMatchObject({ meeting_ended_at: at });
  });
});

describe('a lesson, as it is shown', () => {
  const scheduled = (h: History) => schedule(h, { id: 'l1', account: 'a1', teacher: 'ada', group: 'g1', from: at, minutes: 60 });

  it('keeps what a change leaves out, and takes a group away when told so', () => {
    expect(rowOf((h) => { scheduled(h); h.add('lesson-l1', 'LessonDetailsChanged', { lessonId: 'l1', title: 'New' }); })).toMatchObject({ title: 'New', group_id: 'g1', auto_record: false, revision: 1 });
    expect(rowOf((h) => { scheduled(h); h.add('lesson-l1', 'LessonDetailsChanged', { lessonId: 'l1', groupId: null }); })).toMatchObject({ title: 'Lesson l1', group_id: null });
  });

  it('counts its revision with every event of its own stream and none of its meeting\'s', () => {
    expect(rowOf((h) => { scheduled(h); claim(h, 1); create(h, 1); h.add('lesson-l1', 'LessonPlaceForfeited', { lessonId: 'l1', reservationId: 'x', reason: 'x' }); })).toMatchObject({ revision: 1, status: 'scheduled' });
  });
});
