import type { Op } from '../src/domain/board/ops.ts';
import type { Channel } from '../src/commands/rooms/protocol/envelope.ts';

/** A refusal of the API: RFC 9457. `code` is stable; status 0: nobody answered. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

export type RoomRole = 'host' | 'student' | 'viewer' | 'solo';
export type RoomView = {
  id: string; title: string; type: string; status: string; revision: number; hostId: string; lessonId: string | null;
  scheduledStart: string; scheduledEnd: string; maxParticipants: number;
};
/** `waiting`: the host has to let this person in first. */
export type Joined = { token: string; expiresAt: string; waiting: boolean; role: RoomRole; personId: string };
export type Tickets = { tickets: Record<Channel, string>; expiresAt: string };
export type UploadedImage = { sha256: string; width: number; height: number };

export type RoomsApi = ReturnType<typeof createRoomsApi>;

/**
 * The room endpoints, typed. Each throws Problem.
 * @param options `bearer`: the school's token, asked for at every call; `roomBearer`: the room's, for what is asked inside of it, where there is one
 */
export function createRoomsApi(options: { baseUrl: string; bearer(): string | undefined; roomBearer?(): string | undefined; fetch?: typeof fetch }) {
  const ask = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const rooms = '/api/v1/classroom/sessions';
  const json = { 'content-type': 'application/json' };

  const request = async (method: string, path: string, body?: string | Blob, headers: Record<string, string> = {}, ofSchool = false): Promise<Response> => {
    const bearer = (ofSchool ? undefined : options.roomBearer?.()) ?? options.bearer();
    const url = new URL(path, options.baseUrl);
    if (url.origin !== new URL(options.baseUrl).origin) throw new Problem(0, 'foreignAddress', 'That is not on this server; a token goes nowhere else.');
    let response: Response;
    try {
      response = await ask(url, { method, headers: { ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }), ...headers }, ...(body === undefined ? {} : { body }) });
    } catch {
      throw new Problem(0, 'noAnswer', 'The server cannot be reached.');
    }
    if (response.ok) return response;
    const problem: unknown = await response.json().catch(() => undefined);
    const { code, detail } = (typeof problem === 'object' && problem !== null ? problem : {}) as { code?: string; detail?: string };
    throw new Problem(response.status, code ?? 'unknown', detail ?? response.statusText);
  };
  const get = async <T>(path: string): Promise<T> => (await request('GET', path)).json() as Promise<T>;
  /** A command is repeated under one key when its answer was lost: it is done once. */
  const command = async <T>(method: string, path: string, body: unknown = {}, ofSchool = false): Promise<T> => {
    const headers = { ...json, 'idempotency-key': crypto.randomUUID() };
    const once = (): Promise<Response> => request(method, path, JSON.stringify(body), headers, ofSchool);
    const response = await once().catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'noAnswer') return once();
      throw error;
    });
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
  const at = (roomId: string, rest = ''): string => `${rooms}/${encodeURIComponent(roomId)}${rest}`;
  const act = (verb: string) => (roomId: string): Promise<unknown> => command('POST', at(roomId, `/${verb}`));

  return {
    read: (roomId: string) => get<RoomView>(at(roomId)),
    my: async () => (await request('GET', `${rooms}/my`, undefined, {}, true)).json() as Promise<{ items: RoomView[] }>,
    createSolo: (title: string) => command<{ id: string }>('POST', `${rooms}/solo`, { title }, true),
    join: (roomId: string, accessCode?: string) => command<Joined>('POST', at(roomId, '/join'), accessCode === undefined ? {} : { accessCode }, true),
    token: async (roomId: string) => (await request('POST', at(roomId, '/token'))).json() as Promise<{ token: string; expiresAt: string }>,
    ticket: async (roomId: string, deviceId: string) => (await request('POST', at(roomId, '/ticket'), JSON.stringify({ deviceId }), json)).json() as Promise<Tickets>,
    leave: act('leave'), start: act('start'), pause: act('pause'), resume: act('resume'), complete: act('complete'), save: act('save'),
    terminate: (roomId: string, reason: string) => command('POST', at(roomId, '/terminate'), { reason }),
    kick: (roomId: string, personId: string, reason?: string) => command('POST', at(roomId, `/kick/${encodeURIComponent(personId)}`), reason === undefined ? {} : { reason }),
    admit: (roomId: string, personId: string) => command('POST', at(roomId, '/admit'), { personId }),
    changeRole: (roomId: string, personId: string, role: RoomRole) => command('PUT', at(roomId, `/participants/${encodeURIComponent(personId)}/role`), { role }),
    media: (roomId: string, media: { video?: boolean; audio?: boolean; screen?: boolean }) => command('POST', at(roomId, '/media'), media),
    uploadImage: async (roomId: string, image: Blob): Promise<UploadedImage> =>
      (await request('POST', at(roomId, '/images'), image, { 'content-type': image.type, 'idempotency-key': crypto.randomUUID() })).json() as Promise<UploadedImage>,
    image: async (roomId: string, sha256: string): Promise<Blob> => (await request('GET', at(roomId, `/images/${sha256}`))).blob(),
    participants: (roomId: string) => get<{ items: { personId: string; name: string; role: RoomRole; status: string }[] }>(at(roomId, '/participants')),
    /** Newest first. */
    snapshots: (roomId: string, limit: number) => get<{ items: { version: number; takenAt: string }[] }>(at(roomId, `/snapshots?limit=${limit}`)),
    snapshotOf: (roomId: string, version: number) => request('GET', at(roomId, `/snapshots/${version}`)),
    /** The groups after version `from`, and where the next ones begin; null: these were all. */
    ops: (roomId: string, from: number) => get<{ groups: { version: number; personId: string; ops: Op[] }[]; next: number | null }>(at(roomId, `/ops?from=${from}&limit=1000`)),
    /** `url`: as `welcome` and `reset` have it. */
    snapshot: (url: string) => request('GET', url),
    exported: async (roomId: string, format: 'svg' | 'png' | 'json', page: string): Promise<Blob> =>
      (await request('GET', at(roomId, `/export?format=${format}&page=${encodeURIComponent(page)}`))).blob(),
  };
}
