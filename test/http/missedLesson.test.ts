import { startClassroomServer, type ClassroomServer } from './support/classroomServer.ts';

type Client = Awaited<ReturnType<ClassroomServer['client']>>;

let s: ClassroomServer;
let manager: Client, teacher: Client, student: Client, stranger: Client;

beforeAll(async () => {
  s = await startClassroomServer();
  for (const [id, role] of [['ada', 'teacher'], ['stu', 'student'], ['eve', 'student']] as const) await s.person(id, role);
  await s.group('g1', 'stu');
  manager = await s.client('man', 'manager');
  teacher = await s.client('ada', 'teacher');
  student = await s.client('stu', 'student');
  stranger = await s.client('eve', 'student');
});
afterAll(() => s.stop());

const at = (roomId: string, rest = '') => `/classroom/sessions/${roomId}${rest}`;
const roomOf = async (id: string): Promise<string> => (await manager.get(`/lessons/${id}`)).body.roomId;
/** Nobody comes, and the job has expired the room. The clock begins at 09:00 in Berlin. */
const missed = async (localStart: string, passMinutes: number): Promise<{ id: string; roomId: string }> => {
  const { body } = await manager.post('/lessons', { title: 'Optics', teacherId: 'ada', groupId: 'g1', localStart, zone: 'Europe/Berlin', durationMinutes: 45, provider: 'none' });
  await s.follow();
  const roomId = await roomOf(body.id);
  s.school.clock.pass(passMinutes);
  await manager.get(at(roomId)); // the read model has it
  await s.expireStaleRooms();
  expect((await manager.get(at(roomId))).body).toMatchObject({ status: 'expired' });
  return { id: body.id, roomId };
};

describe('a lesson that everybody missed and that is held later', () => {
  it('gets a new room, and what belongs to the lesson belongs to it', async () => {
    const { id, roomId } = await missed('2026-03-02T10:00', 4 * 60); // 13:00
    await s.follow();
    expect(await roomOf(id)).toBe(roomId); // over, not moved: nothing to hold
    await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-02T13:10', zone: 'Europe/Berlin' });
    await s.follow();
    const next = await roomOf(id);
    expect(next).not.toBe(roomId);
    expect((await manager.get(at(next))).body).toMatchObject({ status: 'scheduled', type: 'lesson', lessonId: id, hostId: 'ada', scheduledStart: '2026-03-02T12:10:00.000Z' });
    expect((await manager.get(at(roomId))).body).toMatchObject({ status: 'expired' });
    expect((await teacher.get('/me/lessons')).body.items).toMatchObject([{ id, roomId: next }]);
    expect((await student.get(`/join/${id}`)).headers.get('location')).toBe(`https://school.example/rooms/${next}`);
    expect(await student.post(at(next, '/join'), {})).toMatchObject({ status: 200, body: { role: 'student' } });
    expect(await teacher.post(at(next, '/join'))).toMatchObject({ status: 200, body: { role: 'host' } });
    expect(await stranger.post(at(next, '/join'))).toMatchObject({ status: 403, body: { code: 'notInvited' } });

    // From now on it is the new room that follows the lesson.
    await manager.patch(`/lessons/${id}`, { title: 'Optics II' });
    await s.follow();
    expect((await manager.get(at(next))).body).toMatchObject({ title: 'Optics II' });
    await manager.post(`/lessons/${id}/cancel`, { reason: 'ill' });
    await s.follow();
    expect((await manager.get(at(next))).body.status).toMatch(/^(expired|terminated)$/);
    expect(await roomOf(id)).toBe(next);
  });

  it('gets it from the hourly job when word of the move was lost', async () => {
    const { id, roomId } = await missed('2026-03-02T14:00', 4 * 60); // 17:00
    expect(await s.expireStaleRooms()).toMatchObject({ made: 0 });
    await manager.post(`/lessons/${id}/reschedule`, { localStart: '2026-03-03T10:00', zone: 'Europe/Berlin' });
    await manager.get(`/lessons/${id}`); // the read model has it
    expect(await s.expireStaleRooms()).toMatchObject({ made: 1 });
    expect(await roomOf(id)).not.toBe(roomId);
    expect(await s.expireStaleRooms()).toMatchObject({ made: 0 });
  });
});
