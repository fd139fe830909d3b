import type { Duplex } from 'node:stream';

/**
 * What waits to be read by one socket. Only as much as the socket itself takes (its high-water mark, 64 KB) is handed to it; the rest stays
 * here, as references to buffers that all receivers share, so that a reader who stops costs next to nothing.
 */
export type Outbox = {
  /** Bytes that were pushed and are not yet with the operating system. */
  waiting(): number;
  /** In order, whatever waits: who pushes looks at `waiting()` first. */
  push(frame: Buffer): void;
  /** Resolves once less than this waits, or after `close()`. */
  below(bytes: number): Promise<void>;
  /** Milliseconds since something was last taken; 0 while nothing waits. */
  stuckFor(): number;
  /** Hands on what is small enough to be read before a close, forgets the rest; takes nothing more. */
  close(): void;
};

/** Writes of one turn of the event loop reach each socket as one: corked at the first, uncorked together. */
export type Flush = (uncork: () => void) => void;

export function createFlush(): Flush {
  let waiting: (() => void)[] = [];
  const run = (): void => {
    const now = waiting;
    waiting = [];
    for (const uncork of now) uncork();
  };
  return (uncork) => {
    if (waiting.push(uncork) === 1) process.nextTick(run);
  };
}

/** What a socket that is closed in order still gets. */
const lastWords = 64 * 1024;

/** @param isOpen false once a close frame went either way: after it nothing may be written */
export function createOutbox(wire: Duplex, isOpen: () => boolean, flush: Flush, now: () => number = () => performance.now()): Outbox {
  let queue: Buffer[] = [];
  let head = 0;
  let queued = 0;
  let full = false;
  let corked = false;
  let closed = false;
  let movedAt = now();
  let waiters: { bytes: number; resolve: () => void }[] = [];

  const waiting = (): number => queued + wire.writableLength;
  const uncork = (): void => {
    corked = false;
    wire.uncork();
  };
  const write = (frame: Buffer): void => {
    if (!corked) {
      corked = true;
      wire.cork();
      flush(uncork);
    }
    full = !wire.write(frame);
  };
  const moveOn = (): void => {
    movedAt = now();
    full = false;
    for (let frame = queue[head]; frame !== undefined && !full && isOpen(); frame = queue[head]) {
      head += 1;
      queued -= frame.length;
      write(frame);
    }
    if (head === queue.length) queue = [];
    else if (head > 64) queue = queue.slice(head);
    else return wake();
    head = 0;
    wake();
  };
  const wake = (): void => {
    if (waiters.length === 0) return;
    const bytes = waiting();
    const ready = waiters.filter((waiter) => closed || bytes < waiter.bytes);
    waiters = waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  };
  wire.on('drain', moveOn);

  return {
    waiting,
    push(frame) {
      if (closed || !isOpen()) return;
      if (!full && queued === 0) {
        if (wire.writableLength === 0) movedAt = now();
        return write(frame);
      }
      queue.push(frame);
      queued += frame.length;
    },
    below: (bytes) => (closed || waiting() < bytes ? Promise.resolve() : new Promise((resolve) => void waiters.push({ bytes, resolve }))),
    stuckFor: () => (waiting() === 0 ? 0 : now() - movedAt),
    close() {
      if (closed) return;
      closed = true;
      if (queued <= lastWords && isOpen()) for (const frame of queue.slice(head)) write(frame);
      queue = [];
      head = 0;
      queued = 0;
      wire.off('drain', moveOn);
      wake();
    },
  };
}
