import { LRUCache } from 'lru-cache';
import { atMost } from '../../../domain/kernel/atMost.ts';

/** What became of a group that left no trace in the log: it did nothing, or it was refused for this reason. */
export type Undone = { kind: 'noop' } | { kind: 'rejected'; code: string };

/**
 * Remembers them while the room is open, so that a client whose answer was lost with its socket still hears it: without this its
 * repeat would be acknowledged like one that is in the log. Across owners nobody remembers: there the repeat is decided anew.
 */
export type UndoneGroups = {
  note(personId: string, clientId: string, seq: number, undone: Undone): void;
  find(personId: string, clientId: string, seq: number): Undone | undefined;
};

const most = 4_096;

export function createUndoneGroups(): UndoneGroups {
  const kept = new LRUCache<string, Undone>(atMost(most));
  const keyOf = (personId: string, clientId: string, seq: number): string => `${clientId}\n${seq}\n${personId}`;
  return {
    note: (personId, clientId, seq, undone) => void kept.set(keyOf(personId, clientId, seq), undone),
    find: (personId, clientId, seq) => kept.get(keyOf(personId, clientId, seq)),
  };
}
