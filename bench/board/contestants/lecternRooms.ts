import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LecternServer } from './lecternServer.ts';

export type Seat = { roomId: string; token: string };

/** Rooms by the benchmark's names, with a person for each client in them; both are made over HTTP when they are first wanted, and remembered beside the data. */
export type LecternRooms = { seat(room: string, client: number): Promise<Seat>; roomId(room: string): Promise<string>; hostToken(room: string): Promise<string> };

const hour = 3_600_000;

export async function lecternRooms(server: LecternServer, folder: string): Promise<LecternRooms> {
  const file = path.join(folder, 'rooms.json');
  const known = new Map<string, string>(Object.entries(JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, string>));
  const opening = new Map<string, Promise<string>>();
  const admin = await server.tokenOf('admin', 'admin');
  const personOf = (room: string, client: number | 'host') => `${room}-${client}`;
  const register = (personId: string, role: 'teacher' | 'student') => server.call(admin, 'POST', '/api/v1/people', { personId, name: personId, email: `${personId.toLowerCase()}@school.example`, role, timeZone: 'UTC' });

  async function create(room: string): Promise<string> {
    const host = personOf(room, 'host');
    await register(host, 'teacher');
    const token = await server.tokenOf(host, 'teacher');
    const now = Date.now();
    const { id } = await server.call<{ id: string }>(token, 'POST', '/api/v1/classroom/sessions', {
      type: 'group', title: room, hostId: host, maxParticipants: 50, scheduledStart: new Date(now).toISOString(), scheduledEnd: new Date(now + 4 * hour).toISOString(), settings: { hostAbsent: 'carryOn' },
    });
    await server.call(token, 'POST', `/api/v1/classroom/sessions/${id}/join`, {});
    await server.call(token, 'POST', `/api/v1/classroom/sessions/${id}/start`);
    known.set(room, id);
    await writeFile(file, JSON.stringify(Object.fromEntries(known)));
    return id;
  }

  const roomId = (room: string): Promise<string> => {
    const there = known.get(room);
    if (there !== undefined) return Promise.resolve(there);
    const made = opening.get(room) ?? create(room);
    opening.set(room, made);
    return made;
  };
  const hostToken = (room: string) => server.tokenOf(personOf(room, 'host'), 'teacher');
  const seated = new Set<string>();

  return {
    roomId, hostToken,
    async seat(room, client) {
      const id = await roomId(room);
      const person = personOf(room, client);
      const token = await server.tokenOf(person, 'student');
      if (!seated.has(person)) {
        // A person of an earlier server on the same data is known there already.
        await register(person, 'student').catch((error: unknown) => {
          if (!String(error).includes('personExists')) throw error;
        });
        await server.call(await hostToken(room), 'POST', `/api/v1/classroom/sessions/${id}/invite`, { personIds: [person], role: 'student' });
        seated.add(person);
      }
      return { roomId: id, token };
    },
  };
}
