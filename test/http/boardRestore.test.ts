import { auditRooms } from '../../src/projections/audit/auditRooms.ts';
import { startClassroomServer, type ClassroomServer } from './support/classroomServer.ts';

type Client = Awaited<ReturnType<ClassroomServer['client']>>;

const rectangle = (id: string) => ({
  op: 'shape.add', shape: { id, type: 'rectangle', page: 'page-1', layer: 'layer-1', x: 10, y: 20, rotation: 0, scale: 1, z: 'a0', style: { color: '#112233', width: 3 }, locked: false, width: 5, height: 5 },
});

describe('restoring a board without a seat', () => {
  let s: ClassroomServer;
  let admin: Client, teacher: Client, other: Client, manager: Client;
  beforeAll(async () => {
    s = await startClassroomServer();
    for (const [id, role] of [['ada', 'teacher'], ['bob', 'teacher'], ['boss', 'admin'], ['man', 'manager']] as const) await s.person(id, role);
    [admin, teacher, other, manager] = await Promise.all([s.client('boss', 'admin'), s.client('ada', 'teacher'), s.client('bob', 'teacher'), s.client('man', 'manager')]);
  });
  afterAll(() => s.stop());

  const at = (roomId: string, rest = '') => `/classroom/sessions/${roomId}${rest}`;
  async function drawn(): Promise<string> {
    const roomId: string = (await teacher.post('/classroom/sessions', { title: 'Open evening' })).body.id;
    await teacher.post(at(roomId, '/join'));
    for (const id of ['s-1', 's-2']) await s.draw(roomId, 'ada', rectangle(id));
    return roomId;
  }

  it('is an admin\'s, is told as theirs, and stands in the audit', async () => {
    const roomId = await drawn();
    expect(await admin.post(at(roomId, '/snapshots/1/restore'))).toMatchObject({ status: 200, body: { id: roomId, version: 3 } });
    expect((await teacher.get(at(roomId, '/board'))).body).toMatchObject({ version: 3, pages: [{ shapes: [{ id: 's-1', author: 'ada' }] }] });
    const words = (await teacher.get(at(roomId, '/timeline'))).body.items.map((item: { words: string }) => item.words);
    expect(words).toContain('The board of version 1 was restored by boss of the school (version 3)');
    expect(await auditRooms(s.school.log)).toMatchObject({ ok: true, findings: [], groups: 3 });
  });

  it('is nobody else\'s', async () => {
    const roomId = await drawn();
    for (const client of [other, manager]) expect(await client.post(at(roomId, '/snapshots/1/restore'))).toMatchObject({ status: 409, body: { code: 'notInRoom' } });
    expect((await teacher.get(at(roomId, '/board'))).body).toMatchObject({ version: 2 });
  });

  it('ends with the room, and finds neither rooms nor versions that are not there', async () => {
    const roomId = await drawn();
    expect(await admin.post(at(roomId, '/snapshots/9/restore'))).toMatchObject({ status: 404, body: { code: 'boardVersionNotFound', details: { version: 2 } } });
    expect(await admin.post(at(crypto.randomUUID(), '/snapshots/1/restore'))).toMatchObject({ status: 404, body: { code: 'roomNotFound' } });
    await teacher.post(at(roomId, '/terminate'), { reason: 'over' });
    expect(await admin.post(at(roomId, '/snapshots/1/restore'))).toMatchObject({ status: 409, body: { code: 'roomEnded', details: { status: 'terminated' } } });
  });
});
