import { createTestDatabase, type TestDatabase } from '../../support/testDatabase.ts';
import { openProcess, type RoomProcess } from './support/rooms.ts';
import { add, openEdge } from './support/sockets.ts';

describe('a live room', () => {
  let database: TestDatabase;
  let here: RoomProcess;

  beforeAll(async () => {
    database = await createTestDatabase();
    here = openProcess({ url: database.url });
  });
  afterAll(async () => {
    await here.stop();
    await database.drop();
  });

  it('writes what one draws, tells the others in full and the author in short, and acknowledges it', async () => {
    const roomId = await here.room();
    const edge = await openEdge(here.rooms.door, roomId);
    const host = await edge.socket('host');
    const student = await edge.socket('student');
    expect(student.frames[0]).toMatchObject({ t: 'welcome', d: { version: 0, lastSeq: 0, you: { personId: 'student', role: 'student' }, permissions: { draw: true, edit: 'own' } } });

    student.send(add(1, 'one'));
    expect((await host.next('ops')).d).toEqual({
      from: 0,
      groups: [{ version: 1, personId: 'student', clientId: 'tab-student', seq: 1, gestureId: 'g-one', kind: 'ops', ops: [expect.objectContaining({ op: 'shape.add', shape: expect.objectContaining({ id: 'one', author: 'student' }) })] }],
    });
    expect((await student.next('ops')).d).toEqual({ from: 0, groups: [{ version: 1, clientId: 'tab-student', seq: 1 }] });
    expect((await student.next('ack')).d).toEqual({ upTo: 1, version: 1 });

    const [group] = await here.groups(roomId);
    expect(group).toMatchObject({ revision: 0, data: { personId: 'student', seq: 1, roomRevision: expect.any(Number) }, metadata: { actor: { id: 'student', role: 'student' } } });
  });
});
