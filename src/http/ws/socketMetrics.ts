import { Counter, Gauge, type Registry } from 'prom-client';
import { channels, type Channel } from '../../commands/rooms/protocol/envelope.ts';

/** What the sockets report. */
export type SocketMetrics = {
  opened(channel: Channel): void;
  closed(channel: Channel, code: number): void;
  received(channel: Channel): void;
  sent(channel: Channel, bytes: number): void;
  /** `ephemeral` from the server to a slow socket, `tooFast` from a client over its rate. */
  dropped(why: 'ephemeral' | 'tooFast'): void;
  caughtUp(because: 'resume' | 'slow' | 'sync'): void;
};

/** Labels are bound once: binding costs more than counting, and frames are counted by the thousand. */
export function createSocketMetrics(registry: Registry): SocketMetrics {
  const registers = [registry];
  const open = new Gauge({ name: 'lectern_sockets', help: 'Open sockets of lesson rooms by channel.', labelNames: ['channel'], registers });
  const codes = new Counter({ name: 'lectern_socket_closes_total', help: 'Closed sockets by channel and close code.', labelNames: ['channel', 'code'], registers });
  const frames = new Counter({ name: 'lectern_socket_frames_total', help: 'Frames on sockets by channel and direction.', labelNames: ['channel', 'direction'], registers });
  const bytes = new Counter({ name: 'lectern_socket_sent_bytes_total', help: 'Bytes of frames sent.', labelNames: ['channel'], registers });
  const drops = new Counter({ name: 'lectern_socket_drops_total', help: 'Ephemeral frames that were dropped: to a slow socket, or from one over its rate.', labelNames: ['why'], registers });
  const catchUps = new Counter({ name: 'lectern_socket_catch_ups_total', help: 'Boards that a socket was caught up on from the log.', labelNames: ['because'], registers });

  const of = <T>(make: (channel: Channel) => T): Record<Channel, T> => Object.fromEntries(channels.map((channel) => [channel, make(channel)])) as Record<Channel, T>;
  const opens = of((channel) => open.labels(channel));
  const ins = of((channel) => frames.labels(channel, 'in'));
  const outs = of((channel) => frames.labels(channel, 'out'));
  const outBytes = of((channel) => bytes.labels(channel));
  for (const channel of channels) opens[channel].set(0);
  return {
    opened: (channel) => opens[channel].inc(),
    closed(channel, code) {
      opens[channel].dec();
      codes.labels(channel, String(code)).inc();
    },
    received: (channel) => ins[channel].inc(),
    sent(channel, size) {
      outs[channel].inc();
      outBytes[channel].inc(size);
    },
    dropped: (why) => drops.labels(why).inc(),
    caughtUp: (because) => catchUps.labels(because).inc(),
  };
}
