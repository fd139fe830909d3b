import { EventStoreError, type EventStore } from '../../../src/ports/eventStore.ts';

/** A process that dies at its n-th append: before it was written, or after it was and before anyone heard of it. From then on nothing gets through. */
export function dyingStore(store: EventStore, { at, written }: { at: number; written: boolean }): { store: EventStore; died: () => boolean } {
  let appends = 0;
  let dead = false;
  const alive = () => {
    if (dead) throw new EventStoreError('unavailable', 'this process is dead');
  };
  return {
    died: () => dead,
    store: {
      ...store,
      async append(stream, events, options) {
        alive();
        appends += 1;
        if (appends !== at) return store.append(stream, events, options);
        if (written) await store.append(stream, events, options);
        dead = true;
        throw new EventStoreError('unknownOutcome', 'this process dies');
      },
      async readStream(stream, options) {
        alive();
        return store.readStream(stream, options);
      },
    },
  };
}

/** Every now and then an append is written, and yet an error comes back; or it is not written at all. `chance`: a number from [0, 1) each time. */
export function unsureStore(store: EventStore, chance: () => number, share = 0.1): EventStore {
  return {
    ...store,
    async append(stream, events, options) {
      const dice = chance();
      if (dice < share / 4) throw new EventStoreError('unavailable', 'nothing was written');
      const outcome = await store.append(stream, events, options);
      if (dice < share) throw new EventStoreError('unknownOutcome', 'written, but nobody says so');
      return outcome;
    },
  };
}
