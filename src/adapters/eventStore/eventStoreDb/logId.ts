import { randomUUID } from 'node:crypto';
import { EventStoreError, type AppendOutcome, type RecordedEvent } from '../../../ports/eventStore.ts';
import { prepareAppend, type PreparedAppend } from './appendRequest.ts';
import { logStream } from './recordedEvents.ts';

type Deps = {
  append(append: PreparedAppend): Promise<AppendOutcome>;
  readStream(stream: string, options: { limit: number }): Promise<RecordedEvent[]>;
};

/**
 * EventStoreDB has no name for a log, so the first who asks gives it one: the id of the only event of a stream that readers
 * leave out. Whoever loses the race reads the winner's.
 */
export async function nameOfLog({ append, readStream }: Deps): Promise<string> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [mark] = await readStream(logStream, { limit: 1 });
    if (mark) return mark.id;
    const id = randomUUID();
    await append(prepareAppend(logStream, [{
      id, type: 'LogNamed', schemaVersion: 1, data: {},
      metadata: { commandId: id, correlationId: id, causationId: id, actor: { id: 'lectern', role: 'system' }, occurredAt: new Date().toISOString() },
    }], 'noStream'));
  }
  throw new EventStoreError('unavailable', 'The event log has no name and takes none.');
}
