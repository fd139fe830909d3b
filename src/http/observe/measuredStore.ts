import type { EventStore } from '../../ports/eventStore.ts';
import type { Metrics } from './metrics.ts';

/** The same store, with its appends counted and timed. */
export const measuredStore = (store: EventStore, metrics: Pick<Metrics, 'append'>): EventStore => ({
  ...store,
  async append(stream, events, options) {
    const began = performance.now();
    try {
      const result = await store.append(stream, events, options);
      metrics.append(result.outcome, events.length, (performance.now() - began) / 1_000);
      return result;
    } catch (error) {
      metrics.append('failed', events.length, (performance.now() - began) / 1_000);
      throw error;
    }
  },
});
