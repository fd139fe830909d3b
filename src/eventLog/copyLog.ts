import { EventStoreError, type EventStore, type EventToAppend, type Position, type RecordedEvent } from '../ports/eventStore.ts';

export type CopyProgress = { copied: number; position: Position };

/** The target holds something that is not the beginning of the source: it is not touched. */
export class NotTheSameLog extends Error {
  override readonly name = 'NotTheSameLog';
}

const mostInOneAppend = 200;
const mostBytes = 512 * 1024;

/**
 * Copies a log event by event: ids, streams, revisions, order, data and metadata stay; positions are the target's own. The target is empty
 * or holds the beginning of the source, as an interrupted copy leaves it: then it goes on where that ended. Appends are at exact
 * revisions, so nothing is ever written twice.
 * @throws NotTheSameLog · EventStoreError when a store is away: call it again
 */
export async function copyLog(source: EventStore, target: EventStore, options: { onProgress?: (progress: CopyProgress) => void; signal?: AbortSignal } = {}): Promise<CopyProgress> {
  const last = await lastEventOf(target);
  let after: Position | undefined;
  if (last) {
    const [same] = await source.readStream(last.stream, { from: last.revision, limit: 1 });
    if (same?.id !== last.id) throw new NotTheSameLog(`the target's last event (${last.stream} revision ${last.revision}) is not in the source`);
    after = same.position;
  }
  let progress: CopyProgress = { copied: 0, position: after ?? '' };
  for await (const page of source.readAll(after === undefined ? {} : { after })) {
    for (const run of runsOf(page)) {
      options.signal?.throwIfAborted();
      await appendRun(target, run);
      progress = { copied: progress.copied + run.length, position: run.at(-1)?.position ?? progress.position };
      options.onProgress?.(progress);
    }
  }
  return progress;
}

/** Neighbours of one stream travel together; an append never reorders the log. */
function* runsOf(page: readonly RecordedEvent[]): Generator<RecordedEvent[]> {
  let run: RecordedEvent[] = [];
  let bytes = 0;
  for (const event of page) {
    const size = JSON.stringify(event.data).length;
    if (run.length > 0 && (run[0]?.stream !== event.stream || run.length >= mostInOneAppend || bytes + size > mostBytes)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) yield run;
}

async function appendRun(target: EventStore, run: readonly RecordedEvent[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  const events = run.map(({ id, type, schemaVersion, data, metadata }): EventToAppend => ({ id, type, schemaVersion, data, metadata }));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await target.append(first.stream, events, { expectedRevision: first.revision === 0 ? 'noStream' : first.revision - 1 });
      if (outcome.outcome === 'appended') return;
      throw new NotTheSameLog(`the target's stream ${first.stream} is at ${outcome.actualRevision}, where ${first.revision - 1} was expected`);
    } catch (error) {
      // The very same append again answers as it did the first time.
      if (!(error instanceof EventStoreError && error.code === 'unknownOutcome') || attempt >= 5) throw error;
    }
  }
}

async function lastEventOf(store: EventStore): Promise<RecordedEvent | undefined> {
  for await (const page of store.readAll({ direction: 'backwards', limit: 1 })) return page[0];
  return undefined;
}
