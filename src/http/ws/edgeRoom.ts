import type { Channel } from '../../commands/rooms/protocol/envelope.ts';
import type { CloseCode } from '../../commands/rooms/protocol/closeCodes.ts';
import type { EdgeSide, Lane, OwnerSide, RoomDoor } from '../../commands/rooms/roomLink.ts';
import { framesInShort } from './framesInShort.ts';
import { textFrame } from './textFrame.ts';

/** What a room does with one of its sockets. */
export type Seat = {
  readonly connectionId: string;
  readonly channel: Channel;
  readonly personId: string;
  /** `versions` of lane `ops`: nothing is sent when the socket stands elsewhere, it then reads the log. */
  deliver(frame: Buffer, lane: Lane, versions?: { from: number; to: number }): void;
  hold(isHeld: boolean): void;
  close(code: CloseCode, detail?: string): void;
};

/** The sockets of one room at this edge, and the owner's end of them. */
export type EdgeRoom = {
  readonly roomId: string;
  /** The newest version that this edge heard of; never ahead of what was sent here. */
  version(): number;
  /** At attaching the owner says where the board stands. */
  reached(version: number): void;
  isHeld(): boolean;
  seats: ReadonlyMap<string, Seat>;
  /** Takes a seat in; opens the door for the first. @throws DomainError of the door */
  enter(seat: Seat): Promise<OwnerSide>;
  /** The last one out closes the door. */
  leave(seat: Seat): void;
};

export function createEdgeRoom(roomId: string, door: Pick<RoomDoor, 'open'>, ended: () => void): EdgeRoom {
  const seats = new Map<string, Seat>();
  const byChannel: Record<Channel, Set<Seat>> = { board: new Set(), webrtc: new Set(), system: new Set() };
  let version = 0;
  let held = false;
  let isOver = false;
  let owner: Promise<OwnerSide> | undefined;

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    ended();
  };
  const reached = (to: number): void => {
    if (to > version) version = to;
  };

  const edge: EdgeSide = {
    toOne: (connectionId, frame, lane) => seats.get(connectionId)?.deliver(textFrame(frame), lane),
    toAll({ channel, lane, frame, versions, inShort, without }) {
      const everybodys = textFrame(frame);
      const own = inShort && framesInShort(frame, everybodys, inShort.filter(({ connectionId }) => seats.has(connectionId)));
      const leftOut = without && new Set(without);
      // Before anyone is served: whoever reads the log from here on reads this far.
      if (versions) reached(versions.to);
      for (const seat of byChannel[channel]) {
        if (!leftOut?.has(seat.connectionId)) seat.deliver(own?.get(seat.connectionId) ?? everybodys, lane, versions);
      }
    },
    close: (connectionId, code, detail) => seats.get(connectionId)?.close(code, detail),
    holdReading(hold) {
      held = hold;
      for (const seat of byChannel.board) seat.hold(hold);
    },
    lost() {
      end();
      for (const seat of [...seats.values()]) seat.close(1012);
    },
  };

  /** A door that did not open is tried anew by whoever comes next. */
  const opened = (): Promise<OwnerSide> => {
    const opening = door.open(roomId, edge);
    opening.catch(end);
    return opening;
  };

  return {
    roomId, reached, seats,
    version: () => version,
    isHeld: () => held,
    async enter(seat) {
      seats.set(seat.connectionId, seat);
      byChannel[seat.channel].add(seat);
      owner ??= opened();
      return owner;
    },
    leave(seat) {
      if (!seats.delete(seat.connectionId)) return;
      byChannel[seat.channel].delete(seat);
      if (seats.size > 0) return;
      end();
      void owner?.then((side) => side.close(), () => undefined);
    },
  };
}
