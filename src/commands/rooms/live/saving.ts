import type { Clock } from '../../../ports/clock.ts';
import type { Connections } from './connections.ts';
import { frame } from './frames.ts';

/** What clients show as "not saved". */
export type Saving = {
  /** Something that everything behind it waits for. If it takes longer than `afterMs`, it is told to every board, and again when it is over. One at a time. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Since when, for who comes meanwhile. */
  since(): string | undefined;
};

export function createSaving(connections: Pick<Connections, 'toAll'>, clock: Clock, afterMs: number): Saving {
  let since: string | undefined;
  const tell = (is: string | undefined): void => {
    since = is;
    connections.toAll({ channel: 'board', lane: 'control', frame: frame({ t: 'saving', d: { saving: is !== undefined, ...(is !== undefined && { since: is }) } }) });
  };
  return {
    async during(work) {
      const timer = setTimeout(() => tell(clock.now().toISOString()), afterMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        if (since !== undefined) tell(undefined);
      }
    },
    since: () => since,
  };
}
