import type { Duplex } from 'node:stream';

/**
 * Browsers always say where a page came from, and cannot be made to lie about it (RFC 6455, section 10.2); other programs say nothing and
 * are let through, their ticket decides. Compared whole; `null` is never on the list.
 */
export const isAllowedOrigin = (origin: string | undefined, origins: readonly string[]): boolean => origin === undefined || origins.includes(origin);

/** The page's own origins: where people reach the server, and on the loopback all of its names. */
export function ownOrigins(publicUrl: string): string[] {
  const { origin, protocol, hostname, port } = new URL(publicUrl);
  const loopback = ['127.0.0.1', 'localhost', '[::1]'];
  if (!loopback.includes(hostname)) return [origin];
  return loopback.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`);
}

/** Before there is a socket: an answer of HTTP, and the connection ends, also when the other side keeps its half open: HTTP's own timeouts let go of it at the upgrade. */
export function refuseUpgrade(wire: Duplex, status: number, title: string): void {
  wire.on('error', () => undefined);
  if (!wire.writable) return void wire.destroy();
  wire.once('finish', () => wire.destroy());
  wire.end(`HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
