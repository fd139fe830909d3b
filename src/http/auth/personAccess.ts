import { LRUCache } from 'lru-cache';
import { atMost } from '../../domain/kernel/atMost.ts';
import type { Role } from '../../domain/kernel/fields.ts';

/** What the directory says of a person; undefined when it does not know them (then the token's word counts). */
export type KnownPerson = { role: Role; active: boolean };

export type PersonAccess = {
  /** At once when known well enough. Throws what the lookup throws when nothing is known at all. */
  of(personId: string): KnownPerson | undefined | Promise<KnownPerson | undefined>;
  /** The directory has just changed in this process. */
  learn(personId: string, person: KnownPerson | undefined): void;
};

type Remembered = { person: KnownPerson | undefined; at: number; refreshing: boolean };

/**
 * The directory's word on a person, remembered: fresh for `freshMs` (default 1 s), then still used while it is asked again behind the
 * caller's back, but never past `staleMs` (default 30 s), so that a role that was taken away is gone everywhere by then; when
 * the directory cannot be asked, up to `outageMs` (default 10 min), so that people can go on reading while Postgres restarts.
 */
export function createPersonAccess(
  lookup: (personId: string) => Promise<KnownPerson | undefined>,
  { freshMs = 1_000, staleMs = 30_000, outageMs = 600_000, now = () => performance.now() } = {},
): PersonAccess {
  const memory = new LRUCache<string, Remembered>(atMost(20_000));
  const remember = (id: string, person: KnownPerson | undefined): void => void memory.set(id, { person, at: now(), refreshing: false });

  const ask = async (id: string, known: Remembered | undefined): Promise<KnownPerson | undefined> => {
    const began = now();
    try {
      const person = await lookup(id);
      const since = memory.peek(id);
      if (since && since !== known && since.at >= began) return since.person; // learnt meanwhile: newer than what was read
      remember(id, person);
      return person;
    } catch (error) {
      if (known && now() - known.at < outageMs) return known.person;
      throw error;
    }
  };

  return {
    of(id) {
      const known = memory.get(id);
      const age = known ? now() - known.at : Infinity;
      if (!known || age > staleMs) return ask(id, known);
      if (age > freshMs && !known.refreshing) {
        known.refreshing = true;
        void ask(id, known).catch(() => undefined).finally(() => { known.refreshing = false; });
      }
      return known.person;
    },
    learn: remember,
  };
}
