import { createRoomTokens } from '../../src/http/auth/roomTokens.ts';
import { roomTicketRoutes } from '../../src/http/routes/roomTickets.ts';
import { openProcess, type RoomProcess } from '../commands/rooms/support/rooms.ts';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.ts';
import { createRoomTickets } from '../../src/http/ws/tickets.ts';
import { issue, startTestServer } from './support/testServer.ts';

describe('tickets and tokens of a room', () => {
  let database: TestDatabase;
  let rooms: RoomProcess;
  let server: Awaited<ReturnType<typeof startTestServer>>;
  const tokens = createRoomTokens({ secret: 'a secret of the rooms, 32 bytes or more', issuer: 'lectern' });
  beforeAll(async () => {
    database = await createTestDatabase();
    rooms = openProcess({ url: database.url });
    server = await startTestServer(roomTicketRoutes({ pipeline: rooms.pipeline, tickets: createRoomTickets(database.pool), tokens }), { roomTokens: tokens });
  });
  afterAll(async () => {
    await server.stop();
    await rooms.stop();
    await database.drop();
  });
  const post = async (personId: string, path: string, body?: unknown) => server.client.as(await issue(personId, 'student', 60)).post(`/api/v1/classroom/sessions/${path}`, body);
  const device = { deviceId: 'd-1' };

  it('are given to whoever has joined: a ticket for each channel, and a token that says what they are here', async () => {
    const roomId = await rooms.room();
    const issued = await post('student', `${roomId}/ticket`, device);
    expect(issued.status).toBe(201);
    const { tickets, expiresAt } = issued.body as { tickets: Record<string, string>; expiresAt: string };
    expect(Object.keys(tickets)).toEqual(['board', 'webrtc', 'system']);
    expect(new Set(Object.values(tickets)).size).toBe(3);
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(25_000);
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(31_000);
    expect(issued.headers.get('cache-control')).toBe('no-store');
    const renewed = await post('student', `${roomId}/token`);
    expect(renewed.body).toMatchObject({ id: roomId, role: 'student', permissions: { draw: true, edit: 'own', kick: false } });
    expect(tokens.verify((renewed.body as { token: string }).token)).toEqual({ sessionId: roomId, personId: 'student' });
    expect(await post('student', `${roomId}/token`, {})).toMatchObject({ status: 201, body: { id: roomId } }); // an empty body is none
    expect(await post('student', `${roomId}/token`, { role: 'host' })).toMatchObject({ status: 400 });
  });

  it('are given for the token of that very room, too, and not for another\'s', async () => {
    const [roomId, other] = [await rooms.room(), await rooms.room()];
    const { token } = (await post('student', `${roomId}/token`)).body as { token: string };
    const as = server.client.as(token);
    expect((await as.post(`/api/v1/classroom/sessions/${roomId}/ticket`, device)).status).toBe(201);
    expect((await as.post(`/api/v1/classroom/sessions/${roomId}/token`)).status).toBe(201);
    expect((await as.post(`/api/v1/classroom/sessions/${other}/ticket`, device)).status).toBe(403);
  });

  it('are refused to who is not in the room, was taken out, or comes after its end; a token does not change that', async () => {
    const roomId = await rooms.room({ people: ['student', 'other'] });
    const { token } = (await post('other', `${roomId}/token`)).body as { token: string };
    const codeOf = async (personId: string) => (await post(personId, `${roomId}/ticket`, device)).body.code;
    expect(await codeOf('stranger')).toBe('notInRoom');
    expect((await post('student', 'no-such-room/ticket', device)).body.code).toBe('roomNotFound');
    await rooms.command(roomId, 'host', { type: 'kick', personId: 'other', reason: 'noise' });
    expect(await codeOf('other')).toBe('kickedOut');
    expect((await server.client.as(token).post(`/api/v1/classroom/sessions/${roomId}/token`)).body.code).toBe('kickedOut');
    await rooms.command(roomId, 'host', { type: 'complete' });
    expect(await codeOf('student')).toBe('roomEnded');
  });

  it('are in no log line', async () => {
    const roomId = await rooms.room();
    const { tickets } = (await post('student', `${roomId}/ticket`, device)).body as { tickets: Record<string, string> };
    for (const ticket of Object.values(tickets)) expect(server.lines.join('')).not.toContain(ticket);
    expect(server.lines.join('')).toContain('/classroom/sessions/{id}/ticket');
  });
});
