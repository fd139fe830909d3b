import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LecternServer } from './lecternServer.ts';

export type Seat = { roomId: string; token: string };

/** Rooms by the benchmark's names, with a person for each client in them; both are made over HTTP when they are first wanted, and remembered beside the data. */
export type LecternRooms = { seat(room: string, client: number): Promise<Seat>; roomId(room: string): Promise<string>; hostToken(room: string): Promise<string> };

type Kept = { rooms: Record<string, string>; people: string[] };

export async function lecternRooms(server: LecternServer, folder: string): Promise<LecternRooms> {
  const file = path.join(folder, 'rooms.json');
  const kept = JSON.parse(await readFile(file, 'utf8').catch(() => '{"rooms":{},"people":[]}')) as Kept;
  const making = new Map<string, Promise<string>>();
  const admin = await server.tokenOf('admin', 'admin');
  const personOf = (room: string, client: number | 'host') => `${room}-${client}`;
  const hostToken = (room: string) => server.tokenOf(personOf(room, 'host'), 'teacher');
  const register = (personId: string, role: 'teacher' | 'student') => server.call(admin, 'POST', '/api/v1/people', { personId, name: personId, email: `${personId.toLowerCase()}@school.example`, role, timeZone: 'UTC' });
  const keep = () => writeFile(file, JSON.stringify(kept));

  async function create(room: string): Promise<string> {
    await register(personOf(room, 'host'), 'teacher');
    const token = await hostToken(room);
    const { id } = await server.call<{ id: string }>(token, 'POST', '/api/v1/classroom/sessions', { type: 'group', title: room, durationMinutes: 240, maxParticipants: 50, settings: { hostAbsence: 'carryOn' } });
    await server.call(token, 'POST', `/api/v1/classroom/sessions/${id}/join`, {});
    await server.call(token, 'POST', `/api/v1/classroom/sessions/${id}/start`);
    kept.rooms[room] = id;
    await keep();
    return id;
  }

  const roomId = (room: string): Promise<string> => {
    const there = kept.rooms[room];
    if (there !== undefined) return Promise.resolve(there);
    const made = making.get(room) ?? create(room);
    making.set(room, made);
    return made;
  };

  return {
    roomId, hostToken,
    async seat(room, client) {
      const id = await roomId(room);
      const person = personOf(room, client);
      if (!kept.people.includes(person)) {
        await register(person, 'student');
        await server.call(await hostToken(room), 'POST', `/api/v1/classroom/sessions/${id}/invite`, { personIds: [person], role: 'student' });
        kept.people.push(person);
        await keep();
      }
      return { roomId: id, token: await server.tokenOf(person, 'student') };
    },
  };
}
