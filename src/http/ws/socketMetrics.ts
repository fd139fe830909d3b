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

type Traffic = Record<Channel, { in: number; out: number; outBytes: number }>;

/** Frames come by the thousand and a scrape twice a minute: frames are counted in plain numbers, which the scrape takes over. */
export function createSocketMetrics(registry: Registry): SocketMetrics {
  const registers = [registry];
  const open = new Gauge({ name: 'lectern_sockets', help: 'Open sockets of lesson rooms by channel.', labelNames: ['channel'], registers });
  const codes = new Counter({ name: 'lectern_socket_closes_total', help: 'Closed sockets by channel and close code.', labelNames: ['channel', 'code'], registers });
  const traffic = Object.fromEntries(channels.map((channel) => [channel, { in: 0, out: 0, outBytes: 0 }])) as Traffic;
  void new Counter({
    name: 'lectern_socket_frames_total', help: 'Frames on sockets by channel and direction.', labelNames: ['channel', 'direction'], registers,
    collect() {
      this.reset();
      for (const channel of channels) for (const direction of ['in', 'out'] as const) this.inc({ channel, direction }, traffic[channel][direction]);
    },
  });
  void new Counter({
    name: 'lectern_socket_sent_bytes_total', help: 'Bytes of frames sent.', labelNames: ['channel'], registers,
    collect() {
      this.reset();
      for (const channel of channels) this.inc({ channel }, traffic[channel].outBytes);
    },
  });
  const drops = new Counter({ name: 'lectern_socket_drops_total', help: 'Ephemeral frames that were dropped: to a slow socket, or from one over its rate.', labelNames: ['why'], registers });
  const catchUps = new Counter({ name: 'lectern_socket_catch_ups_total', help: 'Boards that a socket was caught up on from the log.', labelNames: ['because'], registers });

  const of = <T>(make: (channel: Channel) => T): Record<Channel, T> => Object.fromEntries(channels.map((channel) => [channel, make(channel)])) as Record<Channel, T>;
  const opens = of((channel) => open.labels(channel));
  for (const channel of channels) opens[channel].set(0);
  return {
    opened: (channel) => opens[channel].inc(),
    closed(channel, code) {
      opens[channel].dec();
      codes.labels(channel, String(code)).inc();
    },
    received: (channel) => void (traffic[channel].in += 1),
    sent(channel, size) {
      const of = traffic[channel];
      of.out += 1;
      of.outBytes += size;
    },
    dropped: (why) => drops.labels(why).inc(),
    caughtUp: (because) => catchUps.labels(because).inc(),
  };
}
