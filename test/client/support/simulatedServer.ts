import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type WebSocket } from 'ws';
import { createSimulatedRoom } from './simulatedRoom.ts';

/*
 * The page with a room behind it that lives in memory: for working on the page, and for looking at it. `node test/client/support/simulatedServer.ts`
 * prints an address; the token is the name of whoever comes, `host` is the teacher.
 */
const dist = fileURLToPath(new URL('../../../web/dist/', import.meta.url));
const types: Readonly<Record<string, string>> = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', ttf: 'font/ttf' };

type Person = { personId: string; name: string; role: string; status: string; handRaised: boolean; video: boolean; audio: boolean; screen: boolean; joinedAt: string; waiting: boolean };

export async function startSimulatedServer(port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const room = createSimulatedRoom({ commitAtOnce: true, tailGroups: 2_000, role: (id) => (id === 'host' ? 'host' : 'student') });
  const people = new Map<string, Person>();
  const images = new Map<string, Buffer>();
  const chat: unknown[] = [];
  const sockets = new Map<WebSocket, { channel: string; personId: string; peerId: string; joined?: boolean; media?: unknown }>();
  let status = 'active';
  let next = 0;

  const tell = (channel: string, frame: unknown, except?: WebSocket): void => {
    for (const [socket, one] of sockets) if (one.channel === channel && socket !== except) socket.send(JSON.stringify(frame));
  };
  const statusFrame = () => ({ t: 'status', d: { roomId: 'demo', status, revision: 1, hostId: 'host', hostAbsent: false, locked: false, startedAt: new Date().toISOString(), people: [...people.values()], chat } });
  const peersFor = (socket: WebSocket) => {
    const me = sockets.get(socket);
    const others = [...sockets].filter(([other, one]) => other !== socket && one.joined).map(([, { peerId, personId, media }]) => ({ peerId, personId, name: people.get(personId)?.name, publisher: true, polite: (me?.peerId ?? '') > peerId, mediaState: media }));
    return { t: 'peers', d: { you: me?.peerId, publisher: true, peers: others, iceServers: [], maxPublishers: 6 } };
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    const personId = (request.headers.authorization ?? '').replace('Bearer ', '');
    const json = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    const file = /^\/rooms\/(assets\/[\w.-]+)$/.exec(pathname)?.[1] ?? (/^\/rooms\/[\w-]+$/.test(pathname) ? 'room.html' : undefined);
    if (file) return void response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? '').end(await readFile(dist + file));
    if (pathname.startsWith('/snapshots/')) return void response.setHeader('content-encoding', 'gzip').end(room.snapshotBody(Number(pathname.split('/').at(-1))));
    const body = Buffer.concat(await request.toArray());
    const [, verb = '', more = ''] = /^\/api\/v1\/classroom\/sessions\/[^/]+(?:\/([^/]+)(?:\/(.+))?)?$/.exec(pathname) ?? [];
    switch (verb) {
      case '': return json({ id: 'demo', title: 'Optics, 9 B', status });
      case 'join': {
        const name = personId === 'host' ? 'Olena Koval' : personId;
        people.set(personId, people.get(personId) ?? { personId, name, role: personId === 'host' ? 'host' : 'student', status: 'connected', handRaised: false, video: false, audio: false, screen: false, joinedAt: new Date().toISOString(), waiting: false });
        tell('system', statusFrame());
        return json({ token: personId, expiresAt: '', waiting: false, role: personId === 'host' ? 'host' : 'student', personId });
      }
      case 'ticket': return json({ tickets: Object.fromEntries(['board', 'webrtc', 'system'].map((channel) => [channel, personId])), expiresAt: '' });
      case 'start': case 'resume': status = 'active'; break;
      case 'pause': status = 'paused'; break;
      case 'complete': status = 'completed'; break;
      case 'kick': {
        const who = decodeURIComponent(more);
        people.delete(who);
        for (const [socket, one] of sockets) if (one.personId === who) socket.close(4100);
        break;
      }
      case 'images': {
        if (request.method === 'GET') return void response.end(images.get(more));
        const sha256 = createHash('sha256').update(body).digest('hex');
        images.set(sha256, body);
        return json({ sha256, width: 320, height: 200 });
      }
    }
    tell('system', statusFrame());
    json({});
  };

  const server = createServer((request, response) => void answer(request, response));
  const sockets_ = new WebSocketServer({ server, handleProtocols: () => 'lectern.room.v1' });
  sockets_.on('connection', (socket, request) => {
    const url = new URL(request.url ?? '/', 'http://x');
    const channel = url.pathname.split('/').at(-1) ?? '';
    const personId = url.searchParams.get('ticket') ?? '';
    const me = { channel, personId, peerId: `peer-${next++}` };
    sockets.set(socket, me);
    const line = channel === 'board' ? room.connect(personId, { send: (frame) => socket.send(JSON.stringify(frame)), close: (code) => socket.close(code) }) : undefined;
    if (channel === 'system') socket.send(JSON.stringify(statusFrame()));
    socket.on('close', () => {
      sockets.delete(socket);
      line?.gone();
      if (channel === 'webrtc') tell('webrtc', { t: 'leave', d: { from: me.peerId, reason: 'gone' } });
    });
    socket.on('message', (data: Buffer) => {
      const { t, d } = JSON.parse(data.toString()) as { t: string; d: never };
      if (line) return line.receive({ t, d });
      const one = people.get(personId);
      const entry = sockets.get(socket);
      if (!one || !entry) return;
      const said = d as { text: string; raised: boolean; to: string };
      if (t === 'chat') {
        const words = { id: String(next++), personId, name: one.name, text: said.text, at: new Date().toISOString() };
        chat.push(words);
        return tell('system', { t: 'chat', d: words });
      }
      if (t === 'raiseHand') {
        one.handRaised = said.raised;
        return tell('system', { t: 'participant', d: one });
      }
      if (t === 'follow') return tell('system', { t: 'follow', d: { from: personId, view: d } }, socket);
      if (t === 'join' && channel === 'webrtc') {
        entry.joined = true;
        entry.media = (d as { mediaState: unknown }).mediaState;
        for (const [other, { joined }] of sockets) if (joined) other.send(JSON.stringify(peersFor(other)));
      }
      if (['offer', 'answer', 'ice'].includes(t)) for (const [other, { peerId }] of sockets) if (peerId === said.to) other.send(JSON.stringify({ t, d: { ...(d as object), from: entry.peerId } }));
      if (t === 'mediaState') tell('webrtc', { t, d: { ...(d as object), from: entry.peerId } }, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets.keys()) socket.terminate();
      await new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); });
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`${(await startSimulatedServer(Number(process.env['PORT'] ?? 0))).url}/rooms/demo#token=host`);
