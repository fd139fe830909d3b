import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { HttpApp } from './app.ts';
import { createServer } from './nodeHttp.ts';
import { refuseUpgrade } from './ws/upgrade.ts';

export type ServerSettings = {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** All in milliseconds. How long the headers may take; default 10 s. */
  headersWithinMs?: number;
  /** How long headers and body may take together; default 60 s. */
  requestWithinMs?: number;
  /** How long an idle connection is kept; default 5 s. */
  keepAliveMs?: number;
  /** Connections at once; default 10,000. */
  maxConnections?: number;
};

/** What answers `Upgrade: websocket` (the rooms' sockets, the link between nodes). */
export type Upgrades = {
  /** False: not one of theirs. */
  upgrade(request: IncomingMessage, wire: Duplex, head: Buffer): boolean;
  /** Closes what is open; resolves when all is gone. */
  drain(): Promise<void>;
};

export type DrainSettings = {
  /** Readiness is red, but everything is still served: for load balancers to notice. Default 0. */
  noticeMs?: number;
  /** For requests that are under way; what is left then is cut off. Default 10 s. */
  withinMs?: number;
};

export type HttpServer = {
  server: Server;
  /** @returns the URL, with the port that was taken. Throws EADDRINUSE and the like. */
  listen(): Promise<string>;
  /** Readiness red, no new connections, sockets are closed with 1012, answers finish and close theirs, idle ones go; resolves when all are gone. Once. */
  drain(settings?: DrainSettings): Promise<void>;
};

/** A connection that was used this lately may have a request on its way to us: closing it would lose that request. */
const quietMs = 500;

/**
 * The server around the app, with the limits that keep slow and greedy callers from harming others: a header or body that
 * trickles in is given up (slow loris), headers are at most 16 KB and 100 fields.
 */
export function createHttpServer(http: HttpApp, settings: ServerSettings, upgrades?: Upgrades): HttpServer {
  const server = createServer({
    headersTimeout: settings.headersWithinMs ?? 10_000,
    requestTimeout: settings.requestWithinMs ?? 60_000,
    keepAliveTimeout: settings.keepAliveMs ?? 5_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
    noDelay: true,
  });
  server.maxHeadersCount = 100;
  server.maxConnections = settings.maxConnections ?? 10_000;
  const connections = trackConnections(server);
  server.on('request', http.listener);
  // The body is asked for only once it is wanted: readBody says 100 Continue.
  server.on('checkContinue', http.listener);
  server.on('clientError', refuseBadRequest);
  if (upgrades) {
    server.on('upgrade', (request, wire, head) => {
      // From here on it is no connection of requests: its own side ends it.
      connections.forget(wire);
      if (!upgrades.upgrade(request, wire, head)) refuseUpgrade(wire, 404, 'Not Found');
    });
  }

  let draining: Promise<void> | undefined;
  return {
    server,
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(settings.port, settings.host, () => {
          server.off('error', reject);
          const { port } = server.address() as AddressInfo;
          resolve(`http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`);
        });
      }),
    drain: (how = {}) => (draining ??= drain(http, server, connections, how, upgrades)),
  };
}

async function drain(http: HttpApp, server: Server, connections: Connections, { noticeMs = 0, withinMs = 10_000 }: DrainSettings, upgrades?: Upgrades): Promise<void> {
  http.startDraining();
  if (noticeMs > 0) await pause(noticeMs);
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  const socketsClosed = upgrades?.drain();
  const sweep = setInterval(() => connections.closeQuiet(quietMs), 50);
  const force = setTimeout(() => {
    http.stop();
    server.closeAllConnections();
  }, withinMs);
  await socketsClosed;
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}

type Connections = { closeQuiet(longerThanMs: number): void; forget(wire: Duplex): void };

/** Node's own `close()` shuts idle connections at once, in the face of a request that is on its way; here they first fall silent. */
function trackConnections(server: Server): Connections {
  const open = new Map<Socket, { running: number; quietSince: number }>();
  server.on('connection', (socket) => {
    open.set(socket, { running: 0, quietSince: performance.now() });
    socket.once('close', () => open.delete(socket));
  });
  const began = (request: IncomingMessage, response: ServerResponse): void => {
    const connection = open.get(request.socket);
    if (!connection) return;
    connection.running++;
    response.once('close', () => {
      connection.running--;
      connection.quietSince = performance.now();
    });
  };
  server.prependListener('request', began);
  server.prependListener('checkContinue', began);
  // Called by close(): our own sweep does it gently.
  server.closeIdleConnections = () => undefined;
  return {
    forget: (wire) => void open.delete(wire as Socket),
    closeQuiet: (longerThanMs) => {
      const now = performance.now();
      for (const [socket, { running, quietSince }] of open) if (running === 0 && now - quietSince > longerThanMs) socket.end(() => socket.destroy());
    },
  };
}

const statuses: Readonly<Record<string, [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'headersTooLarge'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'requestTimeout'],
};

/** What is no HTTP, or too slow, never reaches the app; it gets its problem all the same. */
function refuseBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, title, code] = statuses[error.code ?? ''] ?? [400, 'Bad Request', 'invalidRequest'];
  const body = JSON.stringify({ type: `/problems/${code}`, title, status, detail: 'The request could not be read.', instance: '', code, traceId: crypto.randomUUID().replaceAll('-', '') });
  socket.end(`HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
