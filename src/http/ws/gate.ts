/** Why a socket is not read: its ticket or room is still being looked up · too fast · the owner has too much to write. */
export type Hold = 'busy' | 'rate' | 'owner';

/**
 * Between a socket and whoever takes its messages. While anything holds it the socket is not read, so that the sender's own TCP waits; what
 * the parser had taken in already (at most one read, 64 KB, or one frame) waits here, in order.
 */
export type Gate = {
  arrived(data: Buffer): void;
  hold(why: Hold): void;
  release(why: Hold): void;
  isHeld(): boolean;
  /** Takes nothing more; the socket is read again, so that its close is seen. */
  close(): void;
};

export function createGate(socket: { pause(): void; resume(): void }, take: (data: Buffer) => void): Gate {
  const holds = new Set<Hold>();
  let backlog: Buffer[] = [];
  let closed = false;
  let emptying = false;

  /** Taking one may hold the gate again, or close it. */
  const empty = (): void => {
    if (emptying) return;
    emptying = true;
    while (holds.size === 0 && !closed) {
      const data = backlog.shift();
      if (data === undefined) break;
      take(data);
    }
    emptying = false;
    if (holds.size === 0) socket.resume();
  };

  return {
    arrived(data) {
      if (closed) return;
      if (holds.size > 0 || emptying || backlog.length > 0) backlog.push(data);
      else take(data);
    },
    hold(why) {
      if (closed) return;
      if (holds.size === 0) socket.pause();
      holds.add(why);
    },
    release(why) {
      if (holds.delete(why) && holds.size === 0) empty();
    },
    isHeld: () => holds.size > 0,
    close() {
      closed = true;
      holds.clear();
      backlog = [];
      socket.resume();
    },
  };
}
