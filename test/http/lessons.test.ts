import { asks } from '../commands/support/school.ts';
import type { Answer } from '../support/httpContract.ts';
import { startSchoolServer, type SchoolServer } from './support/schoolServer.ts';

type Client = Awaited<ReturnType<SchoolServer['client']>>;

/** It is Monday 2 March 2026, 08:00 UTC, 09:00 in Berlin, where the school is. */
describe('lessons over HTTP', () => {
  let s: SchoolServer;
  let manager: Client, admin: Client, teacher: Client, other: Client, student: Client, stranger: Client, auditor: Client;

  beforeAll(async () => {
    s = await startSchoolServer();
    for (const [id, role] of [['mia', 'manager'], ['ada', 'teacher'], ['bob', 'teacher'], ['stu', 'student'], ['eve', 'student'], ['aud', 'auditor']] as const) await s.person(id, role);
    await s.group('g1', 'stu');
    await s.group('g2', 'eve');
    await s.account('a1', 1);
    await s.account('a2', 1);
    [manager, admin, teacher, other, student, stranger, auditor] = await Promise.all([
      s.client('mia', 'manager'), s.client('root', 'admin'), s.client('ada', 'teacher'), s.client('bob', 'teacher'), s.client('stu', 'student'), s.client('eve', 'student'), s.client('aud', 'auditor'),
    ]);
  });
  afterAll(() => s.stop());

  const plan = (localStart: string, more: object = {}) => ({ title: 'German A1', teacherId: 'ada', groupId: 'g1', localStart, zone: 'Europe/Berlin', durationMinutes: 60, ...more });
  const schedule = async (localStart: string, more: object = {}, as = manager) => {
    const answer = await as.post('/lessons', plan(localStart, more));
    if (answer.status !== 201) throw new Error(answer.text);
    return answer.body as { id: string; revision: number; position: string; lesson: { accountId: string } };
  };

  it('schedules a lesson and shows it, with its account and what the caller may do', async () => {
    const answer = await manager.post('/lessons', plan('2026-03-03T18:00'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/lessons/${answer.body.id}`);
    expect(answer.headers.get('etag')).toBe('"0"');
    expect(answer.headers.get('position')).toBe(answer.body.position);

    const shown = await manager.get(`/lessons/${answer.body.id}`);
    expect(shown.headers.get('etag')).toBe('"0"');
    expect(shown.body).toMatchObject({
      title: 'German A1', teacher: { id: 'ada', name: 'ada of the school' }, group: { id: 'g1', name: 'Group g1' }, startsAt: '2026-03-03T17:00:00.000Z', endsAt: '2026-03-03T18:00:00.000Z',
      status: 'scheduled', joinLink: `https://school.example/join/${answer.body.id}`, meeting: { state: 'none', generation: 0, joinUrl: null },
      account: { id: answer.body.lesson.accountId, capacity: 1, enabled: true },
      permissions: { join: false, start: false, end: false, reschedule: true, changeDetails: true, reassign: true, cancel: true, overrideTeacherConflict: true },
    });
  });

  it('refuses wall times that do not exist or exist twice, with both readings; and starts in the past', async () => {
    const skipped = await manager.post('/lessons', plan('2026-03-29T02:30'));
    expect(skipped).toMatchObject({ status: 422, body: { code: 'wallTimeSkipped' } });
    const twice = await manager.post('/lessons', plan('2026-10-25T02:30'));
    expect(twice).toMatchObject({ status: 422, body: { code: 'wallTimeAmbiguous' } });
    expect(JSON.stringify(twice.body)).toContain('2026-10-25T00:30:00');
    expect(JSON.stringify(twice.body)).toContain('2026-10-25T01:30:00');
    expect(await manager.post('/lessons', plan('2026-03-01T18:00'))).toMatchObject({ status: 422, body: { code: 'startInPast' } });
  });

  it('refuses moments that no store reads, wherever they come from', async () => {
    expect(await manager.post('/lessons', plan('9999-12-31T23:00', { zone: 'UTC', durationMinutes: 720 }))).toMatchObject({ status: 422, body: { code: 'invalidWallTime' } });
    for (const from of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '2026-03-02T00:00:00%2B16:00']) {
      expect(await manager.get(`/lessons?from=${from}`)).toMatchObject({ status: 400, body: { code: 'invalidRequest' } });
    }
    const forged = Buffer.from(JSON.stringify(['0000-01-01T00:00:00Z', 'x'])).toString('base64url');
    expect(await manager.get(`/lessons?cursor=${forged}`)).toMatchObject({ status: 400, body: { code: 'invalidCursor' } });
    expect(await manager.post('/zoom-accounts/a1/leases', { holder: 'open-day', until: '9999-12-31T23:59:59-12:00' })).toMatchObject({ status: 400 });
  });

  it('knows which students have another lesson then: of another group, or of the same', async () => {
    const { queries } = s;
    const { id } = await schedule('2026-03-25T10:00', { provider: 'none' });
    await manager.get(`/lessons/${id}`);
    const during = ['2026-03-25T09:30:00.000Z', '2026-03-25T10:30:00.000Z'] as const;
    expect(await queries.lessons.studentOverlaps('g1', ...during, 'another')).toEqual([{ lessonId: id, students: ['stu'] }]);
    expect(await queries.lessons.studentOverlaps('g1', ...during, id)).toEqual([]);
    expect(await queries.lessons.studentOverlaps('g2', ...during, 'another')).toEqual([]);
  });

  it('says which lessons are in the way and when there is a free slot', async () => {
    const first = await schedule('2026-03-04T10:00');
    await schedule('2026-03-04T10:00', { teacherId: 'bob', groupId: 'g2' });
    await s.person('cay', 'teacher');
    const refused = await manager.post('/lessons', plan('2026-03-04T10:30', { teacherId: 'cay', groupId: null }));
    expect(refused).toMatchObject({ status: 409, body: { code: 'noZoomAccountFree' } });
    expect(JSON.stringify(refused.body)).toContain(first.id);
    expect(refused.text).toContain('2026-03-04T1');
  });

  it('lets managers pass over a teacher\'s other lesson, with a reason that is recorded', async () => {
    await schedule('2026-03-05T10:00');
    const again = plan('2026-03-05T10:30', { provider: 'none' });
    expect(await manager.post('/lessons', again)).toMatchObject({ status: 409, body: { code: 'teacherBusy' } });
    expect(await teacher.post('/lessons', { ...again, override: { reason: 'x' } })).toMatchObject({ status: 403, body: { code: 'overrideNotAllowed' } });
    const { body } = await manager.post('/lessons', { ...again, override: { reason: 'co-teaching' } });
    expect((await auditor.get(`/lessons/${body.id}`)).body).toMatchObject({ overrideReason: 'co-teaching', joinLink: `https://school.example/join/${body.id}` });
  });

  it('keeps If-Match: a stale revision changes nothing', async () => {
    const { id } = await schedule('2026-03-06T10:00');
    expect(await manager.patch(`/lessons/${id}`, { title: 'German A2' }, { headers: { 'if-match': '"0"' } })).toMatchObject({ status: 200, body: { revision: 1 } });
    expect(await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-06T12:00' }, { headers: { 'if-match': '"0"' } })).toMatchObject({ status: 412, body: { code: 'staleRevision' } });
    expect((await manager.get(`/lessons/${id}`)).body).toMatchObject({ title: 'German A2', startsAt: '2026-03-06T09:00:00.000Z' });
  });

  it('reschedules: the link of the lesson stays, the vendor\'s link is flagged as changed', async () => {
    const { id } = await schedule('2026-03-09T10:00');
    await s.meeting(id);
    expect(await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-09T15:00', durationMinutes: 45 })).toMatchObject({ status: 200, body: { lesson: { startsAt: '2026-03-09T14:00:00.000Z', endsAt: '2026-03-09T14:45:00.000Z' } } });
    const before = (await manager.get(`/lessons/${id}`)).body;
    await s.school.meetings.deleted({ lessonId: id, generation: 1, meetingId: `m-${id}.1`, alreadyGone: false }, { commandId: '5f0c1d3e-98a6-4a3c-9f0e-0a5f5b1c6d01', correlationId: 'x', causationId: 'x', actor: { id: 'zoom', role: 'system' } });
    expect((await manager.get(`/lessons/${id}`)).body.meeting).toMatchObject({ state: 'deleted', joinUrl: null });
    const link = await s.meeting(id);
    const after = (await manager.get(`/lessons/${id}`)).body;
    expect(after.joinLink).toBe(before.joinLink);
    expect(after.meeting).toMatchObject({ state: 'created', generation: 2, linkChanged: true, joinUrl: link });
  });

  it('shows a student the lessons of their groups only, and never the workings', async () => {
    const { id } = await schedule('2026-03-10T10:00');
    await s.meeting(id);
    const { body } = await student.get(`/lessons/${id}`);
    expect(body).toMatchObject({ accountId: null, account: null, meeting: { state: 'created', joinUrl: null, passcode: null }, permissions: { join: false, cancel: false, start: false } });
    expect(JSON.stringify(body)).not.toContain('zoom.example');
    expect(await stranger.get(`/lessons/${id}`)).toMatchObject({ status: 404, body: { code: 'lessonNotFound' } });
    const lists = await Promise.all([student.get('/lessons?limit=200'), stranger.get('/lessons?limit=200'), student.get('/lessons?account=a1')]);
    expect(lists[0]!.body.items.every((l: { group: { id: string } }) => l.group.id === 'g1')).toBe(true);
    expect(lists[0]!.body.items.length).toBeGreaterThan(0);
    expect(lists[1]!.body.items.map((l: { group: { id: string } }) => l.group.id)).not.toContain('g1');
    expect(lists[2]!.body.items).toEqual([]);
    expect(await student.get(`/lessons/${id}/timeline`)).toMatchObject({ status: 403 });
  });

  it('tells why a lesson was cancelled to those who run it only', async () => {
    const { id } = await schedule('2026-03-10T12:00');
    await teacher.post(`/lessons/${id}/cancel`, { reason: 'Ada has pneumonia' });
    for (const who of [manager, teacher, auditor]) expect((await who.get(`/lessons/${id}`)).body).toMatchObject({ status: 'cancelled', cancelReason: 'Ada has pneumonia' });
    const shown = await Promise.all(['/lessons?status=cancelled&limit=200', '/me/lessons?limit=200', `/lessons/${id}`].map((path) => student.get(path)));
    expect(shown.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(shown[0]!.text).toContain(id);
    expect(shown[2]!.body).toMatchObject({ status: 'cancelled', cancelledAt: expect.any(String), cancelReason: null });
    for (const { text } of shown) expect(text).not.toContain('pneumonia');
  });

  it('lets teachers plan their own lessons and no others\'', async () => {
    const { id } = await schedule('2026-03-11T10:00', {}, teacher);
    expect(await other.get(`/lessons/${id}`)).toMatchObject({ status: 404 });
    const commands = [['reschedule', { localStart: '2026-03-11T12:00' }], ['cancel', { reason: 'x' }], ['start', undefined], ['end', undefined]] as const;
    // A lesson that they may not see answers as one that is not there does: its id says nothing.
    for (const [path, body] of commands) {
      const [hidden, missing] = [await other.post(`/lessons/${id}/${path}`, body), await other.post(`/lessons/none/${path}`, body)];
      for (const answer of [hidden, missing]) expect(answer).toMatchObject({ status: 404, body: { code: 'lessonNotFound' } });
      expect(hidden.body.detail).toBe(missing.body.detail);
    }
    expect(await other.patch(`/lessons/${id}`, { title: 'x' })).toMatchObject({ status: 404 });
    // One that they do see, as it is their group's, is still not theirs to plan.
    await s.group('g3', 'bob');
    const { id: seen } = await schedule('2026-03-11T16:00', { groupId: 'g3' });
    expect(await other.get(`/lessons/${seen}`)).toMatchObject({ status: 200 });
    for (const [path, body] of commands) expect(await other.post(`/lessons/${seen}/${path}`, body)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await other.post('/lessons', plan('2026-03-11T14:00'))).toMatchObject({ status: 403 });
    expect(await teacher.post(`/lessons/${id}/reassign`, { teacherId: 'bob' })).toMatchObject({ status: 403 });
    expect(await teacher.post(`/lessons/${id}/cancel`, { reason: 'ill' })).toMatchObject({ status: 200, body: { lesson: { status: 'cancelled' } } });
    expect(await teacher.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-11T12:00' })).toMatchObject({ status: 409, body: { code: 'lessonFinal' } });
  });

  it('changes nothing for auditors', async () => {
    const { id } = await schedule('2026-03-12T10:00');
    expect((await auditor.get(`/lessons/${id}`)).body.permissions).toEqual({
      join: false, start: false, end: false, reschedule: false, changeDetails: false, reassign: false, cancel: false, overrideTeacherConflict: false,
    });
    expect(await auditor.post('/lessons', plan('2026-03-12T12:00'))).toMatchObject({ status: 403 });
    expect(await auditor.post(`/lessons/${id}/cancel`, { reason: 'x' })).toMatchObject({ status: 403 });
  });

  it('cancels and reassigns in bulk, answered lesson by lesson: all lessons of a teacher on a day of the school', async () => {
    await s.person('ill', 'teacher');
    await s.person('sub', 'teacher');
    const early = await schedule('2026-03-16T00:15', { teacherId: 'ill', provider: 'none' }); // still the 15th in UTC
    const late = await schedule('2026-03-16T20:00', { teacherId: 'ill', provider: 'none' });
    const next = await schedule('2026-03-17T09:00', { teacherId: 'ill', provider: 'none' });
    await schedule('2026-03-16T20:30', { teacherId: 'sub', provider: 'none' });

    const given = await manager.post('/lessons/bulk/reassign', { allOf: { teacherId: 'ill', date: '2026-03-16' }, teacherId: 'sub' });
    expect(given).toMatchObject({ status: 200, body: { done: 1, refused: 1 } });
    expect(given.body.results).toEqual(expect.arrayContaining([expect.objectContaining({ id: early.id, outcome: 'done' }), expect.objectContaining({ id: late.id, outcome: 'refused', code: 'teacherBusy' })]));

    const cancelled = await manager.post('/lessons/bulk/cancel', { lessonIds: [late.id, next.id, 'nobody'], reason: 'ill' });
    expect(cancelled.body).toMatchObject({ done: 2, refused: 1 });
    expect(cancelled.body.results.find((one: { id: string }) => one.id === 'nobody')).toMatchObject({ outcome: 'refused', code: 'lessonNotFound' });
    expect(await manager.post('/lessons/bulk/cancel', { reason: 'x' })).toMatchObject({ status: 400 });
  });

  it('answers a bulk command whose answer was lost as the first time, also for lessons that left the day since', async () => {
    for (const id of ['gone', 'relief']) await s.person(id, 'teacher');
    const first = await schedule('2026-03-18T09:00', { teacherId: 'gone', provider: 'none' });
    const busy = await schedule('2026-03-18T11:00', { teacherId: 'gone', provider: 'none' });
    await schedule('2026-03-18T11:30', { teacherId: 'relief', provider: 'none' });
    const key = { headers: { 'idempotency-key': '"bulk-lost"' } };
    /** As after a crash: the lease ran out, and no answer was kept. */
    const loseAnswer = () => s.database.pool.query(`update lectern.idempotency_keys set status = null, headers = null, body = null, lease_until = now() - interval '1 minute'`);
    const outcomes = (answer: Answer) => answer.body.results.map(({ id, outcome, revision }: { id: string; outcome: string; revision?: number }) => [id, outcome, revision]).sort();
    const allOf = { teacherId: 'gone', date: '2026-03-18' };

    for (const [path, body, done] of [
      ['/lessons/bulk/reassign', { allOf, teacherId: 'relief' }, 1], ['/lessons/bulk/cancel', { allOf: { ...allOf, teacherId: 'relief' }, reason: 'ill' }, 2],
    ] as const) {
      const once = await manager.post(path, body, key);
      expect(once).toMatchObject({ status: 200, body: { done } });
      await manager.get('/lessons');
      await loseAnswer();
      const again = await manager.post(path, body, key);
      expect(again.headers.get('idempotent-replayed')).toBeNull();
      expect(outcomes(again)).toEqual(outcomes(once));
    }
    expect((await manager.get(`/lessons/${first.id}`)).body).toMatchObject({ status: 'cancelled', teacher: { id: 'relief' } });
    expect((await manager.get(`/lessons/${busy.id}`)).body).toMatchObject({ status: 'scheduled', teacher: { id: 'gone' } });
  });

  it('filters, and pages stably while lessons are added', async () => {
    await s.person('pag', 'teacher');
    for (const [i, hour] of [8, 10, 12, 14, 16].entries()) await schedule(`2026-04-01T${String(hour).padStart(2, '0')}:00`, { teacherId: 'pag', title: `p${i}`, provider: 'none' });
    const first = (await manager.get('/lessons?teacher=pag&limit=2')).body;
    expect(first.items.map((l: { title: string }) => l.title)).toEqual(['p0', 'p1']);
    await schedule('2026-04-01T06:00', { teacherId: 'pag', title: 'earlier', provider: 'none' });
    await schedule('2026-04-01T13:00', { teacherId: 'pag', title: 'between', provider: 'none' });
    const second = (await manager.get(`/lessons?teacher=pag&limit=3&cursor=${first.nextCursor}`)).body;
    expect(second.items.map((l: { title: string }) => l.title)).toEqual(['p2', 'between', 'p3']);
    const third = (await manager.get(`/lessons?teacher=pag&limit=3&cursor=${second.nextCursor}`)).body;
    expect(third).toMatchObject({ nextCursor: null, items: [{ title: 'p4' }] });

    const titles = async (query: string) => (await manager.get(`/lessons?teacher=pag&${query}`)).body.items.map((l: { title: string }) => l.title);
    expect(await titles('from=2026-04-01T08:30:00Z&to=2026-04-01T10:00:00Z')).toEqual(['p1']); // 10:00 in Berlin is 08:00 UTC: it still runs
    await manager.post(`/lessons/${first.items[0].id}/cancel`, { reason: 'x' });
    expect(await titles('status=cancelled')).toEqual(['p0']);
    expect(await titles('meetingState=created')).toEqual([]);
    expect((await manager.get('/lessons?meetingState=created&group=g1')).body.items.length).toBeGreaterThan(0);
    const onAccount = (await manager.get('/lessons?account=a1&limit=200')).body.items;
    expect(new Set(onAccount.map((l: { accountId: string }) => l.accountId))).toEqual(new Set(['a1']));
    expect(await manager.get('/lessons?cursor=nonsense')).toMatchObject({ status: 400, body: { code: 'invalidCursor' } });
    expect(await manager.get('/lessons?status=soon')).toMatchObject({ status: 400, body: { code: 'invalidRequest' } });
  });

  it('starts only in time and only by its teacher or an admin; the start URL goes to the teacher alone', async () => {
    const { id } = await schedule('2026-03-02T11:00');
    await s.meeting(id);
    expect(await teacher.post(`/lessons/${id}/start`)).toMatchObject({ status: 409, body: { code: 'tooEarly' } });
    expect(await student.get(`/join/${id}`)).toMatchObject({ status: 409, body: { code: 'tooEarly' } });
    expect(await student.get('/me/lessons?limit=1')).toMatchObject({ body: { items: [{ id }] } });

    s.school.clock.put('2026-03-02T09:46:00.000Z');
    const entered = await student.get(`/join/${id}`);
    expect(entered.status).toBe(302);
    expect(entered.headers.get('location')).toBe(`https://zoom.example/j/${id}.1`);
    expect(entered.headers.get('cache-control')).toBe('no-store');
    expect(await stranger.get(`/join/${id}`)).toMatchObject({ status: 404 });
    expect(await auditor.get(`/join/${id}`)).toMatchObject({ status: 403 });

    expect(await other.post(`/lessons/${id}/start`)).toMatchObject({ status: 404 });
    expect(await manager.post(`/lessons/${id}/start`)).toMatchObject({ status: 403 });
    const started = await teacher.post(`/lessons/${id}/start`);
    expect(started).toMatchObject({ status: 200, body: { lesson: { status: 'live' }, moved: false, meetingState: 'created' } });
    expect(started.body.startUrl).toMatch(/^https:\/\/start\.example\//);
    expect((await admin.post(`/lessons/${id}/start`)).body.startUrl).toBeNull();
    expect((await teacher.get(`/lessons/${id}`)).body).toMatchObject({ status: 'live', permissions: { end: true, start: false, join: true } });

    expect(await teacher.post(`/lessons/${id}/end`)).toMatchObject({ status: 200, body: { lesson: { status: 'finished' } } });
    expect(await student.get(`/join/${id}`)).toMatchObject({ status: 409, body: { code: 'lessonOver' } });
  });

  it('says that the meeting is not there yet', async () => {
    const { id } = await schedule('2026-03-02T11:05', { teacherId: 'bob' });
    s.school.clock.put('2026-03-02T09:55:00.000Z');
    expect(await student.get(`/join/${id}`)).toMatchObject({ status: 409, body: { code: 'meetingNotReady' } });
  });

  it('lets nobody into a meeting on an account that the lesson has left, and offers no start after its end', async () => {
    const { id, lesson } = await schedule('2026-03-02T13:00', { teacherId: 'bob' });
    await s.meeting(id);
    s.school.clock.put('2026-03-02T11:50:00.000Z');
    expect((await student.get(`/join/${id}`)).status).toBe(302);
    await s.school.lessons.moveToAccount({ lessonId: id, reason: 'its account was full at the start' }, asks('system', 'test'));
    expect((await manager.get(`/lessons/${id}`)).body.accountId).not.toBe(lesson.accountId);
    expect(await student.get(`/join/${id}`)).toMatchObject({ status: 409, body: { code: 'meetingNotReady' } });
    expect((await other.get(`/lessons/${id}`)).body.permissions.start).toBe(true);
    s.school.clock.put('2026-03-02T13:05:00.000Z');
    expect(await other.post(`/lessons/${id}/start`)).toMatchObject({ status: 409, body: { code: 'lessonOver' } });
    expect((await other.get(`/lessons/${id}`)).body.permissions).toMatchObject({ start: false, join: true });
  });

  it('tells a lesson\'s whole story in words, across its streams, with names and without links', async () => {
    const { id } = await schedule('2026-03-20T10:00');
    await s.meeting(id);
    await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-20T15:00' });
    await schedule('2026-03-20T18:00'); // of no concern here
    await manager.post(`/lessons/${id}/cancel`, { reason: 'snow' });
    const { body } = await auditor.get(`/lessons/${id}/timeline`);
    expect(body.items.map((item: { type: string }) => item.type)).toEqual([
      'PlaceReserved', 'PlaceReserved', 'LessonScheduled', 'MeetingClaimed', 'MeetingCreated', 'PlaceReserved', 'PlaceReserved', 'LessonRescheduled', 'PlaceReleased', 'PlaceReleased', 'LessonCancelled', 'PlaceReleased', 'PlaceReleased',
    ]);
    expect(body.items[2]).toMatchObject({ words: expect.stringContaining('Scheduled “German A1” for 2026-03-20 10:00 (Europe/Berlin), 60 min with ada of the school, group Group g1'), actor: { id: 'mia', name: 'mia of the school' } });
    expect(body.items.map((item: { words: string }) => item.words)).toEqual(expect.arrayContaining(['Cancelled: snow', expect.stringContaining('Reserved the agenda of ada of the school from 2026-03-20 14:00 UTC')]));
    expect(JSON.stringify(body)).not.toContain('zoom.example');
    const page = (await auditor.get(`/lessons/${id}/timeline?limit=5`)).body;
    const rest = (await auditor.get(`/lessons/${id}/timeline?limit=200&cursor=${page.nextCursor}`)).body;
    expect([...page.items, ...rest.items]).toEqual(body.items);
    expect(await other.get(`/lessons/${id}/timeline`)).toMatchObject({ status: 404 });
  });

  it('leaves a log without a finding, and read models that a fresh fold would give', async () => {
    expect(await s.audits()).toEqual({ findings: [], readModels: ['directory equal', 'lessons equal', 'zoomAccounts equal'] });
  });
});
