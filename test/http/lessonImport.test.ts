import { lessonImportRoutes } from '../../src/http/routes/lessonImport.ts';
import { calendar, event } from '../commands/lessonImport/calendars.ts';
import { openSchool, type School } from '../commands/lessonImport/school.ts';
import { issue, startTestServer } from './support/testServer.ts';

const path = '/api/v1/lessons/import';
const file = calendar('X-WR-CALNAME:Spring', event('RRULE:FREQ=WEEKLY;COUNT=2', 'ORGANIZER:mailto:olena@school.example'), event('UID:e2', 'DTSTART;VALUE=DATE:20260303'));

describe('importing over HTTP', () => {
  let school: School;
  let server: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    school = await openSchool();
    await school.addTeacher('olena');
    await school.addAccount('z1', 1);
    server = await startTestServer(lessonImportRoutes({ imports: school.imports }));
  });
  afterAll(async () => {
    await server.stop();
    await school.close();
  });
  const send = (raw: string | Buffer, query = '', type = 'text/calendar', as = server.client) => as.ask('POST', `${path}${query}`, { raw, headers: { 'content-type': type } });

  test('a dry run, the import, how it went, and taking it back; every answer as documented', async () => {
    const dry = await send(file, '?dryRun=true');
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, calendar: 'Spring', counts: { scheduled: 2, refused: 1 } } });
    const { status, body, headers } = await send(file);
    expect(status).toBe(200);
    expect(body.counts).toMatchObject({ scheduled: 2, refused: 1 });
    expect(body.items.find(({ outcome }: { outcome: string }) => outcome === 'refused')).toMatchObject({ uid: 'e2', reason: 'allDay', line: 17 });
    expect(headers.get('position')).toBe(body.position);
    const went = await server.client.get(`/api/v1/lessons/imports/${body.id}`);
    expect(went.body).toMatchObject({ status: 'finished', calendar: 'Spring', format: 'ics', counts: { scheduled: 2 } });
    expect((await server.client.post(`/api/v1/lessons/imports/${body.id}/undo`)).body).toMatchObject({ cancelled: 2, kept: 0 });
    expect((await server.client.get('/api/v1/lessons/imports/none')).status).toBe(404);
  });

  test('CSV', async () => {
    const { body } = await send('uid,title,start,duration,teacher\nc1,Algebra,2026-04-01 10:00,60,olena@school.example\n', '?calendar=maths', 'text/csv; charset=utf-8');
    expect(body).toMatchObject({ calendar: 'maths', counts: { scheduled: 1 } });
  });

  test('only for those who run the school', async () => {
    for (const role of ['teacher', 'student', 'auditor'] as const) {
      expect((await send(file, '', 'text/calendar', server.client.as(await issue(`a-${role}`, role, 60)))).status).toBe(403);
    }
    expect((await send(file, '', 'text/calendar', server.client.as(undefined))).status).toBe(401);
  });

  test('what is no timetable, is too large, or is asked for wrongly', async () => {
    expect(await send('hello')).toMatchObject({ status: 422, body: { code: 'importUnreadable' } });
    expect(await send(Buffer.alloc(5 * 1024 * 1024 + 1, 'x'))).toMatchObject({ status: 413 });
    expect(await send('{}', '', 'application/json')).toMatchObject({ status: 415 });
    expect(await send(file, '?cancelvanished=true')).toMatchObject({ status: 400, body: { code: 'invalidRequest' } });
    expect(await send(file, '?dryRun=perhaps')).toMatchObject({ status: 400 });
  });
});
