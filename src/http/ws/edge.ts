import type { limits } from '../../commands/rooms/protocol/closeCodes.ts';
import type { Channel } from '../../commands/rooms/protocol/envelope.ts';
import type { Log } from '../observe/logs.ts';
import type { EdgeRoom } from './edgeRoom.ts';
import type { LogPages } from './logPages.ts';
import type { Flush } from './outbox.ts';
import type { SocketMetrics } from './socketMetrics.ts';
import type { RoomTickets } from './tickets.ts';

/** The published limits, and what only the edge knows. A test may tighten them. */
export type EdgeLimits = { readonly [Name in keyof typeof limits]: number } & {
  /** For the other side's half of the closing; then the connection is cut. */
  closeWithinMs: number;
  /** For looking at a ticket, and again for the owner to take a socket in; nothing is read meanwhile, so nothing else would end it. */
  attachWithinMs: number;
  /** How often timers are looked at. */
  sweepMs: number;
  /** What waits for a socket on lane `control` alone never comes near this: then it is gone, too. */
  mostWaitingBytes: number;
  /** The room token of whoever stays this long wants renewing. */
  tokenRefreshMs: number;
};

/** What all sockets of this process share. */
export type Edge = {
  limits: EdgeLimits;
  redeem: RoomTickets['redeem'];
  /** As the directory has them; undefined: it does not know them. */
  personOf(personId: string): Promise<{ name: string; active: boolean } | undefined>;
  /** The room at this edge, made when it is the first socket's. Undefined: its sockets are too many, or this person's. */
  roomFor(roomId: string, personId: string, channel: Channel): EdgeRoom | undefined;
  pages: LogPages;
  /** Version of the newest snapshot that there is of a board. */
  newestSnapshot(roomId: string): Promise<number | undefined>;
  snapshotUrl(roomId: string, version: number): string;
  metrics: SocketMetrics;
  log: Log;
  flush: Flush;
  /** Milliseconds, only forwards. */
  now(): number;
};
