import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy that loses things on purpose. */
export type CuttingProxy = {
  /** The URL, with the proxy in place of the server. */
  url: string;
  /** Answers are swallowed from now on; requests still reach the server. */
  mute(): void;
  /** Breaks every connection, and lets the next ones through unharmed. */
  cut(): void;
  /** Neither direction moves, and no connection breaks, until `thaw`. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
};

/** @param url of a server, with `host:port` in it */
export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  const place = /\/\/(?:[^@/]*@)?([^:/?]+):(\d+)/.exec(url);
  if (!place) throw new Error('The URL has no host:port.');
  const [, host = '', port = ''] = place;
  let muted = false;
  let frozen = false;
  const pairs = new Set<{ client: Socket; server: Socket; muted: boolean }>();

  const listener: Server = createServer((client) => {
    const server = createConnection({ host, port: Number(port) });
    const pair = { client, server, muted: false };
    pairs.add(pair);
    if (frozen) client.pause();
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on('data', (bytes) => server.write(bytes)).on('error', end).on('close', end);
    server.on('data', (bytes) => muted || client.write(bytes)).on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const own = (listener.address() as AddressInfo).port;

  const cut = () => {
    muted = false;
    for (const { client, server } of [...pairs]) {
      client.resetAndDestroy();
      server.destroy();
    }
    pairs.clear();
  };
  return {
    url: url.replace(`${host}:${port}`, `127.0.0.1:${own}`),
    mute: () => (muted = true),
    cut,
    freeze() {
      frozen = true;
      for (const { client, server } of pairs) [client, server].forEach((socket) => socket.pause());
    },
    thaw() {
      frozen = false;
      for (const { client, server } of pairs) [client, server].forEach((socket) => socket.resume());
    },
    async close() {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
