import type { CommandContext } from '../pipeline/context.ts';
import type { CloseCode } from './protocol/closeCodes.ts';
import type { BoardFromClient } from './protocol/board.ts';
import type { Channel } from './protocol/envelope.ts';
import type { SystemFromClient } from './protocol/system.ts';
import type { WebrtcFromClient } from './protocol/webrtc.ts';

/*
 * How an edge (the process with the sockets) and the owner (the one process that writes the room) talk. Everything that crosses is a
 * plain JSON value, so that the call in one process and the WebSocket between two are the same thing, and one suite tests both.
 *
 *   edge                                   owner
 *   door.open(roomId, edgeSide)  ───────▶  one OwnerSide per edge and room
 *   attach · receive · detach    ───────▶
 *                                ◀───────  toOne · toAll · close · holdReading · lost
 */

/** A socket, as the owner knows it. */
export type ConnectionInfo = {
  /** The edge's own, unique for ever. */
  connectionId: string;
  channel: Channel;
  personId: string;
  /** As the directory has it, for people lists. */
  name: string;
  deviceId: string;
};

/** What the socket opens with. Only board has one. */
export type Hello = { clientId: string; lastVersion: number; ackedSeq: number };

/**
 * How a frame may be treated when a socket is slow. `ops`: may be left out and caught up from the log by its versions · `ephemeral`: may be
 * dropped, the newest wins · `control`: always sent, in order.
 */
export type Lane = 'ops' | 'ephemeral' | 'control';

export type Refused = { ok: false; code: CloseCode; detail?: string };

/** `frames` go to this socket first, in order. `version`: the board's at the moment from which live `ops` reach this edge: what lies between the client's version and it, the edge reads from the log. */
export type Attached = {
  ok: true;
  version: number;
  frames: string[];
  /** The newest snapshot there is, at or below `version`; the edge decides between tail and snapshot. */
  snapshot?: { version: number };
};

export type FromClient = BoardFromClient | WebrtcFromClient | SystemFromClient;

/** The owner, as one edge sees it for one room. */
export type OwnerSide = {
  attach(connection: ConnectionInfo, hello?: Hello): Promise<Attached | Refused>;
  /** Messages that the channel's schema has checked; in order per socket. `bytes`: of the frame; what waits to be written is counted by it. Never throws; answers come as frames. */
  receive(connectionId: string, message: FromClient, bytes: number): void;
  detach(connectionId: string): void;
  /** The edge has no sockets left in this room. */
  close(): void;
};

export type Broadcast = {
  channel: Channel;
  lane: Lane;
  frame: string;
  /** Lane `ops`: the versions in it. A socket that stands at `from` stands at `to` afterwards. */
  versions?: { from: number; to: number };
  /** In the order of the frame. The edge encodes the frame once, and cuts what authors get out of that. */
  inShort?: readonly InShort[];
  /** These sockets get nothing. */
  without?: readonly string[];
};

/** For this socket (a group of its own) `text` stands in the frame instead of what is there from `from` to before `to`, in UTF-16 units as a string counts. */
export type InShort = { connectionId: string; from: number; to: number; text: string };

/** One edge, as the owner sees it for one room. None of these throws, or waits. */
export type EdgeSide = {
  toOne(connectionId: string, frame: string, lane: Lane): void;
  toAll(broadcast: Broadcast): void;
  close(connectionId: string, code: CloseCode, detail?: string): void;
  /** True: read no board socket of this room until told otherwise (too much waits to be written). */
  holdReading(hold: boolean): void;
  /** This owner is no more; every socket of the room is closed with 1012 by the edge. */
  lost(): void;
};

/** A room command over HTTP (or from a job), carried to the owner: `name` and `input` as src/commands/rooms/ defines them. */
export type RoomCommand = { name: string; input: unknown };
export type RoomCommandAnswer = { id: string; revision: number; position: string; result?: unknown };

/** The way to a room, wherever its owner is. A room without an owner gets one: this process. */
export type RoomDoor = {
  /** @throws DomainError `roomUnavailable` when no owner can be had right now */
  open(roomId: string, edge: EdgeSide): Promise<OwnerSide>;
  /** Runs in the room's queue, behind its barrier. @throws DomainError the refusal; `roomUnavailable` */
  execute(roomId: string, command: RoomCommand, context: CommandContext, options?: { ifMatch?: number }): Promise<RoomCommandAnswer>;
};

/** The way to a room that another process owns. */
export type NodeLink = {
  /** @throws DomainError `notOwner` (it is not that process's room, or no longer) · `roomUnavailable` (that process cannot be reached) */
  open(nodeUrl: string, roomId: string, edge: EdgeSide): Promise<OwnerSide>;
  /** @throws DomainError the refusal; `notOwner`, `roomUnavailable` as above · EventStoreError `unknownOutcome` when the answer was lost: the command may have been carried out */
  execute(nodeUrl: string, roomId: string, command: RoomCommand, context: CommandContext, options?: { ifMatch?: number }): Promise<RoomCommandAnswer>;
};
