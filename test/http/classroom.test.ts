import { deflateSync } from 'node:zlib';
import { startClassroomServer, type ClassroomServer } from './support/classroomServer.ts';

type Client = Awaited<ReturnType<ClassroomServer['client']>>;

let s: ClassroomServer;
let admin: Client, manager: Client, teacher: Client, other: Client, student: Client, mate: Client, stranger: Client, auditor: Client;

beforeAll(async () => {
  s = await startClassroomServer();
  for (const [id, role] of [['ada', 'teacher'], ['bob', 'teacher'], ['stu', 'student'], ['mate', 'student'], ['eve', 'student'], ['boss', 'admin']] as const) await s.person(id, role);
  await s.group('g1', 'stu', 'mate');
  admin = await s.client('boss', 'admin');
  manager = await s.client('man', 'manager');
  teacher = await s.client('ada', 'teacher');
  other = await s.client('bob', 'teacher');
  student = await s.client('stu', 'student');
  mate = await s.client('mate', 'student');
  stranger = await s.client('eve', 'student');
  auditor = await s.client('aud', 'auditor');
});
afterAll(() => s.stop());

let hour = 8;
const lesson = async (more: object = {}): Promise<{ id: string; roomId: string }> => {
  const localStart = `2026-03-0${3 + Math.floor(++hour / 12)}T${String(8 + (hour % 12)).padStart(2, '0')}:00`;
  const { body } = await manager.post('/lessons', { title: 'Optics', teacherId: 'ada', groupId: 'g1', localStart, zone: 'Europe/Berlin', durationMinutes: 45, provider: 'none', ...more });
  await s.follow();
  return { id: body.id, roomId: (await manager.get(`/lessons/${body.id}`)).body.roomId };
};
const room = async (client: Client, body: object = {}): Promise<string> => (await client.post('/classroom/sessions', { title: 'Open evening', ...body })).body.id;
const at = (roomId: string, rest = '') => `/classroom/sessions/${roomId}${rest}`;
const words = async (client: Client, roomId: string): Promise<string[]> => (await client.get(at(roomId, '/timeline'))).body.items.map((item: { words: string }) => item.words);
const stroke = (id: string) => ({ op: 'shape.add', shape: { id, type: 'stroke', page: 'page-1', layer: 'layer-1', x: 10, y: 20, rotation: 0, scale: 1, z: 'a0', style: { color: '#112233', width: 3 }, locked: false, points: [0, 0, 0.5, 0, 40, 15, 0.7, 16] } });
const text = (id: string, words: string) => ({ op: 'shape.add', shape: { id, type: 'text', page: 'page-1', layer: 'layer-1', x: 10, y: 60, rotation: 0, scale: 1, z: 'a1', style: { color: '#112233', width: 1, fontSize: 24 }, locked: false, width: 200, height: 40, text: words } });

describe('a lesson and its room', () => {
  it('come together: its teacher hosts, its group are students, admins look on, and nobody else is told of it', async () => {
    const { id, roomId } = await lesson();
    expect((await teacher.get(at(roomId))).body).toMatchObject({ id: roomId, type: 'lesson', status: 'scheduled', lessonId: id, hostId: 'ada', hostName: 'ada of the school', title: 'Optics', you: { role: 'host' } });
    expect((await student.get('/classroom/sessions/my')).body.items.map((item: { id: string }) => item.id)).toContain(roomId);
    expect(await stranger.get(at(roomId))).toMatchObject({ status: 404, body: { code: 'roomNotFound' } });
    expect(await other.get(at(roomId))).toMatchObject({ status: 404 });
    for (const reader of [admin, manager, auditor]) expect(await reader.get(at(roomId))).toMatchObject({ status: 200, body: { you: null } });

    expect(await teacher.post(at(roomId, '/join'))).toMatchObject({ status: 200, body: { role: 'host', waiting: false, personId: 'ada', permissions: { kick: true } } });
    expect(await student.post(at(roomId, '/join'), {})).toMatchObject({ status: 200, body: { role: 'student', permissions: { draw: true, edit: 'own', kick: false } } });
    expect(await admin.post(at(roomId, '/join'))).toMatchObject({ body: { role: 'viewer' } });
    expect(await stranger.post(at(roomId, '/join'))).toMatchObject({ status: 403, body: { code: 'notInvited' } });
    expect(await manager.post(at(roomId, '/join'))).toMatchObject({ status: 403, body: { code: 'notInvited' } });
    expect((await teacher.get(at(roomId))).body).toMatchObject({ status: 'waiting', seatsTaken: 3 });
  });

  it('move together, change hands together, and end together', async () => {
    const { id, roomId } = await lesson();
    await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-20T15:00', zone: 'Europe/Berlin' });
    await manager.post(`/lessons/${id}/reassign`, { teacherId: 'bob' });
    await manager.patch(`/lessons/${id}`, { title: 'Optics II' });
    await s.follow();
    expect((await manager.get(at(roomId))).body).toMatchObject({ scheduledStart: '2026-03-20T14:00:00.000Z', scheduledEnd: '2026-03-20T14:45:00.000Z', hostId: 'bob', title: 'Optics II' });
    expect(await other.patch(at(roomId), { title: 'Mine' })).toMatchObject({ status: 422, body: { code: 'invalidRoom' } });
    await s.follow(); // once too often does no harm
    const { revision } = (await manager.get(at(roomId))).body;
    await manager.post(`/lessons/${id}/cancel`, { reason: 'ill' });
    await s.follow();
    expect((await manager.get(at(roomId))).body).toMatchObject({ status: 'expired', revision: revision + 1 });
    expect(await other.post(at(roomId, '/join'))).toMatchObject({ status: 409, body: { code: 'roomEnded' } });
  });

  it('that has begun is terminated when the lesson is cancelled', async () => {
    const { id, roomId } = await lesson();
    await teacher.post(at(roomId, '/start'));
    await manager.post(`/lessons/${id}/cancel`, { reason: 'fire' });
    await s.follow();
    expect((await manager.get(at(roomId))).body).toMatchObject({ status: 'terminated' });
  });

  it('without Zoom its one link leads to the room', async () => {
    const localStart = '2026-03-02T09:05'; // the clock stands at 08:00 UTC, 09:00 in Berlin
    const { id, roomId } = await lesson({ localStart, teacherId: 'bob' });
    const entered = await student.get(`/join/${id}`);
    expect(entered.status).toBe(302);
    expect(entered.headers.get('location')).toBe(`https://school.example/rooms/${roomId}`);
    expect(await stranger.get(`/join/${id}`)).toMatchObject({ status: 404 });
  });
});

describe('entering a room', () => {
  it('with its access code: five tries a minute, and the code is never shown', async () => {
    const roomId = await room(teacher, { accessCode: ' Prisma 7 ', title: 'Open' });
    expect((await teacher.get(at(roomId))).text).not.toMatch(/scrypt|Prisma/);
    expect((await teacher.get(at(roomId))).body).toMatchObject({ hasAccessCode: true });
    expect(await stranger.post(at(roomId, '/join'))).toMatchObject({ status: 403, body: { code: 'accessCodeNeeded' } });
    for (let i = 0; i < 4; i++) expect(await stranger.post(at(roomId, '/join'), { accessCode: `wrong${i}` })).toMatchObject({ status: 403, body: { code: 'wrongAccessCode' } });
    expect(await stranger.post(at(roomId, '/join'), { accessCode: 'Prisma 7' })).toMatchObject({ status: 200, body: { role: 'student' } });
    for (let i = 0; i < 5; i++) await student.post(at(roomId, '/join'), { accessCode: `wrong${i}` });
    const sixth = await student.post(at(roomId, '/join'), { accessCode: 'Prisma 7' });
    expect(sixth).toMatchObject({ status: 429, body: { code: 'rateLimited' } });
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await mate.post(at(roomId, '/join'), { accessCode: 'Prisma 7' })).status).toBe(200); // others are not held up
  });

  it('takes no more than there are seats, and keeps the host\'s', async () => {
    const roomId = await room(teacher, { maxParticipants: 2, invite: ['stu', 'mate'] });
    expect((await student.post(at(roomId, '/join'))).status).toBe(200);
    expect(await mate.post(at(roomId, '/join'))).toMatchObject({ status: 409, body: { code: 'roomFull', details: { maxParticipants: 2 } } });
    expect((await teacher.post(at(roomId, '/join'))).status).toBe(200);
    await student.post(at(roomId, '/leave'));
    expect((await mate.post(at(roomId, '/join'))).status).toBe(200);
  });

  it('through a waiting room, by the host\'s leave', async () => {
    const roomId = await room(teacher, { settings: { waitingRoom: true }, invite: ['stu'] });
    await teacher.post(at(roomId, '/join'));
    expect(await student.post(at(roomId, '/join'))).toMatchObject({ body: { waiting: true } });
    expect(await student.post(at(roomId, '/admit'), { personId: 'stu' })).toMatchObject({ status: 409, body: { code: 'notInRoom' } });
    expect(await teacher.post(at(roomId, '/admit'), { personId: 'stu' })).toMatchObject({ status: 200 });
    expect((await student.get(at(roomId))).body).toMatchObject({ seatsTaken: 2, you: { status: 'joining' } });
  });

  it('sees nothing but the door of a waiting room until the host lets them in, and nothing later when that never was', async () => {
    const roomId = await room(teacher, { accessCode: 'Prisma 7', settings: { waitingRoom: true } });
    await teacher.post(at(roomId, '/join'));
    const seen = async (client: Client) => Promise.all(['', '/board', '/ops', '/snapshots', '/export', '/stats', '/timeline', '/participants'].map(async (what) => (await client.get(at(roomId, what))).status));
    for (const client of [stranger, mate]) expect(await client.post(at(roomId, '/join'), { accessCode: 'Prisma 7' })).toMatchObject({ body: { waiting: true } });
    await s.follow();
    const door = [200, 409, 409, 409, 409, 409, 409, 409];
    expect(await stranger.get(at(roomId, '/board'))).toMatchObject({ status: 409, body: { code: 'notInRoom' } });
    expect(await seen(stranger)).toEqual(door);
    await stranger.post(at(roomId, '/leave'));
    await s.follow();
    expect(await seen(stranger)).toEqual(door);
    await teacher.post(at(roomId, '/admit'), { personId: 'mate' });
    expect(await seen(mate)).toEqual(door.map(() => 200));
  });

  it('twice with one Idempotency-Key is once, and answers with a token that works', async () => {
    const { roomId } = await lesson();
    const once = () => student.post(at(roomId, '/join'), {}, { headers: { 'idempotency-key': 'join-1' } });
    const first = await once();
    const second = await once();
    expect(second).toMatchObject({ status: 200, body: { revision: first.body.revision, personId: 'stu' } });
    expect(await s.as(second.body.token).get(at(roomId))).toMatchObject({ status: 200, body: { you: { role: 'student' } } });
    const elsewhere = await lesson();
    expect(await s.as(second.body.token).get(at(elsewhere.roomId))).toMatchObject({ status: 403 });
    expect(await s.as(second.body.token).get('/lessons')).toMatchObject({ status: 401 });
  });
});

describe('running a room', () => {
  it('is for who the room\'s stream says: not for a teacher of another lesson, nor for a token\'s role', async () => {
    const { roomId } = await lesson();
    await student.post(at(roomId, '/join'));
    expect(await other.post(at(roomId, '/start'))).toMatchObject({ status: 409, body: { code: 'notInRoom' } });
    expect(await student.post(at(roomId, '/start'))).toMatchObject({ status: 403, body: { code: 'forbidden', details: { needs: 'host' } } });
    expect(await teacher.post(at(roomId, '/pause'))).toMatchObject({ status: 409, body: { code: 'roomNotStarted' } });
    expect(await teacher.post(at(roomId, '/start'), {})).toMatchObject({ status: 200 });
    expect(await teacher.post(at(roomId, '/pause'))).toMatchObject({ status: 200 });
    expect((await student.get(at(roomId))).body).toMatchObject({ status: 'paused', you: { role: 'student' } });
    expect(await teacher.post(at(roomId, '/resume'))).toMatchObject({ status: 200 });
    expect(await teacher.post(at(roomId, '/complete'))).toMatchObject({ status: 200 });
    expect(await teacher.post(at(roomId, '/complete'))).toMatchObject({ status: 200 });
    expect(await teacher.post(at(roomId, '/start'))).toMatchObject({ status: 409, body: { code: 'roomEnded', details: { status: 'completed' } } });
  });

  it('refuses a command on another revision than the caller saw', async () => {
    const roomId = await room(teacher);
    const seen = await teacher.get(at(roomId));
    expect(seen.headers.get('etag')).toBe('"0"');
    const first = await teacher.patch(at(roomId), { title: 'Renamed' }, { headers: { 'if-match': '"0"' } });
    expect(first.headers.get('etag')).toBe('"1"');
    expect(await teacher.patch(at(roomId), { title: 'Again' }, { headers: { 'if-match': '"0"' } })).toMatchObject({ status: 412, body: { code: 'staleRevision' } });
    expect((await teacher.get(at(roomId))).body).toMatchObject({ title: 'Renamed', revision: 1 });
  });

  it('keeps a kicked person out until they are invited again, and tells why only to who runs it', async () => {
    const { roomId } = await lesson();
    await teacher.post(at(roomId, '/join'));
    await student.post(at(roomId, '/join'));
    await mate.post(at(roomId, '/join'));
    expect(await mate.post(at(roomId, '/kick/stu'))).toMatchObject({ status: 403 });
    expect(await teacher.post(at(roomId, '/kick/ada'))).toMatchObject({ status: 409, body: { code: 'hostStays' } });
    expect(await teacher.post(at(roomId, '/kick/stu'), { reason: 'too loud' })).toMatchObject({ status: 200 });
    expect(await student.post(at(roomId, '/join'))).toMatchObject({ status: 403, body: { code: 'kickedOut' } });
    expect(await student.get(at(roomId, '/participants'))).toMatchObject({ status: 403, body: { code: 'kickedOut' } });
    expect((await student.get('/classroom/sessions/my')).body.items.map((item: { id: string }) => item.id)).not.toContain(roomId);
    expect(await words(teacher, roomId)).toContain('stu of the school was taken out by ada of the school: too loud');
    expect(await words(mate, roomId)).toContain('stu of the school was taken out by ada of the school');
    await teacher.post(at(roomId, '/invite'), { personIds: ['stu'], role: 'viewer' });
    expect(await student.post(at(roomId, '/join'))).toMatchObject({ status: 200, body: { role: 'viewer' } });
    expect(await teacher.post(at(roomId, '/invite'), { personIds: ['nobody'] })).toMatchObject({ status: 422, body: { code: 'unknownPerson' } });
  });

  it('gives roles, exceptions and the room itself to others', async () => {
    const { roomId } = await lesson();
    for (const one of [teacher, student, mate]) await one.post(at(roomId, '/join'));
    expect(await teacher.post(at(roomId, '/permissions'), { personId: 'stu', permissions: { draw: false, clearBoard: true } })).toMatchObject({ status: 200 });
    expect(await teacher.post(at(roomId, '/permissions'), { role: 'student', permissions: { shareScreen: true } })).toMatchObject({ status: 200 });
    expect((await student.get(at(roomId))).body.you.permissions).toMatchObject({ draw: false, clearBoard: true, shareScreen: true, edit: 'own' });
    expect(await teacher.post(at(roomId, '/permissions'), { permissions: { draw: true } })).toMatchObject({ status: 400 });
    expect(await student.post(at(roomId, '/media'), { screen: true, quality: 'poor' })).toMatchObject({ status: 200 });
    expect(await teacher.put(at(roomId, '/participants/stu/role'), { role: 'viewer' })).toMatchObject({ status: 200 });
    const people = (await mate.get(at(roomId, '/participants'))).body.items;
    expect(people.map((one: { personId: string }) => one.personId)).toEqual(['ada', 'mate', 'stu']);
    expect(people[2]).toMatchObject({ role: 'viewer', media: { screen: false }, quality: 'poor', name: 'stu of the school' });
    expect(await teacher.post(at(roomId, '/host'), { personId: 'eve' })).toMatchObject({ status: 409, body: { code: 'participantNotHere' } });
    expect(await teacher.post(at(roomId, '/host'), { personId: 'mate' })).toMatchObject({ status: 200 });
    await s.follow();
    expect((await mate.get(at(roomId))).body).toMatchObject({ hostId: 'mate', you: { role: 'host' } }); // the lesson has not changed, so it takes nothing back
  });

  it('counts who was there for how long, and how long it took', async () => {
    const { roomId } = await lesson();
    await teacher.post(at(roomId, '/start'));
    s.school.clock.pass(10);
    await teacher.post(at(roomId, '/pause'));
    s.school.clock.pass(5);
    await teacher.post(at(roomId, '/resume'));
    s.school.clock.pass(15);
    await teacher.post(at(roomId, '/complete'));
    s.school.clock.pass(60);
    expect((await student.get(at(roomId, '/stats'))).body).toMatchObject({ totalSeconds: 1_800, pausedSeconds: 300, board: { versions: 0, shapes: 0 } });
    expect((await student.get(at(roomId))).body).toMatchObject({ totalSeconds: 1_800, pausedSeconds: 300 });
  });
});

describe('the board of a room', () => {
  let roomId: string;
  beforeAll(async () => {
    ({ roomId } = await lesson());
    for (const one of [teacher, student]) await one.post(at(roomId, '/join'));
    await teacher.post(at(roomId, '/start'));
    await s.draw(roomId, 'ada', stroke('s-1'));
    await s.draw(roomId, 'stu', text('t-1', 'Привіт <b>&'));
  });

  it('is read as it is and as it was, and played back', async () => {
    const now = await student.get(at(roomId, '/board'));
    expect(now.body).toMatchObject({ version: 2, pages: [{ id: 'page-1', shapes: [{ id: 's-1', author: 'ada' }, { id: 't-1', author: 'stu' }] }] });
    expect((await student.get(at(roomId, '/board?version=1'))).body).toMatchObject({ version: 1, pages: [{ shapes: [{ id: 's-1' }] }] });
    expect(await student.get(at(roomId, '/board?version=3'))).toMatchObject({ status: 404, body: { code: 'boardVersionNotFound' } });
    const film = (await student.get(at(roomId, '/ops?limit=1'))).body;
    expect(film).toMatchObject({ from: 0, next: 1, groups: [{ version: 1, personId: 'ada', ops: [{ op: 'shape.add' }] }] });
    expect((await student.get(at(roomId, '/ops?from=1'))).body).toMatchObject({ next: null, groups: [{ version: 2, personId: 'stu' }] });
    expect(await stranger.get(at(roomId, '/board'))).toMatchObject({ status: 404 });
  });

  it('is saved by who may draw, and served as clients load it, once', async () => {
    expect(await student.post(at(roomId, '/save'))).toMatchObject({ status: 200, body: { version: 2, shapes: 2 } });
    const kept = (await student.get(at(roomId, '/snapshots'))).body.items.find(({ type }: { type: string }) => type === 'manual');
    expect(kept).toMatchObject({ version: 2, type: 'manual', shapes: 2, author: { id: 'stu', name: 'stu of the school' } });
    const loaded = await student.get(at(roomId, '/snapshots/2'));
    expect(loaded.text.split('\n')[0]).toBe('{"format":"lectern.board","schemaVersion":1,"version":2,"shapes":2,"pages":1}');
    expect(loaded.headers.get('etag')).toBe(`"${kept.sha256}"`);
    expect(await student.get(at(roomId, '/snapshots/2'), { headers: { 'if-none-match': `"${kept.sha256}"` } })).toMatchObject({ status: 304, text: '' });
    expect(await student.get(at(roomId, '/snapshots/7'))).toMatchObject({ status: 404, body: { code: 'snapshotNotFound' } });
    expect(await words(teacher, roomId)).toContain('Saved by stu of the school at version 2');
  });

  it('is taken along as JSON, SVG and PNG by who may export, with nothing in it that runs', async () => {
    const svg = await student.get(at(roomId, '/export?format=svg'));
    expect(svg.headers.get('content-type')).toBe('image/svg+xml');
    expect(svg.headers.get('content-security-policy')).toMatch(/, sandbox$/);
    expect(svg.text).toContain('Привіт &#60;b&#62;&#38;');
    const png = await student.get(at(roomId, '/export?format=png'));
    expect(png.headers.get('content-type')).toBe('image/png');
    expect(JSON.parse((await student.get(at(roomId, '/export'))).text)).toMatchObject({ version: 2 });
    expect(await student.get(at(roomId, '/export?format=svg&page=page-9'))).toMatchObject({ status: 404, body: { code: 'pageNotFound' } });
    await teacher.post(at(roomId, '/permissions'), { personId: 'stu', permissions: { export: false } });
    expect(await student.get(at(roomId, '/export'))).toMatchObject({ status: 403, body: { details: { needs: 'export' } } });
    expect(await student.post(at(roomId, '/fork'))).toMatchObject({ status: 403 });
    await teacher.post(at(roomId, '/permissions'), { personId: 'stu', permissions: { export: null } });
  });

  it('is forked as it was, restored as it was, and its story tells both', async () => {
    const fork = await student.post(at(roomId, '/fork'), { version: 1 });
    expect(fork.status).toBe(201);
    expect((await student.get(at(fork.body.id))).body).toMatchObject({ type: 'solo', hostId: 'stu', status: 'active', forkedFrom: { roomId, version: 1 } });
    expect((await student.get(at(fork.body.id, '/board'))).body).toMatchObject({ pages: [{ shapes: [{ id: 's-1', author: 'ada' }] }] });
    expect(await teacher.get(at(fork.body.id))).toMatchObject({ status: 404 }); // it is the student's own

    expect(await student.post(at(roomId, '/snapshots/1/restore'))).toMatchObject({ status: 403, body: { details: { needs: 'restore' } } });
    expect(await teacher.post(at(roomId, '/snapshots/9/restore'))).toMatchObject({ status: 404, body: { code: 'boardVersionNotFound' } });
    expect(await teacher.post(at(roomId, '/snapshots/1/restore'))).toMatchObject({ status: 200, body: { version: 3 } });
    expect((await student.get(at(roomId, '/board'))).body).toMatchObject({ version: 3, pages: [{ shapes: [{ id: 's-1' }] }] });
    expect(await words(student, roomId)).toContain('The board of version 1 was restored by ada of the school (version 3)');
    expect((await student.get(at(roomId, '/stats'))).body).toMatchObject({ board: { versions: 3, shapes: 1, snapshots: expect.any(Number) } });
  });

  it('takes images by content, from who may, and shows them to who may read the room', async () => {
    const image = await student.post(at(roomId, '/images'), undefined, { raw: png1x1, headers: { 'content-type': 'image/png' } } as never);
    expect(image).toMatchObject({ status: 201, body: { width: 1, height: 1, mediaType: 'image/png' } });
    const { sha256 } = image.body;
    expect((await teacher.get(at(roomId, `/images/${sha256}`))).headers.get('content-type')).toBe('image/png');
    expect((await teacher.get(`/classroom/sessions/images/${sha256}`)).status).toBe(200);
    expect(await stranger.get(`/classroom/sessions/images/${sha256}`)).toMatchObject({ status: 404, body: { code: 'imageNotFound' } });
    expect(await stranger.get(at(roomId, `/images/${sha256}`))).toMatchObject({ status: 404 });
    expect(await student.raw(at(roomId, '/images'), Buffer.from('<script>'), 'image/png')).toMatchObject({ status: 415, body: { code: 'imageNotSupported' } });
    expect(await mate.raw(at(roomId, '/images'), png1x1, 'image/png')).toMatchObject({ status: 409, body: { code: 'notInRoom' } });
  });
});

describe('what roles may do, school-wide', () => {
  it('is an admin\'s to say, and holds in new rooms, in those that somebody is in, and in others from the first who comes', async () => {
    const [begun, later] = [await lesson(), await lesson()];
    await student.post(at(begun.roomId, '/join'));
    const { body: before } = await auditor.get('/classroom/roles/student');
    expect(await manager.put('/classroom/roles/student', before.permissions)).toMatchObject({ status: 403 });
    expect(await admin.put('/classroom/roles/student', { ...before.permissions, draw: 'yes' })).toMatchObject({ status: 400 });
    expect(await admin.put('/classroom/roles/student', { ...before.permissions, draw: false, export: false })).toMatchObject({ status: 200, body: { revision: 0 } });
    await s.follow();
    expect((await student.get(at(begun.roomId))).body.you.permissions).toMatchObject({ draw: false });
    expect((await student.post(at(later.roomId, '/join'))).body).toMatchObject({ permissions: { draw: false } });
    const fresh = await lesson();
    expect((await student.post(at(fresh.roomId, '/join'))).body).toMatchObject({ permissions: { draw: false } });
    await admin.put('/classroom/roles/student', before.permissions);
    await s.follow();
    expect((await student.get(at(begun.roomId))).body.you.permissions).toMatchObject({ draw: true });
  });
});

describe('lists of rooms', () => {
  it('show overseers all, others theirs, page by page, latest start first', async () => {
    const ids = [await room(teacher, { title: 'p1', scheduledStart: '2027-01-01T10:00:00Z' }), await room(teacher, { title: 'p2', scheduledStart: '2027-01-02T10:00:00Z' }), await room(teacher, { title: 'p3', scheduledStart: '2027-01-03T10:00:00+01:00' })];
    const from = encodeURIComponent('2027-01-01T00:00:00Z');
    const first = (await auditor.get(`/classroom/sessions?from=${from}&limit=2`)).body;
    expect(first.items.map((item: { title: string }) => item.title)).toEqual(['p3', 'p2']);
    expect((await auditor.get(`/classroom/sessions?from=${from}&limit=2&cursor=${first.nextCursor}`)).body).toMatchObject({ items: [{ id: ids[0] }], nextCursor: null });
    expect((await auditor.get(`/classroom/sessions?host=ada&type=group&from=${from}&status=active`)).body.items).toEqual([]);
    expect((await teacher.get(`/classroom/sessions/my?from=${from}`)).body.items).toHaveLength(3);
    expect((await other.get(`/classroom/sessions/my?from=${from}`)).body.items).toEqual([]);
    expect(await student.get('/classroom/sessions')).toMatchObject({ status: 403 });
    expect(await student.get('/classroom/sessions/my?cursor=x')).toMatchObject({ status: 400, body: { code: 'invalidCursor' } });
  });
});

describe('a lesson from before there were rooms', () => {
  it('gets its room from the hourly job', async () => {
    const { body } = await manager.post('/lessons', { title: 'Old', teacherId: 'bob', groupId: 'g1', localStart: '2026-04-02T09:00', zone: 'Europe/Berlin', durationMinutes: 45, provider: 'none' });
    const { roomId } = (await manager.get(`/lessons/${body.id}`)).body;
    expect(await other.get(at(roomId))).toMatchObject({ status: 404 });
    expect(await s.expireStaleRooms()).toMatchObject({ made: 1 });
    expect((await other.get(at(roomId))).body).toMatchObject({ title: 'Old', hostId: 'bob' });
    expect(await s.expireStaleRooms()).toMatchObject({ made: 0 });
  });
});

describe('rooms that everybody left', () => {
  it('expire two hours after their end when nobody started them, and complete half an hour after it when nobody is there', async () => {
    const [unstarted, left, occupied] = [await room(teacher, { title: 'u' }), await room(teacher, { title: 'l' }), await room(teacher, { title: 'o' })];
    for (const one of [left, occupied]) await teacher.post(at(one, '/start'));
    await teacher.post(at(occupied, '/join'));
    const statuses = () => Promise.all([unstarted, left, occupied].map(async (one) => (await teacher.get(at(one))).body.status));
    s.school.clock.pass(60 + 29);
    await s.expireStaleRooms();
    expect(await statuses()).toEqual(['scheduled', 'active', 'active']);
    s.school.clock.pass(1);
    await s.expireStaleRooms();
    expect(await statuses()).toEqual(['scheduled', 'completed', 'active']);
    s.school.clock.pass(90);
    expect(await s.expireStaleRooms()).toMatchObject({ expired: expect.any(Number) });
    expect(await statuses()).toEqual(['expired', 'completed', 'active']);
  });
});

/** A white pixel, RFC 2083. */
const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
};
const crc32 = (bytes: Buffer): number => {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};
const png1x1 = Buffer.concat([
  Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', Buffer.from('00000001000000010802000000', 'hex')), chunk('IDAT', deflateSync(Buffer.from([0, 255, 255, 255]))), chunk('IEND', Buffer.alloc(0)),
]);
