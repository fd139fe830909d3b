import { createPostgresEventStore } from '../../src/adapters/eventStore/postgres/eventStore.ts';
import type { Contestant } from '../load.ts';
import { benchEvent } from './event.ts';

export function lectern(url: string, name = 'Lectern'): Contestant {
  const store = createPostgresEventStore({ url });
  return {
    name,
    async append(stream, nth) {
      const answer = await store.append(stream, [benchEvent()], { expectedRevision: nth === 0 ? 'noStream' : nth - 1 });
      if (answer.outcome !== 'appended') throw new Error(`${stream} ${nth}: ${JSON.stringify(answer)}`);
    },
    close: () => store.close(),
  };
}
