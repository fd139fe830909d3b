import type { Channel as ChannelName } from '../src/commands/rooms/protocol/envelope.ts';
import { connectBoard, type BoardConnection } from './board/connection.ts';
import { Ended } from './channel.ts';
import { createRoomsApi, Problem, type Joined, type RoomsApi, type Tickets } from './http.ts';
import { createRoomToken } from './roomToken.ts';
import { freshId, ownSurroundings, type Surroundings } from './surroundings.ts';
import { connectSystem, type SystemConnection } from './system.ts';
import { connectWebrtc, type WebrtcConnection } from './webrtc/connection.ts';
import { browserPeerConnection, type MakePeerConnection } from './webrtc/peerConnection.ts';

export type OpenRoomOptions = {
  /** Of the server, with or without a path: `https://lessons.school.example`. */
  baseUrl: string;
  roomId: string;
  /** The school's token of this person. It is for coming in; what happens in the room goes with the room's own, which is renewed. */
  token: string;
  accessCode?: string;
  /** The same for all tabs of a device; one call at a time is on one of them. Default: a fresh one. */
  deviceId?: string;
  /** One per tab. */
  clientId?: string;
  surroundings?: Surroundings;
  makePeerConnection?: MakePeerConnection;
};

export type OpenRoom = {
  roomId: string;
  joined: Joined;
  api: RoomsApi;
  board: BoardConnection;
  system: SystemConnection;
  webrtc: WebrtcConnection;
  /** The network is back: what waits for its next try does not wait any longer. */
  nudge(): void;
  /** Closes the sockets; the seat is kept for two minutes. `leave` of the api gives it up at once. */
  close(): void;
};

/** A ticket is good for 30 s; one that lay around for most of that is not worth a try. */
const ticketAgeMs = 20_000;

/**
 * Takes a seat in the room and connects its channels (the call only once `webrtc.join()` is said).
 * @throws Problem when there is no way in
 */
export async function openRoom(options: OpenRoomOptions): Promise<OpenRoom> {
  const { roomId, baseUrl, surroundings = ownSurroundings() } = options;
  const roomToken = createRoomToken(surroundings, () => api.token(roomId));
  const api = createRoomsApi({ baseUrl, bearer: () => options.token, roomBearer: roomToken.now, fetch: surroundings.fetch });
  const join = async (): Promise<Joined> => {
    const answer = await api.join(roomId, options.accessCode);
    roomToken.take(answer.token, answer.expiresAt);
    return answer;
  };
  const joined = await join();
  const take = createTicketBook(async () => {
    try {
      return await api.ticket(roomId, deviceId);
    } catch (error) {
      if (!(error instanceof Problem) || (error.code !== 'notInRoom' && error.status !== 401)) throw error;
      // Away for longer than a seat is kept, or than the room's token is good for (a closed laptop): sit down again.
      if (error.status === 401) roomToken.drop();
      await join();
      return api.ticket(roomId, deviceId);
    }
  }, surroundings.now);
  const deviceId = options.deviceId ?? freshId();

  const address = (channel: ChannelName) => async (): Promise<string> => {
    const ticket = await take(channel).catch((error: unknown) => { throw noWayIn(error) ?? error; });
    const url = new URL(`/ws/classroom/${encodeURIComponent(roomId)}/${channel}`, baseUrl);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('ticket', ticket);
    return url.href;
  };
  const board = connectBoard({
    surroundings, personId: joined.personId, address: address('board'), fetchSnapshot: (url) => api.snapshot(url),
    ...(options.clientId === undefined ? {} : { clientId: options.clientId }),
  });
  const system = connectSystem({
    surroundings, address: address('system'),
    names: async () => new Map((await api.participants(roomId)).items.map(({ personId, name }) => [personId, name])),
  });
  const webrtc = connectWebrtc({ surroundings, address: address('webrtc'), makePeerConnection: options.makePeerConnection ?? browserPeerConnection });
  // One server is at the other end of all: when it is silent here, the board's line is dead as well.
  system.on('silent', () => { if (board.channel.state().is === 'open') board.channel.again(); });
  system.on('tokenRefresh', roomToken.renew);
  // Who waits to be let in hears of it on the system's socket; the board is closed to them until then.
  if (!joined.waiting) board.channel.open();
  system.on('people', (people) => { if (people.get(joined.personId)?.waiting === false) board.channel.open(); });
  system.channel.open();

  return {
    roomId, joined, api, board, system, webrtc,
    nudge() {
      for (const { channel } of [board, system, webrtc]) channel.nudge();
    },
    close() {
      webrtc.leave();
      board.channel.close();
      system.channel.close();
      roomToken.close();
    },
  };
}

/** One request brings a ticket for each channel: three that connect in the same moment ask once. */
function createTicketBook(ask: () => Promise<Tickets>, now: () => number): (channel: ChannelName) => Promise<string> {
  let book: Partial<Record<ChannelName, string>> = {};
  let writtenAt = 0;
  let asking: Promise<void> | undefined;
  return async (channel) => {
    for (;;) {
      const ticket = now() - writtenAt < ticketAgeMs ? book[channel] : undefined;
      delete book[channel];
      if (ticket !== undefined) return ticket;
      asking ??= ask().then(({ tickets }) => {
        book = { ...tickets };
        writtenAt = now();
      }).finally(() => { asking = undefined; });
      await asking;
    }
  };
}

/** The close code that says the same, for refusals that asking again does not change. */
function noWayIn(error: unknown): Ended | undefined {
  if (!(error instanceof Problem)) return undefined;
  switch (error.status) {
    case 401: return new Ended(4401, error.message);
    case 403: return new Ended(4403, error.message);
    case 404: return new Ended(4404, error.message);
    case 409: case 410: return new Ended(error.code === 'roomEnded' ? 4410 : 4403, error.message);
    default: return undefined;
  }
}
