import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseUpgrade } from '../../../src/http/ws/upgrade.ts';
import { eventually } from '../../support/eventually.ts';

describe('a refused upgrade', () => {
  it('is answered, and its connection let go of though the other side does not go', async () => {
    const wires: Duplex[] = [];
    const server = createServer().on('upgrade', (_request: IncomingMessage, wire: Duplex) => {
      wires.push(wire);
      refuseUpgrade(wire, 403, 'Forbidden');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const lingering = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, allowHalfOpen: true });
    try {
      lingering.on('error', () => undefined).write('GET /x HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      const [answer] = (await once(lingering, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      await eventually(() => wires.length === 1 && wires.every((wire) => wire.destroyed));
    } finally {
      lingering.destroy();
      server.close();
    }
  });
});
