import { START, type Position } from '../../ports/eventStore.ts';

type Waiter = { position: Position; resolve(reached: boolean): void };

/** Who waits for a read model to reach a position, in this process. */
export type PositionSignal = {
  /** @returns true once `reached` says so, false after `timeoutMs`. */
  wait(name: string, position: Position, timeoutMs: number): Promise<boolean>;
  reached(name: string, position: Position): void;
  /** Names that somebody waits for, each with the furthest position. */
  awaited(): { name: string; position: Position }[];
  /** Nobody will be told any more: all waiters get false. */
  close(): void;
};

export function createPositionSignal(): PositionSignal {
  const waiters = new Map<string, Set<Waiter>>();
  let closed = false;
  return {
    wait(name, position, timeoutMs) {
      if (closed) return Promise.resolve(false);
      return new Promise((resolve) => {
        const of = waiters.get(name) ?? new Set<Waiter>();
        waiters.set(name, of);
        const timer = setTimeout(() => waiter.resolve(false), timeoutMs);
        const waiter: Waiter = {
          position,
          resolve(reached) {
            clearTimeout(timer);
            of.delete(waiter);
            resolve(reached);
          },
        };
        of.add(waiter);
      });
    },
    reached(name, position) {
      for (const waiter of waiters.get(name) ?? []) if (waiter.position <= position) waiter.resolve(true);
    },
    awaited: () => [...waiters].filter(([, of]) => of.size > 0).map(([name, of]) => ({ name, position: [...of].reduce((furthest, { position }) => (position > furthest ? position : furthest), START) })),
    close() {
      closed = true;
      for (const of of waiters.values()) for (const waiter of of) waiter.resolve(false);
    },
  };
}
