/** What a listener is told, by the event's name. */
export type Events = Record<string, unknown>;

export type Emitter<E extends Events> = {
  /** @returns a function that takes the listener away again */
  on<K extends keyof E>(name: K, listener: (value: E[K]) => void): () => void;
  emit<K extends keyof E>(name: K, value: E[K]): void;
};

/** Listeners are called in the order they came. One that throws does not keep the news from the others: its error is thrown outside, where it is seen. */
export function createEmitter<E extends Events>(): Emitter<E> {
  const listeners = new Map<keyof E, Set<(value: never) => void>>();
  return {
    on(name, listener) {
      const own = listeners.get(name) ?? new Set();
      listeners.set(name, own);
      own.add(listener);
      return () => void own.delete(listener);
    },
    emit(name, value) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          (listener as (value: unknown) => void)(value);
        } catch (error) {
          queueMicrotask(() => { throw error; });
        }
      }
    },
  };
}
