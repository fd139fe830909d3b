/**
 * A process of its own that appends: `node writerProcess.ts <storeModule> <url> <writers> <appends>`. Every writer has a stream
 * of its own and shares a second one with all writers of all processes, where it often loses. Prints a line per append that was
 * acknowledged: `{ position, ids }`.
 */
import { appended, newEvents, newStream, openFrom } from './support.ts';

const [storeModule = '', url = '', writers = '1', appends = '1', shared = 'shared'] = process.argv.slice(2);
const store = await openFrom(storeModule, url);
const report = (position: string, events: readonly { id: string }[]) => process.stdout.write(`${JSON.stringify({ position, ids: events.map(({ id }) => id) })}\n`);

await Promise.all(Array.from({ length: Number(writers) }, async () => {
  const own = newStream('own');
  let revision = -1;
  let sharedRevision = -1;
  for (let i = 0; i < Number(appends); i += 1) {
    const events = newEvents(1 + (i % 3));
    const outcome = await appended(store, own, events, revision < 0 ? 'noStream' : revision);
    revision = outcome.revision;
    report(outcome.position, events);
    const claim = newEvents(1);
    const claimed = await store.append(shared, claim, { expectedRevision: sharedRevision < 0 ? 'noStream' : sharedRevision });
    if (claimed.outcome === 'appended') report(claimed.position, claim);
    sharedRevision = claimed.outcome === 'appended' ? claimed.revision : claimed.actualRevision === 'noStream' ? -1 : claimed.actualRevision;
  }
}));
await store.close();
